"""Read the flow logs that a verb was given.

Promises: temporary files of a run are gone when it ends, however it ends; what could not be read is told on standard
error. Reading is the engine's.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ringfence.cli.flow_inputs import FlowInputs
from ringfence.cli.progress import shown_progress
from ringfence.cli.reading_notes import reading_notes
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, Reading


def read_inputs(inputs: FlowInputs) -> Reading:
    """Return the evidence of the flow logs. Raises NothingToReadError when no input could be read at all."""
    with (
        TemporaryDirectory(prefix="ringfence-") as workspace,
        shown_progress(sys.stderr, environment=os.environ) as show,
    ):
        request = FlowRequest(
            inputs=inputs.flows,
            workspace=Path(workspace),
            set_aside=inputs.set_aside,
            format=inputs.format,
            since=inputs.since,
            until=inputs.until,
        )
        reading = read_flows(request, report=show)
    for note in reading_notes(reading):
        sys.stderr.write(f"{note}\n")
    return reading
