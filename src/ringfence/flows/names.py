"""Which names in flows are names that Kubernetes can have: the rule of `model.dns_name`, under its own names."""

from ringfence.model.dns_name import is_dns_label, is_dns_subdomain

__all__ = ["is_dns_label", "is_dns_subdomain"]
