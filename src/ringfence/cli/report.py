"""Everything a run of ``recommend`` found: the one value that all its output formats are written from.

Promises: plain values; nothing here is formatted.
"""

from collections.abc import Mapping

from msgspec import Struct

from ringfence.cli.flow_inputs import FlowInputs
from ringfence.delivery.objects import RecommendedObject, kubernetes_objects, recommended_objects
from ringfence.engine.reading import Reading
from ringfence.learning.baseline import Baseline
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.recommend.recommendation import RecommendationSet, Scope


class Report(Struct, frozen=True):
    """``namespaces`` are those that were asked for, None where nobody narrowed the run; ``output_directory`` is where
    policies were written, as the person named it. ``kubernetes`` holds the policies by scope where they are written in
    that dialect.
    """

    inputs: FlowInputs
    reading: Reading
    baseline: Baseline
    recommendations: RecommendationSet
    namespaces: frozenset[str] | None = None
    output_directory: str | None = None
    kubernetes: Mapping[Scope, tuple[KubernetesPolicy, ...]] | None = None

    @property
    def objects(self) -> tuple[RecommendedObject, ...]:
        """Return the objects that are printed and delivered."""
        if self.kubernetes is None:
            return recommended_objects(self.recommendations)
        return kubernetes_objects(each for policies in self.kubernetes.values() for each in policies)


def reason_words(reason: str) -> str:
    """Write a reason of ours as people say it: ``ephemeral-port`` is *ephemeral port*."""
    return reason.replace("-", " ")


def records_sentence(*, read: int, admitted: int, left_out: Mapping[str, int], corrupt: int) -> str:
    """Account for every record that was read, most frequent reason first."""
    ranked = sorted(left_out.items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{reason} {count}" for reason, count in ranked)
    outside = f"left out {sum(left_out.values())}" + (f" ({reasons})" if reasons else "")
    return f"read {read} = admitted {admitted} + {outside} + corrupt {corrupt}"
