"""The documents of ``-o json``, one file a kind: what other programs may rely on."""
