"""What each handler may do and which variables it is told, as data."""
