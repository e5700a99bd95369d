"""What a task can run: one file a tool, found by its name."""
