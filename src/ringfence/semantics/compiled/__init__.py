"""What a policy set means, for millions of questions at once: equal to the specification, by class and by word."""
