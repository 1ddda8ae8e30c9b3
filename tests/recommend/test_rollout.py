"""A rollout changes names of pods and hashes in their labels, and no rule."""

from collections.abc import Sequence
from typing import Final

import msgspec

from ringfence.flows.batch import Record, SightingText
from ringfence.flows.fold import fold
from ringfence.model.policy import Policy
from ringfence.recommend.recommend import recommend
from ringfence.recommend.settings import Settings

START: Final = 1_772_409_600
ALLOWED: Final = '["0|__PROFILE__|__PROFILE__.kns.shop|allow|0"]'


def pods(namespace: str, name: str, *labels: str, hash_: str, known: bool = True) -> SightingText:
    """Return pods of a Deployment as flow logs name them. Without the hash label nothing proves the owner."""
    told = [*labels, f"pod-template-hash={hash_}"] if known else labels
    return SightingText(
        type="wep",
        namespace=namespace,
        name="-",
        name_aggr=f"{name}-{hash_}-*",
        labels=msgspec.json.encode({"labels": sorted(told)}).decode(),
    )


def records(hash_: str, *, known: bool = True, after: int = 0) -> list[Record]:
    """Return what shop says with pods of one template: to payments, to the resolver, and from the internet."""
    web = pods("shop", "web", "app=web", hash_=hash_, known=known)
    ledger = pods("payments", "ledger", "app=ledger", hash_=hash_, known=known)
    dns = pods("kube-system", "coredns", "k8s-app=kube-dns", hash_=hash_, known=known)
    internet = SightingText(type="net", namespace="-", name="-", name_aggr="pub")

    def record(source: SightingText, dest: SightingText, protocol: str, port: int, reporter: str) -> Record:
        return Record(
            source=source,
            dest=dest,
            protocol=protocol,
            dest_port=port,
            reporter=reporter,
            node="a",
            start_time=START + after,
            end_time=START + after + 300,
            policies=ALLOWED,
            packets_in=1,
            packets_out=1,
        )

    return [
        record(web, ledger, "tcp", 8443, "src"),
        record(web, ledger, "tcp", 8443, "dst"),
        record(web, dns, "udp", 53, "src"),
        record(internet, web, "tcp", 8080, "dst"),
    ]


def policies(found: Sequence[Record]) -> list[Policy]:
    """Return the policies that records make."""
    return [policy for item in recommend(fold(found), settings=Settings())[0].items for policy in item.policies]


def test_new_template_hashes_change_nothing() -> None:
    """Neither names nor labels of pods stand in a rule."""
    before = policies(records("7d9f8c6b5"))

    assert policies(records("5c4d7f9b8")) == before
    assert len(before) == 2


def test_in_the_middle_of_a_rollout_the_rules_are_the_same() -> None:
    """Both templates speak at once."""
    during = [*records("7d9f8c6b5"), *records("5c4d7f9b8", after=600)]

    assert policies(during) == policies(records("7d9f8c6b5"))


def test_pods_whose_owner_nothing_proves_change_no_rule_either() -> None:
    """Their names are as seen, so the workloads are others; the namespace and the resolver's label stay."""
    before = records("7d9f8c6b5", known=False)

    assert policies([*before, *records("5c4d7f9b8", known=False, after=600)]) == policies(before)
