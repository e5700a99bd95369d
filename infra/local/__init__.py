"""Local mode: the deployed templates, in an emulator on this machine."""
