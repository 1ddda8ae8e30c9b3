"""The recipe of docs/snapshot.md: it asks for every kind we read, needs no more rights than it names, and runs."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from ringfence.cluster.kinds import RESOURCES
from ringfence.cluster.snapshot import read_snapshot

PAGE = (Path(__file__).parents[2] / "docs" / "snapshot.md").read_text()
RECIPE = re.search(r"<!-- recipe: begin -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
KUBECTL = """#!/bin/sh
# A cluster without Calico's staged kinds, with one pod and one policy.
case "$2" in
  staged*) echo "error: the server doesn't have a resource type \\"$2\\"" >&2; exit 1 ;;
  pods) cat "$CANNED/pods.json" ;;
  networkpolicies.projectcalico.org) cat "$CANNED/policies.json" ;;
  *) echo '{"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"resourceVersion": ""}}' ;;
esac
"""


def recipe() -> str:
    """Return the script of the page."""
    assert RECIPE is not None
    return RECIPE[1]


def test_the_recipe_asks_for_every_kind_that_is_read() -> None:
    """A kind that nobody asks for would always be missing."""
    asked = re.search(r"for resource in (.*?)\ndo", recipe(), re.DOTALL)

    assert asked is not None
    assert sorted(asked[1].replace("\\", "").split()) == sorted(RESOURCES.values())


def test_the_role_reads_what_the_recipe_asks_for_and_no_secrets() -> None:
    """Least privilege: get and list, of these resources only."""
    text = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert text is not None
    role: Any = yaml.safe_load(text[1])
    granted = {
        f"{resource}.{group}" if group else resource
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        if group != "crd.projectcalico.org" and not resource.startswith("tier.")
    }

    assert granted == set(RESOURCES.values())
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list"}


def test_the_recipe_runs_and_what_it_takes_reads_without_problems(tmp_path: Path) -> None:
    """With a kubectl that answers from canned lists; kinds the cluster lacks are told and are missing."""
    bin_folder, canned = tmp_path / "bin", tmp_path / "canned"
    bin_folder.mkdir()
    canned.mkdir()
    kubectl = bin_folder / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}}
    policy = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {},
    }
    for name, item in (("pods", pod), ("policies", policy)):
        (canned / f"{name}.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [item]}))

    ran = subprocess.run(
        ["/bin/sh", "-c", recipe()],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "CANNED": str(canned)},
        capture_output=True,
        text=True,
        check=True,
    )
    snapshot = read_snapshot(tmp_path / "snapshot")

    assert snapshot.problems == ()
    assert snapshot.objects == 2
    assert snapshot.inventory.missing == {
        "StagedNetworkPolicy",
        "StagedGlobalNetworkPolicy",
        "StagedKubernetesNetworkPolicy",
    }
    assert "not there: stagednetworkpolicies.projectcalico.org" in ran.stderr
