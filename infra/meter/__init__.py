"""What a job costs: every AWS call recorded on the local stack, and counted as AWS would bill it."""
