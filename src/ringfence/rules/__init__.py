"""From the baseline to policies, as an ordered tuple of passes; naming and splitting come last."""
