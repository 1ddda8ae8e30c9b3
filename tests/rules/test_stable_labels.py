"""Labels that outlive a rollout."""

import pytest

from ringfence.model.labels import Labels
from ringfence.rules.stable_labels import selectable, stable_labels


@pytest.mark.parametrize(
    "key",
    [
        "pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-uid",
        "batch.kubernetes.io/job-name",
        "version",
        "app.kubernetes.io/version",
        "topology.kubernetes.io/zone",
        "projectcalico.org/namespace",
    ],
)
def test_what_a_rollout_a_controller_or_calico_writes_is_no_label_to_rely_on(key: str) -> None:
    """A rule with it would break at the next rollout, or mean something else."""
    assert stable_labels(Labels.of({key: "x", "app": "web"})) == Labels.of({"app": "web"})


@pytest.mark.parametrize(("key", "value"), [("app", "it's"), ("app", 'say "x"'), ("a b", "x"), ("", "x"), ("ä", "x")])
def test_a_text_that_no_selector_can_hold_is_not_selectable(key: str, value: str) -> None:
    """Labels come from files that anybody may have written."""
    assert selectable(Labels.of({key: value})) == Labels()


def test_an_empty_value_is_selectable() -> None:
    """Kubernetes allows it, and so does a selector."""
    assert selectable(Labels.of({"canary": ""})) == Labels.of({"canary": ""})
