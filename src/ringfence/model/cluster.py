"""A cluster at a moment: its objects and its policies.

Promises: what the snapshot did not hold is said by the inventory's ``missing``, never guessed.
"""

from msgspec import Struct

from ringfence.model.inventory import Inventory
from ringfence.model.policy_set import PolicySet


class Cluster(Struct, frozen=True):
    """Inventory and policy set of the same moment."""

    inventory: Inventory
    policies: PolicySet
