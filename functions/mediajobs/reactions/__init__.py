"""The event-woken Lambdas: one file each."""
