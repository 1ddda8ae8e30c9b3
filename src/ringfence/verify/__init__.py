"""What a policy set means for all questions: what a change of policies does to every edge that was ever seen."""
