"""ClusterNetworkPolicy and its predecessors, as policy.networking.k8s.io writes them."""
