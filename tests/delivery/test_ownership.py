"""Whose a file is, judged from its text."""

import pytest

from ringfence.delivery.ownership import OwnedFile, owned_file

OURS = """apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata:
  annotations:
    ringfence.io/scope: namespace
  labels:
    app.kubernetes.io/managed-by: ringfence
    projectcalico.org/tier: namespace-isolation
  name: namespace-isolation.shop
  namespace: shop
spec:
  tier: namespace-isolation
"""


def test_a_file_with_our_label_is_ours_and_tells_its_namespace() -> None:
    """The label in metadata decides, whatever the name of the file."""
    assert owned_file(OURS) == OwnedFile("shop")


def test_a_file_that_git_or_a_formatter_touched_is_still_ours() -> None:
    """Line ends of Windows, quotes, a comment and a document mark do not change whose the file is."""
    touched = "---\n" + OURS.replace("by: ringfence", "by: 'ringfence' # keep").replace("\n", "\r\n")

    assert owned_file(touched) == OwnedFile("shop")


def test_a_cluster_scoped_file_has_no_namespace() -> None:
    """A tier belongs to no namespace, so pruning one namespace never removes it."""
    assert owned_file(OURS.replace("  namespace: shop\n", "")) == OwnedFile(None)


@pytest.mark.parametrize(
    "theirs",
    [
        OURS.replace("    app.kubernetes.io/managed-by: ringfence\n", ""),
        OURS.replace("managed-by: ringfence", "managed-by: helm"),
        OURS.replace("managed-by: ringfence", "managed-by: ringfence-fork"),
        OURS.replace("    app.kubernetes.io", "    # app.kubernetes.io"),
        OURS.replace("  labels:", "  annotations:"),
        OURS.replace("metadata:", "template:"),
        OURS + "---\nkind: Secret\n",
        "metadata:\n  annotations:\n    note: |\n      labels:\n        app.kubernetes.io/managed-by: ringfence\n",
        "metadata: {labels: {app.kubernetes.io/managed-by: ringfence}}\n",
        "items:\n- metadata:\n    labels:\n      app.kubernetes.io/managed-by: ringfence\n",
        "",
    ],
)
def test_a_file_that_is_not_certainly_ours_is_anothers(theirs: str) -> None:
    """In doubt nothing is overwritten."""
    assert owned_file(theirs) is None
