"""Tells which files were opened, whoever opened them: the kernel's own word (inotify)."""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_OPENED = 0x20
_HEADER = struct.Struct("iIII")


class FileWatch:
    """Opens since the last look."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def opened(self) -> int:
        """How often one of the files was opened."""
        count = 0
        with suppress(BlockingIOError):
            while data := os.read(self._descriptor, 65536):
                position = 0
                while position < len(data):
                    position += _HEADER.size + _HEADER.unpack_from(data, position)[3]
                    count += 1
        return count


@contextmanager
def watching(files: Iterable[Path]) -> Iterator[FileWatch]:
    """Watch files that nobody may open; only Linux can tell."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells who opens a file")
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert descriptor >= 0
    try:
        for file in files:
            assert libc.inotify_add_watch(descriptor, os.fsencode(file), _OPENED) >= 0, file
        yield FileWatch(descriptor)
    finally:
        os.close(descriptor)
