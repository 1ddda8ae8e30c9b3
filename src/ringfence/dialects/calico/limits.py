"""How much of anything Calico's API takes.

Promises: the numbers of the v3 resource definitions and of Calico's validator, each named once. Whoever makes policies
splits by them; `valid` refuses by them.
"""

from typing import Final

MAX_RULES: Final = 1024
"""Rules in each direction of a policy."""
MAX_PORTS: Final = 50
"""Entries in each list of ports of a rule."""
MAX_NETS: Final = 256
"""Entries in each list of nets of a rule. A network set has no such limit."""
MAX_SELECTOR: Final = 1024
"""Characters of a selector."""
MAX_NAME: Final = 253
"""Characters of a name."""
MAX_LABEL: Final = 63
"""Characters of a DNS label: a tier's name, a namespace, each half of a policy's name."""
MAX_HTTP: Final = 20
"""HTTP methods, and HTTP paths, of a rule."""
MAX_HTTP_PATH: Final = 1024
"""Characters of an HTTP path."""
MAX_INTERFACE_NAME: Final = 15
"""Characters of a network interface's name."""
MAX_OBJECT: Final = 1 << 20
"""Bytes of an object as JSON: what etcd takes by default (1.5 MiB), with room for what the API server adds."""
