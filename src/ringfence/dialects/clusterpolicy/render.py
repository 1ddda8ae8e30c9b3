"""Write a cluster policy in the version that its value names.

Promises: reading it again gives the equal policy. A value that its version cannot say, and one with a peer or port of
an unknown field, is refused with ValueError.
"""

from ringfence.dialects.clusterpolicy.parts import FORMS, PROTOCOLS, Form, actions
from ringfence.dialects.kubernetes_parts import label_selector_json
from ringfence.model.cluster_policy import (
    ClusterPolicy,
    ClusterRule,
    DomainsPeer,
    NamedPort,
    NamespacesPeer,
    NetworksPeer,
    NodesPeer,
    NumberedPorts,
    Peer,
    PodsPeer,
    Ports,
    UnknownPeer,
    UnknownPorts,
)
from ringfence.model.kubernetes_object import Json, KubernetesObject


def render_cluster_policy(policy: ClusterPolicy) -> KubernetesObject:
    """Return the object of a cluster policy."""
    kind = "ClusterNetworkPolicy" if policy.version == "v1alpha2" else policy.kind
    form = FORMS[kind]
    if form.tier == "Baseline" and policy.priority != 0:
        raise ValueError(f"a {kind} has no priority, so {policy.priority} cannot be written")
    metadata: dict[str, Json] = {"name": policy.name}
    if policy.labels:
        metadata["labels"] = dict(policy.labels)
    if policy.annotations:
        metadata["annotations"] = dict(policy.annotations)
    spec: dict[str, Json] = {} if form.tier is not None else {"tier": policy.tier}
    if form.tier != "Baseline":
        spec["priority"] = policy.priority
    spec["subject"] = _peer(policy.subject)
    if policy.ingress:
        spec["ingress"] = [_rule(rule, "from", form) for rule in policy.ingress]
    if policy.egress:
        spec["egress"] = [_rule(rule, "to", form) for rule in policy.egress]
    return {"apiVersion": form.version, "kind": kind, "metadata": metadata, "spec": spec}


def _rule(rule: ClusterRule, peers: str, form: Form) -> Json:
    written = {action: text for text, action in actions(form).items()}
    if rule.action not in written:
        raise ValueError(f"{rule.action} cannot be written in {form.version}")
    fields: dict[str, Json] = {"name": rule.name} if rule.name else {}
    fields["action"] = written[rule.action]
    fields[peers] = [_peer(peer) for peer in rule.peers]
    if rule.ports:
        fields[form.ports] = [_ports(ports, form) for ports in rule.ports]
    return fields


def _peer(peer: Peer) -> Json:
    match peer:
        case NamespacesPeer(selector):
            return {"namespaces": label_selector_json(selector)}
        case PodsPeer(namespaces, selector):
            return {
                "pods": {
                    "namespaceSelector": label_selector_json(namespaces),
                    "podSelector": label_selector_json(selector),
                }
            }
        case NetworksPeer(nets):
            return {"networks": list(nets)}
        case NodesPeer(selector):
            return {"nodes": label_selector_json(selector)}
        case DomainsPeer(names):
            return {"domainNames": list(names)}
        case UnknownPeer(field):
            raise ValueError(f"a peer of field {field!r} cannot be written")


def _ports(ports: Ports, form: Form) -> Json:
    old = form.tier is not None
    match ports:
        case NamedPort(name):
            return {form.named_port: name}
        case NumberedPorts(protocol) if protocol not in PROTOCOLS:
            raise ValueError(f"ports of protocol {protocol!r} cannot be written")
        case NumberedPorts(protocol, first, last) if old and first == last:
            return {"portNumber": {"protocol": protocol, "port": first}}
        case NumberedPorts(protocol, first, last) if old:
            return {"portRange": {"protocol": protocol, "start": first, "end": last}}
        case NumberedPorts(protocol, first, last):
            port: Json = {"number": first} if first == last else {"range": {"start": first, "end": last}}
            return {protocol.lower(): {"destinationPort": port}}
        case UnknownPorts(field):
            raise ValueError(f"ports of field {field!r} cannot be written")
