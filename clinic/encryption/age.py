"""Encrypts files for a public key with age (https://age-encryption.org/v1), in little memory, and reads them back."""

import hashlib
import os
from pathlib import Path

import pyrage
from pyrage.x25519 import Identity, Recipient

# The format's first line, and the lengths of its parts in bytes: before the first chunk, of a chunk, added to each.
FIRST_LINE, NONCE, CHUNK, TAG = b"age-encryption.org/v1\n", 16, 64 * 1024, 16


class Unreadable(Exception):
    """The file cannot be decrypted, or is not what was written; the message says why and what helps."""


def new_identity() -> str:
    """Return a new private key, like AGE-SECRET-KEY-1..."""
    return str(Identity.generate())


def identity(text: str) -> Identity:
    """Return the private key in `text`, which may carry the comments of age-keygen; ValueError when there is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return Identity.from_str("".join(lines))
    except pyrage.IdentityError as error:
        raise ValueError("not an age identity") from error


def recipient_of(text: str) -> str:
    """Return the public key (age1...) of the private key in `text`; ValueError when there is none."""
    return str(identity(text).to_public())


def check_recipient(text: str) -> None:
    """Raise ValueError unless `text` is a public key (age1...)."""
    try:
        Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise ValueError("not an age recipient") from error


class HashingWriter:
    """Writes to `file` and remembers the SHA-256 digest of all it wrote."""

    def __init__(self, file):
        self.file, self.sha256 = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


def encrypt(source: Path, target: Path, recipient: str) -> bytes:
    """Encrypt `source` into the new file `target`, on disk before this returns; return the SHA-256 of its bytes."""
    with (
        source.open("rb") as plain,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        writer = HashingWriter(file)
        try:
            pyrage.encrypt_io(plain, writer, [Recipient.from_str(recipient)])
        except pyrage.EncryptError as error:
            raise OSError(str(error)) from error  # it holds the words of the OSError: no space left
        file.flush()
        os.fsync(file.fileno())
    return writer.sha256.digest()


def decrypt(source: Path, target: Path, private_key: str) -> None:
    """Decrypt `source` into `target`; raise Unreadable unless every byte is as it was encrypted."""
    with source.open("rb") as file, target.open("wb") as plain:
        try:
            pyrage.decrypt_io(file, plain, [identity(private_key)])
        except pyrage.DecryptError:
            raise Unreadable(f"{source} is damaged, or BACKUP_KEY is not the key that opens it.") from None
        except OSError as error:
            if error.errno:
                raise
            # What age finds inside the file (a changed, missing or cut off chunk) has no error number.
            raise Unreadable(f"{source} is damaged ({error}).") from None


def verify(file: Path, *, sha256: bytes, private_key: str) -> None:
    """Read `file` back: the disk must return the bytes that were written, and the private key, if given, open them."""
    with file.open("rb") as written:
        if hashlib.file_digest(written, "sha256").digest() != sha256:
            raise Unreadable(f"{file} was not read back as it was written: see that the disk is well.")
    if private_key:
        decrypt(file, Path(os.devnull), private_key)


def plain_size(file: Path) -> int:
    """Read `file` to its end without a key; return how many bytes are encrypted in it, told by their length."""
    size = -NONCE
    with file.open("rb") as stream:
        if stream.readline(len(FIRST_LINE)) != FIRST_LINE:
            raise Unreadable(f"{file} is no age file.")
        while (line := stream.readline(1024)) and not line.startswith(b"---"):
            continue
        while data := stream.read(CHUNK):
            size += len(data)
    return size - TAG * -(-size // (CHUNK + TAG))
