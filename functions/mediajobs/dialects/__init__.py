"""The vendors' APIs that are spoken here, a folder each."""
