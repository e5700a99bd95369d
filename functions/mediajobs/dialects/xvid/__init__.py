"""Xvid MediaHub, version 1."""
