"""What runs one task: the hold on it, its workspace, its processes."""
