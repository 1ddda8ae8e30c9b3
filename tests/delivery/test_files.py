"""A directory of policy files kept equal to what was recommended."""

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from ringfence.delivery.files import DeliveryRefusedError, deliver_files, planned_files
from ringfence.delivery.place import Place

TIER = Place("tiers", "namespace-isolation")
SHOP = Place("shop", "namespace-isolation.shop")
PAY = Place("pay", "namespace-isolation.pay")


def text_of(place: Place, *, order: int = 1000) -> str:
    """Write a small object of ours as our emitter does."""
    namespace = "" if place.directory == "tiers" else f"  namespace: {place.directory}\n"
    return (
        "metadata:\n  labels:\n    app.kubernetes.io/managed-by: ringfence\n"
        f"  name: {place.name}\n{namespace}spec:\n  order: {order}\n"
    )


def delivered(
    directory: Path, texts: Mapping[Place, str], *, namespaces: frozenset[str] | None = None
) -> dict[str, str]:
    """Deliver and return what happened, by path below the directory."""
    plan = planned_files(texts, directory=directory, namespaces=namespaces)
    return {each.path.relative_to(directory).as_posix(): each.change for each in deliver_files(plan)}


def files_below(directory: Path) -> set[str]:
    """Return all files below a directory."""
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if not path.is_dir()}


def test_a_first_run_creates_every_file_readable_for_all(tmp_path: Path) -> None:
    """The directory is made, one object a file, with the ordinary mode."""
    changes = delivered(tmp_path / "out", {TIER: text_of(TIER), SHOP: text_of(SHOP)})

    assert changes == {
        "shop/namespace-isolation.shop.yaml": "created",
        "tiers/namespace-isolation.yaml": "created",
    }
    assert files_below(tmp_path / "out") == set(changes)
    assert (tmp_path / "out" / str(SHOP)).read_text() == text_of(SHOP)
    assert stat.S_IMODE((tmp_path / "out" / str(SHOP)).stat().st_mode) == 0o644


def test_running_again_changes_nothing(tmp_path: Path) -> None:
    """The same recommendation leaves the same bytes and says so."""
    delivered(tmp_path, {SHOP: text_of(SHOP)})
    before = (tmp_path / str(SHOP)).stat()

    changes = delivered(tmp_path, {SHOP: text_of(SHOP)})

    assert changes == {str(SHOP): "unchanged"}
    assert (tmp_path / str(SHOP)).stat().st_mtime_ns == before.st_mtime_ns


def test_what_changed_is_replaced_and_what_is_gone_is_pruned(tmp_path: Path) -> None:
    """A namespace that is no longer recommended loses its file and its empty directory."""
    delivered(tmp_path, {SHOP: text_of(SHOP), PAY: text_of(PAY)})

    changes = delivered(tmp_path, {SHOP: text_of(SHOP, order=900)})

    assert changes == {str(SHOP): "configured", str(PAY): "pruned"}
    assert (tmp_path / str(SHOP)).read_text() == text_of(SHOP, order=900)
    assert not (tmp_path / "pay").exists()


def test_with_a_namespace_only_its_files_are_pruned(tmp_path: Path) -> None:
    """The tier and other namespaces stay, even where a namespace is named like a directory of ours."""
    tiers = Place("tiers", "namespace-isolation.tiers")
    delivered(tmp_path, {place: text_of(place) for place in (TIER, SHOP, PAY, tiers)})
    (tmp_path / str(tiers)).write_text(text_of(tiers).replace("name: ", "namespace: tiers\n  name: "))

    changes = delivered(tmp_path, {}, namespaces=frozenset({"pay", "tiers"}))

    assert changes == {str(PAY): "pruned", str(tiers): "pruned"}
    assert files_below(tmp_path) == {str(TIER), str(SHOP)}


def test_files_of_others_are_never_pruned(tmp_path: Path) -> None:
    """Only our label makes a file ours; a directory of ours may hold anything else."""
    others = ["shop/README.md", "shop/deny-all.yaml", "kustomization.yaml", "shop/deep/ours.yaml", "x/copied.txt"]
    for each in others:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text("kind: NetworkPolicy\n" if "ours" not in each else text_of(SHOP))

    changes = delivered(tmp_path, {})

    assert changes == {}
    assert files_below(tmp_path) == set(others)


def test_a_file_of_another_in_our_place_stops_everything_and_all_such_are_named(tmp_path: Path) -> None:
    """Nothing is written before every place is known to be ours."""
    for place in (SHOP, PAY):
        (tmp_path / place.directory).mkdir()
        (tmp_path / str(place)).write_text("kind: NetworkPolicy\n")

    with pytest.raises(DeliveryRefusedError) as refused:
        delivered(tmp_path, {place: text_of(place) for place in (TIER, SHOP, PAY)})

    assert str(SHOP) in str(refused.value)
    assert str(PAY) in str(refused.value)
    assert files_below(tmp_path) == {str(SHOP), str(PAY)}
    assert (tmp_path / str(SHOP)).read_text() == "kind: NetworkPolicy\n"


@pytest.mark.parametrize("target", ["shop", str(SHOP)])
def test_a_symbolic_link_in_our_place_is_refused(tmp_path: Path, target: str) -> None:
    """A link could lead anywhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{SHOP.name}.yaml").write_text(text_of(SHOP))
    out = tmp_path / "out"
    (out / target).parent.mkdir(parents=True)
    (out / target).symlink_to(elsewhere if target == "shop" else elsewhere / f"{SHOP.name}.yaml")

    with pytest.raises(DeliveryRefusedError, match="symbolic link"):
        delivered(out, {SHOP: text_of(SHOP, order=1)})

    assert (elsewhere / f"{SHOP.name}.yaml").read_text() == text_of(SHOP)


def test_pruning_does_not_follow_symbolic_links(tmp_path: Path) -> None:
    """A file of ours that is reached through a link is not in a place of ours."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ours.yaml").write_text(text_of(SHOP))
    out = tmp_path / "out"
    out.mkdir()
    (out / "shop").symlink_to(elsewhere)

    assert delivered(out, {}) == {}
    assert (elsewhere / "ours.yaml").exists()


def test_an_output_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The message names it."""
    (tmp_path / "out").write_text("")

    with pytest.raises(DeliveryRefusedError, match="not a directory"):
        delivered(tmp_path / "out", {SHOP: text_of(SHOP)})


def test_a_file_that_is_not_text_is_anothers(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 never carry our label."""
    (tmp_path / "shop").mkdir()
    (tmp_path / str(SHOP)).write_bytes(b"\xff\xfe" + text_of(SHOP).encode())

    with pytest.raises(DeliveryRefusedError, match="without the label"):
        delivered(tmp_path, {SHOP: text_of(SHOP)})
