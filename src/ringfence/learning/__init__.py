"""From evidence to the baseline: pair both reporters, admit, and name what is left out."""
