"""One file a format: SQL text or typed rows onto the frontier of columns."""
