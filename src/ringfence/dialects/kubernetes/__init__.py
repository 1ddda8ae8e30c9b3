"""Kubernetes' own NetworkPolicy, as networking.k8s.io/v1 writes it."""
