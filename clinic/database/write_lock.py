"""Serialises writers on SQLite, whose own waiting is not fair: each of many retries while later ones overtake it."""

import fcntl
import os
import threading
import time
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection

# As long as SQLite itself waits for another writer.
WAIT_SECONDS = 20
POLL_SECONDS = 0.0003
# The two bytes of the lock file that processes lock: the right to write, and the right to be the next to get it.
WRITE, NEXT = 0, 1
_thread_lock = threading.Lock()


@contextmanager
def write_lock():
    """Hold the write lock of this machine; OperationalError when it is not free in time. Only SQLite needs it."""
    if connection.vendor != "sqlite":
        yield
        return
    give_up_at = time.monotonic() + WAIT_SECONDS
    if not _thread_lock.acquire(timeout=WAIT_SECONDS):
        raise timeout_error()
    try:
        # One thread of each process comes here. The kernel releases the locks of a process that dies.
        descriptor = open_lock_file()
        try:
            # NEXT keeps the process that just wrote from overtaking the one that polls for WRITE.
            lock(descriptor, NEXT, give_up_at)
            lock(descriptor, WRITE, give_up_at)
            fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, NEXT)
            yield
        finally:
            os.close(descriptor)
    finally:
        _thread_lock.release()


def open_lock_file() -> int:
    try:
        return os.open(settings.VAR_DIR / "write.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise timeout_error() from error


def lock(descriptor: int, byte: int, give_up_at: float) -> None:
    while True:
        try:
            return fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):
            if time.monotonic() >= give_up_at:
                raise timeout_error() from None
            time.sleep(POLL_SECONDS)


def timeout_error() -> OperationalError:
    return OperationalError("timed out waiting for the write lock")
