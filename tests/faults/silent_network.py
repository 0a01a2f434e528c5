"""A network between the site and its database that can go silent: nothing arrives, nothing is refused, nothing closes.

A proxy that merely stopped reading would not do: its kernel would go on acknowledging what the site sends. Here the
kernel drops, before TCP sees it, whatever reaches the proxy's side of the wire (a socket filter; no root needed).
"""

import ctypes
import socket
import struct
import threading
from contextlib import suppress

# <asm-generic/socket.h>; Python does not name them.
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
# One instruction of BPF: keep 0 bytes of every packet.
DROP = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
DROP_ALL = struct.pack("HL", 1, ctypes.addressof(DROP))


class SilentNetwork:
    """Passes connections on to `host`:`port`; inside `with network.silence():` both directions are lost."""

    def __init__(self, host: str, port: int):
        self.server = (host, port)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.sites: list[socket.socket] = []
        self.databases: list[socket.socket] = []
        self.is_open = threading.Event()
        self.is_open.set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                site, _address = self.door.accept()
                database = socket.create_connection(self.server)
                self.sites.append(site)
                self.databases.append(database)
                for come_from, go_to in ((site, database), (database, site)):
                    threading.Thread(target=self.carry, args=(come_from, go_to), daemon=True).start()

    def carry(self, come_from: socket.socket, go_to: socket.socket) -> None:
        with suppress(OSError):
            while data := come_from.recv(65536):
                self.is_open.wait()
                go_to.sendall(data)
            go_to.shutdown(socket.SHUT_WR)

    def go_silent(self) -> None:
        self.is_open.clear()
        for end in (self.door, *self.sites):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, DROP_ALL)

    def come_back(self) -> None:
        for end in (self.door, *self.sites):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
        self.is_open.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.come_back()
        # Closed only after it was shut down does a socket wake who waits at it.
        for end in (self.door, *self.sites, *self.databases):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
