"""Tools that look at and change media."""
