"""Learn what Kubernetes workloads say to each other, and recommend the least policy that keeps it working."""

__version__ = "0.1.0"
