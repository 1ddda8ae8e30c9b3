"""Tell a record that was picked from a sample of a log, where the line says so.

Promises: reads only what a record itself states, never a guess from how many there are. Calico, Goldmane, Whisker and
Hubble write all that they have; a collector between them and the file may keep one event in so many, and Vector's
``sample`` transform then notes in each event it keeps how many it stands for: ``sample_rate``, a text or a number, as
one in N or as a share. A rate of exactly 1 keeps everything. Source: Vector's reference of the ``sample`` transform.
"""

from typing import Final

from ringfence.flows.left_out import LeftOut

SAMPLING_FIELDS: Final = {"sample_rate": "VARCHAR"}
"""The fields that say so, beside those of the record itself."""

IS_SAMPLED: Final = "sample_rate IS NOT NULL AND try_cast(sample_rate AS DOUBLE) IS DISTINCT FROM 1"
"""SQL that says whether a record with those fields was sampled; a rate that is no number is still a rate."""

STATED_LEFT_OUT: Final = f"CASE WHEN {IS_SAMPLED} THEN '{LeftOut.SAMPLED}' ELSE '' END"
"""SQL of the reason such a record gives to be left out."""
