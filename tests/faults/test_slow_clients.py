"""Hundreds of connections that trickle byte by byte: the patients beside them are served."""

import http.client
import socket
import ssl
import threading
import time

import pytest

from tests.front import BEHIND, NAME, Front
from tests.site import Site

pytestmark = pytest.mark.faults

SLOW_CONNECTIONS = 400
VISITS = 60
HEAD = f"GET /it/ HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: "
BODY = f"POST /it/contatti/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 5000\r\n\r\nmessage="


class SlowClients:
    """Half of them never finish their headers, half their body; whoever is thrown out comes back."""

    def __init__(self, port, *, tls):
        self.port, self.tls = port, tls
        self.connections: list[socket.socket | None] = [None] * SLOW_CONNECTIONS
        self.thrown_out, self.all_there, self._stop = 0, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._trickle, daemon=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE

    def __enter__(self):
        self._thread.start()
        assert self.all_there.wait(120)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _open(self, number):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=5, source_address=("127.0.0.2", 0))
        try:
            if self.tls:
                connection = self._context.wrap_socket(connection, server_hostname=NAME)
            connection.sendall((HEAD if number % 2 else BODY).encode())
        except OSError:
            connection.close()
            raise
        return connection

    def _trickle(self):
        while not self._stop.is_set():
            for number, connection in enumerate(self.connections):
                if self._stop.is_set():
                    break
                try:
                    if connection is None:
                        self.connections[number] = self._open(number)
                    else:
                        connection.send(b"x")
                except OSError:
                    self.thrown_out += 1
                    if connection:
                        connection.close()
                    self.connections[number] = None
            self.all_there.set()
            self._stop.wait(0.5)
        for connection in filter(None, self.connections):
            connection.close()


def visit(connect):
    """Return the seconds that one page took, or more than anyone waits when it did not come."""
    began = time.monotonic()
    try:
        connection = connect()
        try:
            connection.request("GET", "/it/vitiligine/")
            return time.monotonic() - began if connection.getresponse().read() else 99.0
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return 99.0


def table(name, seconds, clients):
    seconds = sorted(seconds)
    served = sum(second < 2 for second in seconds) / len(seconds)
    median, late = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95) - 1]
    print(f"{name}: {served:.0%} under 2 s; median {median:.3f} s, 95th {late:.3f} s; {clients.thrown_out} thrown out")
    return served


def test_behind_nginx_nearly_everyone_is_served_within_two_seconds(tmp_path):
    with Site(tmp_path / "site", **BEHIND) as site, Front(tmp_path / "front", [site]) as front:
        visit(front.connect)
        with SlowClients(front.port, tls=True) as clients:
            seconds = [visit(front.connect) for _ in range(VISITS)]
        assert table("behind nginx", seconds, clients) >= 0.95


def test_without_nginx_the_site_is_back_as_soon_as_they_are_gone(tmp_path):
    with Site(tmp_path / "site") as site:

        def connect():
            return http.client.HTTPConnection("127.0.0.1", site.port, timeout=4)

        visit(connect)
        with SlowClients(site.port, tls=False) as clients:
            seconds = [visit(connect) for _ in range(2)]
        table("without nginx", seconds, clients)
        give_up_at = time.monotonic() + 30
        while visit(connect) > 2:
            assert time.monotonic() < give_up_at
