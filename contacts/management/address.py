"""Asks an operator for the address of a person, where neither the shell's history nor the process list keeps it."""

import sys

from django.core.management.base import CommandError


def read_address() -> str:
    """Return the address from standard input."""
    if sys.stdin.isatty():
        sys.stderr.write("Address of the person: ")
        sys.stderr.flush()
    address = sys.stdin.readline().strip()
    if "@" not in address:
        raise CommandError("Give the address of the person on standard input.")
    return address
