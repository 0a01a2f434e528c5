"""Files that only the holder of a key can read or change, of any size: sealed and opened piece by piece.

The scheme is STREAM over ChaCha20-Poly1305, as the age format has it: a key of its own for each file, a counter in
each piece's nonce, a mark on the last one. A piece that is changed, missing, swapped or cut off does not open.
"""

import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEAD = b"clinic sealed 1\n"
SALT_BYTES = 16
PIECE_BYTES = 64 * 1024
TAG_BYTES = 16


class SealBroken(Exception):
    """The file is not what was sealed, or the key is another one."""


def cipher(key: str, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt, HEAD).derive(key.encode()))


def nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class Sealer:
    """Write to it like to a file; `close` seals the last piece (without it the file never opens)."""

    def __init__(self, file: BinaryIO, key: str):
        salt = os.urandom(SALT_BYTES)
        self._file, self._cipher = file, cipher(key, salt)
        self._waiting, self._number = bytearray(), 0
        file.write(HEAD + salt)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return len(data)

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(nonce(self._number, is_last=is_last), piece, HEAD))
        self._number += 1


class Opener:
    """Read from it like from a file; whatever it returns is as it was sealed. Raises SealBroken."""

    def __init__(self, file: BinaryIO, key: str):
        head, salt = file.read(len(HEAD)), file.read(SALT_BYTES)
        if head != HEAD or len(salt) != SALT_BYTES:
            raise SealBroken("This is not a sealed file.")
        self._file, self._cipher = file, cipher(key, salt)
        self._next, self._number = self._read_piece(), 0
        self._opened, self._is_done = bytearray(), False

    def read(self, size: int) -> bytes:
        while len(self._opened) < size and not self._is_done:
            self._open()
        data = bytes(self._opened[:size])
        del self._opened[:size]
        return data

    def read_to_the_end(self) -> None:
        """Make sure that nothing was cut off behind what was read."""
        while self.read(PIECE_BYTES):
            pass

    def _read_piece(self) -> bytes:
        return self._file.read(PIECE_BYTES + TAG_BYTES)

    def _open(self) -> None:
        piece, self._next = self._next, self._read_piece()
        self._is_done = not self._next
        try:
            self._opened += self._cipher.decrypt(nonce(self._number, is_last=self._is_done), piece, HEAD)
        except InvalidTag:
            raise SealBroken("The file is damaged, or BACKUP_KEY is not the key it was sealed with.") from None
        self._number += 1
