"""Where decided policies go."""
