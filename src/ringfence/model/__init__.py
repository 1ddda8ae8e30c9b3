"""Values that several packages share. Promises: frozen, ordered, equal when they mean the same; no I/O, no clock."""
