"""Who is connected to whom, and why."""
