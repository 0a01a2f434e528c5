"""Writers on SQLite wait for each other, in one process and between processes."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import OperationalError

from clinic.database import write_lock as locking
from clinic.database.write_lock import write_lock

HOLD = """
import fcntl, os, sys
fcntl.lockf(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _sqlite(monkeypatch):
    monkeypatch.setattr(locking, "connection", SimpleNamespace(vendor="sqlite"))


def test_threads_write_one_after_the_other():
    inside, most = [], []

    def write():
        for _number in range(20):
            with write_lock():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (max(most), len(most)) == (1, 160)


@pytest.fixture
def other_process():
    """Another process that holds the lock, until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, settings.VAR_DIR / "write.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        yield other
        other.kill()


def test_another_process_is_waited_for_and_its_death_releases_the_lock(other_process):
    has_it = threading.Event()

    def write():
        with write_lock():
            has_it.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not has_it.wait(0.3)
    other_process.kill()
    assert has_it.wait(30)
    thread.join(30)


def test_a_lock_that_another_thread_keeps_is_an_error_of_the_database_in_time(monkeypatch):
    monkeypatch.setattr(locking, "WAIT_SECONDS", 0.01)
    with write_lock(), pytest.raises(OperationalError), write_lock():
        raise AssertionError("two held the lock")


def test_a_lock_that_another_process_keeps_is_one_for_all_who_wait_together(monkeypatch, other_process):
    monkeypatch.setattr(locking, "WAIT_SECONDS", 0.5)

    def write(_number):
        began = time.monotonic()
        with pytest.raises(OperationalError), write_lock():
            raise AssertionError("two held the lock")
        return time.monotonic() - began

    with ThreadPoolExecutor(8) as crowd:
        assert max(crowd.map(write, range(8))) < 5


def test_a_lock_file_that_cannot_be_opened_is_one_as_well(monkeypatch, tmp_path):
    monkeypatch.setattr(locking, "settings", SimpleNamespace(VAR_DIR=tmp_path / "missing"))
    with pytest.raises(OperationalError), write_lock():
        raise AssertionError("held no lock")


def test_an_error_inside_releases_the_lock():
    for _number in range(2):
        with pytest.raises(ZeroDivisionError), write_lock():
            1 / 0  # noqa: B018
