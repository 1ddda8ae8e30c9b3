"""One file a verb: parse, build a request value, call, print."""
