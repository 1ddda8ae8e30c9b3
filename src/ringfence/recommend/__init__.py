"""Weigh what was learnt: readiness, confidence, gates, and one function that makes recommendations."""
