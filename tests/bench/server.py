"""Measured servers: processor time, memory, and a client on one persistent connection."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.site import ROOT, Site, free_port

# No worker is restarted during a measurement.
FOR_MEASURING = "--max-requests 0"


def family(pid: int) -> list[int]:
    """Return the ids of a process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def processor_seconds(pid: int) -> float:
    """Return the processor time of a server's processes, all threads together."""
    nanoseconds = 0
    for member in family(pid):
        for schedule in Path(f"/proc/{member}/task").glob("*/schedstat"):
            nanoseconds += int(schedule.read_text().split()[0])
    return nanoseconds / 1e9


def memory_mebibytes(pid: int) -> float:
    """Return a server's memory in MiB, shared pages counted once (PSS)."""
    kibibytes = 0
    for member in family(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes / 1024


class Reader:
    """Requests one URL repeatedly over one connection."""

    def __init__(self, port: int, path: str, **headers: str):
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: text/html"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.address = ("127.0.0.1", port)
        self.connection = socket.create_connection(self.address, timeout=30)

    def read(self) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return status, headers and body of one response; reconnect if the connection was closed."""
        try:
            return self.read_once()
        except ConnectionError:
            self.connection.close()
            self.connection = socket.create_connection(self.address, timeout=30)
            return self.read_once()

    def read_once(self):
        self.connection.sendall(self.request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.receive()
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(line.split(": ", 1)) for line in lines]
        length = int(dict(headers)["Content-Length"])
        while len(body) < length:
            body += self.receive()
        return status.split(" ", 1)[1], headers, body

    def receive(self) -> bytes:
        if part := self.connection.recv(65536):
            return part
        raise ConnectionResetError


def seconds_for_each(pid: int, reader: Reader, count: int) -> float:
    """Return a server's processor seconds per response, measured over `count`."""
    reader.read()
    began = processor_seconds(pid)
    for _number in range(count):
        reader.read()
    return (processor_seconds(pid) - began) / count


@contextmanager
def bare_server(environment: dict[str, str], answer: Path) -> Iterator[tuple[int, int]]:
    """Serve the bytes in `answer` with the same gunicorn configuration; yield (process id, port)."""
    port = free_port()
    command = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [sys.executable, *command, "tests.bench.bare:application"],
        cwd=ROOT,
        env=environment | {"BENCH_ANSWER": str(answer)},
    )
    try:
        give_up_at = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < give_up_at, "the bare server did not start"
                time.sleep(0.1)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


class MeasuredSite(Site):
    """Started as on a server: what is loaded, and the memory for it, is shared with no process of the tests."""

    fork = Site.start


def site_for_measuring(folder: Path, **environment: str) -> MeasuredSite:
    return MeasuredSite(folder, GUNICORN_CMD_ARGS=FOR_MEASURING, PYTHONPATH=str(ROOT), **environment)
