"""`python -m mediajobs`: the command line."""

from mediajobs.cli.main import main

main()
