"""Sets of traffic: canonical, exact, and the same whether they are intervals or bits."""

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.policy import IcmpMatch
from ringfence.model.port import PortRange, PortSet
from ringfence.semantics.compiled.criteria import OfTraffic
from ringfence.verify.traffic import EVERYTHING, Interval, TrafficSet, number_of
from ringfence.verify.traffic_atoms import TrafficAtoms
from ringfence.verify.traffic_parts import TrafficPart, traffic_parts, traffic_words

NAMED: Final = ("ICMP", "ICMPv6", "SCTP", "TCP", "UDP", "UDPLite")
NUMBERS: Final = (1, 2, 79, 80, 81, 65535)
intervals = st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)).map(lambda each: (min(each), max(each)))
pieces = st.one_of(
    st.builds(TrafficSet.of, st.sampled_from(["TCP", "UDP"]), st.none() | intervals, st.none() | intervals),
    st.builds(TrafficSet.of, st.just("ICMP"), st.sampled_from([None, (8, 8), (0, 7)]), st.sampled_from([None, (0, 0)])),
    st.builds(TrafficSet.of, st.sampled_from(["47", "50", "51"])),
)


@st.composite
def traffic(draw: st.DrawFn) -> TrafficSet:
    """Return a union of pieces, perhaps turned round."""
    found = TrafficSet()
    for each in draw(st.lists(pieces, max_size=4)):
        found = found | each
    return EVERYTHING - found if draw(st.booleans()) else found


def points(one: TrafficSet) -> set[tuple[str, int, int]]:
    """Return which of some single connections are in a set, each asked of its boxes in the plainest way."""
    asked = [(protocol, first, second) for protocol in ("TCP", "UDP") for first in NUMBERS for second in NUMBERS]
    asked += [("ICMP", first, second) for first in (0, 7, 8, 9) for second in (0, 1)]
    asked += [(protocol, 0, 0) for protocol in ("47", "50", "51", "52")]
    return {each for each in asked if any(_is_in(each, *_sides(box)) for box in one.boxes())}


def _sides(box: object) -> tuple[Interval, Interval, Interval]:
    return box.protocols, box.first_axis, box.second_axis  # type: ignore[attr-defined]  # a Box


def _is_in(point: tuple[str, int, int], *sides: Interval) -> bool:
    numbers = (number_of(point[0]), point[1], point[2])
    return all(first <= number <= last for number, (first, last) in zip(numbers, sides, strict=True))


@pytest.mark.parametrize(
    ("operation", "meaning"),
    [
        (TrafficSet.__or__, set.__or__),
        (TrafficSet.__and__, set.__and__),
        (TrafficSet.__sub__, set.__sub__),
    ],
    ids=["or", "and", "minus"],
)
@given(one=traffic(), other=traffic())
def test_operations_are_those_of_sets(
    operation: Callable[[TrafficSet, TrafficSet], TrafficSet],
    meaning: Callable[[set[object], set[object]], set[object]],
    one: TrafficSet,
    other: TrafficSet,
) -> None:
    """Point by point, at every bound."""
    assert points(operation(one, other)) == meaning(points(one), points(other))  # type: ignore[arg-type]  # sets of points


@given(traffic(), traffic())
def test_equal_sets_are_equal_however_they_were_made(one: TrafficSet, other: TrafficSet) -> None:
    """Three ways to the same set: equal, and equal as keys."""
    direct = one | other
    by_parts = (one - other) | (other - one) | (one & other)
    by_complement = EVERYTHING - ((EVERYTHING - one) & (EVERYTHING - other))

    assert direct == by_parts == by_complement
    assert len({direct, by_parts, by_complement}) == 1


@given(traffic())
def test_a_set_is_within_everything_and_not_beyond_itself(one: TrafficSet) -> None:
    """Inclusion is what operations say."""
    assert one <= EVERYTHING
    assert TrafficSet() <= one
    assert (EVERYTHING - one == TrafficSet()) == (one == EVERYTHING)


PORTS: Final = (PortSet.of([80]), PortSet.of([PortRange(1, 79), 81]), PortSet.of([PortRange(79, 65535)]))
criteria = st.builds(
    OfTraffic,
    protocol=st.sampled_from([None, "TCP", "UDP", "ICMP", "47"]),
    not_protocol=st.sampled_from([None, "TCP", "50"]),
    icmp=st.sampled_from([None, IcmpMatch(8), IcmpMatch(8, 0)]),
    ports=st.sampled_from([None, *PORTS]),
    not_ports=st.sampled_from([None, *PORTS]),
    source_ports=st.sampled_from([None, *PORTS[:2]]),
)


@given(st.lists(criteria, min_size=2, max_size=5))
def test_bits_are_the_same_algebra(some: list[OfTraffic]) -> None:
    """Union, intersection and difference of atoms are those of the sets that they stand for."""
    atoms = TrafficAtoms(some, [])
    one, other = (atoms.of(each) for each in some[:2])
    sets = atoms.traffic(one), atoms.traffic(other)

    assert atoms.traffic(one | other) == sets[0] | sets[1]
    assert atoms.traffic(one & other) == sets[0] & sets[1]
    assert atoms.traffic(one & ~other) == sets[0] - sets[1]
    assert atoms.traffic(atoms.everything) == EVERYTHING


@given(criteria)
def test_a_witness_is_in_its_set(criterion: OfTraffic) -> None:
    """Whatever a rule asks for, an example of it matches."""
    atoms = TrafficAtoms([criterion], [])
    bits = atoms.of(criterion)
    if not bits:
        return
    example = atoms.witness(bits)

    first = example.source_port if example.icmp is None else example.icmp.type
    second = example.port if example.icmp is None else example.icmp.code
    sides = (None, None) if first is None or second is None else ((first, first), (second, second))
    assert TrafficSet.of(example.protocol, *sides) <= atoms.traffic(bits)


def test_what_lies_between_bounds_is_no_set_of_atoms() -> None:
    """A port that nobody named when atoms were made would be rounded; it is an error."""
    atoms = TrafficAtoms([OfTraffic(protocol="TCP", ports=PortSet.of([80]))], [])

    with pytest.raises(ValueError, match="not made of atoms"):
        atoms.port("TCP", 443)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (EVERYTHING, "all"),
        (TrafficSet(), "nothing"),
        (TrafficSet.of("TCP", None, (80, 90)) | TrafficSet.of("UDP", None, (53, 53)), "TCP 80:90; UDP 53"),
        (EVERYTHING - TrafficSet.of("TCP", None, (23, 23)), "all but TCP 23"),
        (TrafficSet.of("TCP", (1, 1023), (22, 22)), "TCP 22 from 1:1023"),
        (TrafficSet.of("ICMP", (8, 8), (0, 0)) | TrafficSet.of("ICMP", (3, 3)), "ICMP type 3,type 8 code 0"),
        (EVERYTHING - TrafficSet.of("TCP"), "all but TCP"),
    ],
)
def test_a_set_in_words(one: TrafficSet, words: str) -> None:
    """The shorter of what is in it and what is not."""
    assert traffic_words(one, NAMED) == words


@given(traffic())
def test_parts_are_the_set(one: TrafficSet) -> None:
    """Read back, the entries of all protocols that are told apart are what they were made of."""
    protocols = (*NAMED, "47", "50", "51", "52")
    found = TrafficSet()
    for part in traffic_parts(one, protocols):
        found = found | _read(part)
    named = TrafficSet()
    for protocol in protocols:
        named = named | TrafficSet.of(protocol)

    assert found == one & named


def _read(part: TrafficPart) -> TrafficSet:
    if part.types is not None:
        boxes = list(part.types)
    else:
        boxes = [(source, port) for source in part.source_ports or (None,) for port in part.ports or (None,)]
    found = TrafficSet()
    for first, second in boxes:
        found = found | TrafficSet.of(part.protocol, first, second)
    return found
