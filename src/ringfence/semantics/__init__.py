"""What a policy set means for one question. Promises: exact, pure, and uncertain where the input does not tell."""
