"""Give back the v3 form of an object that was read as Calico stores it.

Promises: objects of other API versions are returned as they are. A stored object (``crd.projectcalico.org/v1``) gets
the metadata that Calico keeps for it in an annotation, or its own where there is no such annotation.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from ringfence.dialects.calico.render import API_VERSION
from ringfence.dialects.members import record_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json, KubernetesObject

STORED_API_VERSION: Final = "crd.projectcalico.org/v1"
METADATA_ANNOTATION: Final = "projectcalico.org/metadata"

_FROM_ANNOTATION: Final = ("labels", "annotations")
"""Members that the annotation holds whole: the stored ones are not merged in."""


def is_stored(obj: KubernetesObject) -> bool:
    """Say whether an object is in the form in which Calico stores it."""
    return obj.get("apiVersion") == STORED_API_VERSION


def v3_form(obj: KubernetesObject) -> KubernetesObject | Problem:
    """Return a stored object as the API would give it out, or why its metadata cannot be read."""
    if not is_stored(obj):
        return obj
    metadata = record_of(obj, "metadata")
    annotation = record_of(metadata, "annotations").get(METADATA_ANNOTATION)
    if annotation is None:
        return {**obj, "apiVersion": API_VERSION}
    true_metadata = _decoded(annotation)
    if true_metadata is None:
        path = f"metadata.annotations['{METADATA_ANNOTATION}']"
        return Problem(path, "is no JSON object, so the object has no metadata", "Felix")
    stored = {name: value for name, value in metadata.items() if name not in _FROM_ANNOTATION}
    given = {name: value for name, value in true_metadata.items() if value is not None}
    return {**obj, "apiVersion": API_VERSION, "metadata": {**stored, **given}}


def _decoded(annotation: Json) -> Mapping[str, Json] | None:
    if not isinstance(annotation, str):
        return None
    try:
        value: Json = msgspec.json.decode(annotation)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None
