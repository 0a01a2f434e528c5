"""Lets writers take turns on SQLite, which has each of many knock again and again while others slip in."""

import fcntl
import os
import threading
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection

# As long as SQLite itself waits for another writer.
WAIT_SECONDS = 20
_in_this_process = threading.Lock()


@contextmanager
def in_turn():
    """Hold the turn of this machine's writers; whoever came first is next. Other databases need none."""
    if connection.vendor != "sqlite":
        yield
        return
    if not _in_this_process.acquire(timeout=WAIT_SECONDS):
        raise OperationalError("the turn to write did not come")
    try:
        # One of each process stands in the kernel's queue; a dead process leaves it. Nothing is written.
        folder = os.open(settings.VAR_DIR, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
    finally:
        _in_this_process.release()
