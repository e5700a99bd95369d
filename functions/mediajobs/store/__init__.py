"""The only code that touches the jobs table."""
