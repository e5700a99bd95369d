"""Dolby.io Media: `/media/…` and its token endpoint."""
