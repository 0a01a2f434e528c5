"""Reads a person's address from standard input, so that it is in no shell history and no process list."""

import sys

from django.core.management.base import CommandError

from contacts import addresses


def read_address() -> str:
    """Return the address; raise CommandError if there is none."""
    if sys.stdin.isatty():
        sys.stderr.write("Address of the person: ")
        sys.stderr.flush()
    address = addresses.clean(sys.stdin.readline())
    if "@" not in address:
        raise CommandError("Give the person's email address on standard input.")
    return address
