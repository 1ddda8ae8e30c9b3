"""Read what a verb was given: flow logs, and the snapshot, settings and decisions beside them.

Promises: temporary files of a run are gone when it ends, however it ends; what could not be read is told on standard
error. Small files are read first, so that a slip in them is told before the flows are read. Reading is the engine's.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec import Struct

from ringfence.cli.flow_inputs import FlowInputs
from ringfence.cli.progress import shown_progress
from ringfence.cli.reading_notes import reading_notes
from ringfence.cli.snapshot_input import read_cluster, say_problems
from ringfence.cli.terminal import safe_text
from ringfence.engine.decisions_file import read_decisions
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, Reading
from ringfence.engine.settings_file import WrittenSettings, read_settings
from ringfence.engine.time_zones import time_zones
from ringfence.engine.written_file import WrittenFileError
from ringfence.flows.directory import Directory
from ringfence.learning.baseline import Baseline
from ringfence.learning.decisions import NO_DECISIONS, Decisions
from ringfence.model.cluster import Cluster
from ringfence.recommend.history import NO_ZONES
from ringfence.recommend.recommend import Grain, recommend
from ringfence.recommend.recommendation import RecommendationSet
from ringfence.recommend.settings import Settings


class ReadInputs(Struct, frozen=True):
    """What was read. ``cluster`` is None without a snapshot."""

    reading: Reading
    cluster: Cluster | None
    settings: Settings
    decisions: Decisions

    def recommend(
        self, namespaces: frozenset[str] | None = None, *, grain: Grain | None = None
    ) -> tuple[RecommendationSet, Baseline]:
        """Return the recommendations of what was read, and the baseline they come from."""
        return recommend(
            self.reading.table,
            settings=self.settings,
            namespaces=namespaces,
            cluster=self.cluster,
            decisions=self.decisions,
            zones=NO_ZONES if self.cluster is None else time_zones(self.cluster.inventory),
            grain=grain,
        )


def read_inputs(inputs: FlowInputs) -> ReadInputs:
    """Return what the arguments name. Raises NothingToReadError when no flow log could be read at all, and
    click.ClickException for a snapshot, settings or decisions that cannot be taken.
    """
    settings, decisions = _written(inputs)
    cluster = None
    if inputs.snapshot is not None:
        cluster, problems = read_cluster(inputs.snapshot)
        say_problems(problems)
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
            directory=None if cluster is None else Directory(cluster.inventory),
        )
        reading = read_flows(request, report=show)
    for note in reading_notes(reading):
        sys.stderr.write(f"{note}\n")
    return ReadInputs(reading, cluster, settings, decisions)


def _written(inputs: FlowInputs) -> tuple[Settings, Decisions]:
    """Return what people wrote, the defaults where they wrote nothing."""
    try:
        written = WrittenSettings(Settings()) if inputs.settings is None else read_settings(inputs.settings)
        decisions = NO_DECISIONS if inputs.decisions is None else read_decisions(inputs.decisions)
    except WrittenFileError as error:
        raise click.ClickException(safe_text(str(error))) from error
    for note in written.notes:
        sys.stderr.write(f"note: {inputs.settings}: {note}\n")
    return written.settings, decisions
