"""One reason why Calico refuses an object."""

from typing import Literal

from msgspec import Struct

RefusedBy = Literal["API", "Felix"]


class Problem(Struct, frozen=True, order=True):
    """What is wrong, and where: ``path`` is such as ``spec.ingress[0].source.nets[1]``.

    ``API``: the API server or calicoctl refuses it, but an object that got past them is applied as it stands.
    ``Felix``: the dataplane refuses it as well, so a stored object counts as absent.
    """

    path: str
    reason: str
    refused_by: RefusedBy = "API"
