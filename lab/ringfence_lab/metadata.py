"""Metadata of made-up Kubernetes objects.

Promises: an object's uid follows from its kind, namespace and name alone, so that references between objects hold
without a registry.
"""

from hashlib import sha256
from typing import Any, Final

Object = dict[str, Any]

CREATED: Final = "2026-01-15T08:00:00Z"


def uid(kind: str, namespace: str | None, name: str) -> str:
    """Return the uid of an object."""
    digest = sha256(f"{kind}/{namespace or ''}/{name}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def metadata(
    kind: str,
    namespace: str | None,
    name: str,
    *,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    owner: tuple[str, str, str] | None = None,
    created: str = CREATED,
) -> Object:
    """Return an object's metadata; ``owner`` is apiVersion, kind and name of who controls it."""
    written: Object = {"name": name}
    if namespace is not None:
        written["namespace"] = namespace
    written |= {"uid": uid(kind, namespace, name), "creationTimestamp": created}
    if labels:
        written["labels"] = labels
    if annotations:
        written["annotations"] = annotations
    if owner is not None:
        version, owner_kind, owner_name = owner
        written["ownerReferences"] = [
            {
                "apiVersion": version,
                "kind": owner_kind,
                "name": owner_name,
                "uid": uid(owner_kind, namespace if owner_kind != "Node" else None, owner_name),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]
    return written
