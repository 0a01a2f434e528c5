"""Lets writers take turns on SQLite, which has each of many knock again and again while others slip in."""

import fcntl
import os
import threading
import time
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection

# As long as SQLite itself waits for another writer.
WAIT_SECONDS = 20
LOOK_EVERY_SECONDS = 0.0003
# The two bytes of the file that processes lock: the turn itself, and who has it next.
TURN, NEXT = 0, 1
_in_this_process = threading.Lock()


@contextmanager
def write_lock():
    """Hold the turn of this machine's writers; whoever gets none in time is told. Other databases need none."""
    if connection.vendor != "sqlite":
        yield
        return
    give_up_at = time.monotonic() + WAIT_SECONDS
    if not _in_this_process.acquire(timeout=WAIT_SECONDS):
        raise lock_timeout_error()
    try:
        # One thread of each process stands here. A dead process leaves the row: the kernel takes its locks away.
        row = stand_in_row()
        try:
            # Who writes on and on does not come by who is next, although nobody is woken when the turn is free.
            lock(row, NEXT, give_up_at)
            lock(row, TURN, give_up_at)
            fcntl.lockf(row, fcntl.LOCK_UN, 1, NEXT)
            yield
        finally:
            os.close(row)
    finally:
        _in_this_process.release()


def stand_in_row() -> int:
    try:
        return os.open(settings.VAR_DIR / "turns", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise lock_timeout_error() from error


def lock(row: int, byte: int, give_up_at: float) -> None:
    while True:
        try:
            return fcntl.lockf(row, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):
            if time.monotonic() >= give_up_at:
                raise lock_timeout_error() from None
            time.sleep(LOOK_EVERY_SECONDS)


def lock_timeout_error() -> OperationalError:
    return OperationalError("the turn to write did not come")
