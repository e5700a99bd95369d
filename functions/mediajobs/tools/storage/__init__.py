"""Tools that move files between a job and the world."""
