"""Our shapes against the resource definitions that Calico ships: the same fields, types and limits."""

from collections.abc import Iterator
from typing import Any

import pytest

from ringfence.dialects.calico.schema import OBJECTS
from ringfence.dialects.calico.shape import (
    Anything,
    Choice,
    Flag,
    Integer,
    IntegerOrText,
    Items,
    Number,
    Record,
    Shape,
    Text,
    Texts,
)

STRICTER = {
    "policyTypes[]": "the definition leaves the values to Kubernetes",
    "endPort": "the definition leaves the range to Kubernetes",
    "operator": "the definition leaves the values to Kubernetes",
}


def differences(shape: Shape, schema: dict[str, Any], *, path: str) -> Iterator[str]:  # noqa: C901
    """Yield where a shape says something else than an OpenAPI schema."""
    told: object
    match shape:
        case Anything():
            return
        case Flag():
            told, wanted = "boolean", schema.get("type")
        case Number():
            told, wanted = "number", schema.get("type")
        case IntegerOrText():
            told, wanted = True, schema.get("x-kubernetes-int-or-string")
        case Integer(lowest, highest):
            told, wanted = (lowest, highest), (schema.get("minimum"), schema.get("maximum"))
        case Text(longest):
            told, wanted = ("string", longest, None), (schema.get("type"), schema.get("maxLength"), schema.get("enum"))
        case Choice(values):
            told, wanted = (
                set(values),
                set(schema["allOf"][-1]["enum"] if "allOf" in schema else schema.get("enum", ())),
            )
        case Texts():
            told, wanted = {"type": "string"}, strip(schema.get("additionalProperties", {}))
        case Items(item, fewest, most, unique):
            told = fewest, most, unique
            wanted = schema.get("minItems", 0), schema.get("maxItems"), schema.get("x-kubernetes-list-type") == "set"
            yield from differences(item, schema.get("items", {}), path=f"{path}[]")
        case Record(members, required):
            told, wanted = (set(members), set(required)), (set(schema["properties"]), set(schema.get("required", ())))
            for name in set(members) & set(schema["properties"]):
                yield from differences(members[name], schema["properties"][name], path=f"{path}.{name}")
    if told != wanted and path.rsplit(".", 1)[-1] not in STRICTER:
        yield f"{path}: {told} is not {wanted}"


def strip(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without its prose."""
    return {key: value for key, value in schema.items() if key != "description"}


@pytest.mark.shared
@pytest.mark.parametrize("kind", OBJECTS)
def test_a_shape_agrees_with_calicos_definition(schemas: dict[str, dict[str, Any]], kind: str) -> None:
    """Every field, its type, its limits and its enumeration."""
    schema = schemas[kind]

    spec_shape = OBJECTS[kind].members["spec"]

    assert sorted(differences(spec_shape, schema["properties"]["spec"], path="spec")) == []
    assert set(schema["properties"]) | {"status"} == set(OBJECTS[kind].members)
