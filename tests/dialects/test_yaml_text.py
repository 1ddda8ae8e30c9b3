"""YAML as others read it: two readers, one of YAML 1.1 and one of 1.2, get back what was written."""

from typing import Any

import pytest
import yaml
import yaml_rs
from hypothesis import example, given
from hypothesis import strategies as st

from ringfence.dialects.yaml_text import LONGEST_KEY, yaml_text
from ringfence.model.kubernetes_object import KubernetesObject

TRAPS = (
    "on",
    "Off",
    "YES",
    "n",
    "y",
    "true",
    "null",
    "Null",
    "~",
    "1",
    "0x1F",
    "0o17",
    "017",
    "1_000",
    "1:20",
    "80:90",
    "1.5",
    ".5",
    "1e3",
    "+1",
    ".inf",
    ".NaN",
    "2026-03-02",
    "=",
    "<<",
    "-",
    "?",
    "!",
    "&",
    "*",
    "|",
    ">",
    "@",
    "`",
    "%",
    "'",
    '"',
    "#",
    "a:",
    "a:b",
    ":a",
    "-a",
    "---",
    "...",
    "[a]",
    "{a}",
    "a,",
    ",a",
    "has(app)",
    "10.0.0.0/8",
    "2001:db8::/32",
    "::/0",
    "http://a/b",
)
SPACED = (
    "",
    " ",
    " a",
    "a ",
    "a #b",
    "a# b",
    "a : b",
    "a: b",
    "- a",
    "a\tb",
    "a\nb",
    "a\n",
    "\ufeffa",
    "é",
    "😀",
    "\x85",
)
TEXTS = st.one_of(st.text(max_size=12), st.text("ab:#-'\" \\{}[]!&*\n", max_size=8), st.sampled_from((*TRAPS, *SPACED)))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=12)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)


@given(OBJECTS)
@example({text: text for text in (*TRAPS, *SPACED)})
@example({"a": [[[], {}, [{"b": [1]}]], {"c": {"d": {}}}]})
@example({"a": [1e16, 1e-7, 5e-324, -0.0, 10**30]})
def test_a_yaml_1_1_reader_gets_back_what_was_written(obj: dict[str, Any]) -> None:
    """Law: PyYAML reads the object, types included."""
    again = yaml.safe_load(yaml_text(obj))

    assert again == obj
    assert repr(again) == repr(obj)


@given(OBJECTS)
@example({text: text for text in (*TRAPS, *SPACED)})
@example({"a": [[[], {}, [{"b": [1]}]], {"c": {"d": {}}}]})
def test_a_yaml_1_2_reader_gets_back_what_was_written(obj: dict[str, Any]) -> None:
    """Law: yaml-rs reads the object."""
    again = yaml_rs.loads(yaml_text(obj), parse_datetime=False)

    assert again == obj


@given(OBJECTS)
def test_only_lines_of_printable_ascii_are_written(obj: dict[str, Any]) -> None:
    """Law: no control character of an annotation reaches a terminal, and the text ends with one line break."""
    text = yaml_text(obj)

    assert all(" " <= character <= "~" for character in text.replace("\n", ""))
    assert text.endswith("\n")
    assert "\n\n" not in text


def test_an_object_reads_like_one_written_by_hand() -> None:
    """Block style, two spaces, quotes only where a reader needs them."""
    obj: KubernetesObject = {
        "kind": "StagedNetworkPolicy",
        "metadata": {"name": "shop", "annotations": {}},
        "spec": {
            "order": 1000,
            "selector": "projectcalico.org/namespace == 'shop' && !(app == 'web')",
            "ingress": [
                {"action": "Pass", "destination": {"ports": [8080, "80:90"], "nets": ["10.0.0.0/8"]}},
                {"action": "Pass", "source": {"selector": "!has(app)", "namespaceSelector": "!(app == 'web')"}},
            ],
            "types": [],
            "note": "yes",
        },
    }

    text = yaml_text(obj)

    assert text == (
        "kind: StagedNetworkPolicy\n"
        "metadata:\n"
        "  name: shop\n"
        "  annotations: {}\n"
        "spec:\n"
        "  order: 1000\n"
        "  selector: projectcalico.org/namespace == 'shop' && !(app == 'web')\n"
        "  ingress:\n"
        "    - action: Pass\n"
        "      destination:\n"
        "        ports:\n"
        "          - 8080\n"
        "          - '80:90'\n"
        "        nets:\n"
        "          - 10.0.0.0/8\n"
        "    - action: Pass\n"
        "      source:\n"
        "        selector: '!has(app)'\n"
        "        namespaceSelector: \"!(app == 'web')\"\n"
        "  types: []\n"
        "  note: 'yes'\n"
    )


@pytest.mark.parametrize("word", ["y", "N", "yes", "No", "on", "OFF", "True", "false", "null", "Null"])
def test_a_word_that_some_reader_takes_for_a_value_is_quoted(word: str) -> None:
    """YAML 1.1 as it was written has more of them than the readers of the laws above know."""
    assert yaml_text({"a": word, word: "a"}) == f"a: '{word}'\n'{word}': a\n"


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_does_not_have_is_refused(number: float) -> None:
    """Otherwise the API server would refuse the file, with a worse message."""
    with pytest.raises(ValueError, match="is no JSON number"):
        yaml_text({"order": number})


def test_a_key_that_readers_cannot_take_is_refused() -> None:
    """YAML limits a key on one line."""
    longest = {"k" * LONGEST_KEY: 1}

    assert yaml.safe_load(yaml_text(longest)) == longest
    with pytest.raises(ValueError, match="a key of 1001 characters"):
        yaml_text({"k" * (LONGEST_KEY + 1): 1})
