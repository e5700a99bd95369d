"""The command line: for those who live in a terminal, and for those who run a deployment."""
