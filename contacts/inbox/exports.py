"""Leads as a table for a spreadsheet: chosen columns, nothing in it that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Lead

# More than this is no working list: a shorter period is asked for.
MOST = 5000
# Whatever the file is written with, a spreadsheet splits by its computer's country, or where somebody tells it to.
DELIMITERS = re.compile(r"([;,\t\r\n])")
# What spreadsheets take for a formula, in their full-width forms too.
FORMULA = re.compile(r"""[\s"]*[=+\-@＝＋－＠]""")
COLUMNS = {
    "reference": _("reference"),
    "created_at": _("received"),
    "status": _("status"),
    "outcome": _("outcome"),
    "language": _("language"),
    "owner": _("assigned to"),
    "source_page": _("source page"),
    "email": _("email"),
    "name": _("name"),
    "message": _("message"),
}
PERSONAL = ("email", "name", "message")


def cell(value: object) -> str:
    """Return `value` as a text that no spreadsheet runs: an apostrophe before what could begin a formula.

    That is its beginning, and whatever follows a delimiter in it: there another country's spreadsheet begins a cell.
    """
    parts = DELIMITERS.split("" if value is None else str(value))
    return "".join(f"'{part}" if FORMULA.match(part) else part for part in parts)


def value_of(lead: Lead, column: str) -> object:
    if column == "created_at":
        return f"{timezone.localtime(lead.created_at):%Y-%m-%d %H:%M}"
    if column in {"status", "outcome", "language"}:
        return getattr(lead, f"get_{column}_display")()
    return getattr(lead, column)


def table(leads: Iterable[Lead], columns: list[str], *, delimiter: str) -> Iterator[bytes]:
    """Yield the file: UTF-8 with the mark by which Excel knows it, every cell quoted."""
    yield b"\xef\xbb\xbf" + line([COLUMNS[name] for name in columns], delimiter=delimiter)
    for lead in leads:
        yield line([value_of(lead, name) for name in columns], delimiter=delimiter)


def line(values: list, *, delimiter: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow(map(cell, values))
    return buffer.getvalue().encode()
