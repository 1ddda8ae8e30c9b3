"""The cluster's objects, from files: what kubectl wrote becomes an inventory and a policy set."""
