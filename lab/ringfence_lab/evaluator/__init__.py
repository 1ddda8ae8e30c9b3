"""A second reading of Calico's documents, so that the laboratory can contradict the engine.

Promises: selectors, labels, order, tiers, rules and profiles as Calico v3.32 and later documents them, from objects as
people write them. Nothing here is shared with `ringfence`, or each would only agree with itself. Entry points:
`cluster.Cluster`, `evaluate.evaluate`, `cluster.unsupported`.
"""
