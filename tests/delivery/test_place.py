"""Where an object stands in the output directory."""

import pytest

from ringfence.delivery.place import Place


def test_a_place_is_a_directory_and_a_yaml_file() -> None:
    """The layout that scripts rely on."""
    assert str(Place("shop", "namespace-isolation.shop")) == "shop/namespace-isolation.shop.yaml"


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("..", "a"),
        ("a/b", "a"),
        ("", "a"),
        ("shop", "../a"),
        ("shop", "a/b"),
        ("shop", ""),
        ("Shop", "a"),
        ("a", "b\n"),
    ],
)
def test_a_name_that_kubernetes_cannot_have_leads_nowhere(directory: str, name: str) -> None:
    """No name from a flow log leads out of the directory."""
    with pytest.raises(ValueError, match=r"no (namespace|object) name"):
        Place(directory, name)
