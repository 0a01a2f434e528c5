"""Leads as a CSV table with chosen columns, in which no cell is a formula to a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Lead

# For more leads the form asks for a shorter period.
MAX_LEADS = 5000
# A spreadsheet splits at the delimiter of its region or settings, not only at the one the file was written with.
DELIMITERS = re.compile(r"([;,\t\r\n])")
# The start of what spreadsheets take for a formula, including full-width characters.
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
    "phone": _("phone"),
    "message": _("message"),
}
PERSONAL = ("email", "name", "phone", "message")


def cell(value: object) -> str:
    """Return `value` as text, with an apostrophe before everything that could start a formula.

    That is its beginning and the text after each delimiter in it, where another region's spreadsheet starts a cell.
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
    """Yield the file in UTF-8 with a byte order mark, by which Excel detects it; every cell is quoted."""
    yield b"\xef\xbb\xbf" + line([COLUMNS[name] for name in columns], delimiter=delimiter)
    for lead in leads:
        yield line([value_of(lead, name) for name in columns], delimiter=delimiter)


def line(values: list, *, delimiter: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow(map(cell, values))
    return buffer.getvalue().encode()
