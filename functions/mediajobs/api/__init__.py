"""The HTTP endpoints: one file, one Lambda."""
