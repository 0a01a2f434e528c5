"""Checks a running site from outside: no package but Python's own, no settings, no database."""
