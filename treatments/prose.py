"""Formatted text: the editor's options, sanitizing on the server, and header cells for accessible tables."""

import re

import nh3
from django_prose_editor.fields import ProseEditorField

EDITOR = {
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Superscript": True,
    "Subscript": True,
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Heading": {"levels": [3]},
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "HardBreak": True,
    "History": True,
    # The browser's spelling checker stays on. Buttons instead of a drop-down, which the keyboard could not open.
    "NoSpellCheck": False,
    "Menu": {"groups": [{"group": group} for group in ("nodes", "marks", "link", "table", "history")]},
}
_clean = nh3.Cleaner(
    tags=set("p h3 ul ol li strong em s sup sub a br table tbody tr th td".split()),
    attributes={
        "a": {"href"},
        "em": {"lang"},
        "ol": {"start"},
        "th": {"colspan", "rowspan"},
        "td": {"colspan", "rowspan"},
    },
    clean_content_tags={"script", "style", "caption"},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
# The editor wraps the text of every list item and table cell in a paragraph.
ONLY_PARAGRAPH = re.compile(r"(<(?:li|th|td)\b[^>]*>)<p>((?:(?!</p>).)*)</p>(?=</|<ul>|<ol\b)", re.DOTALL)
INNERMOST_TABLE = re.compile(r"<table>(?:(?!<table>).)*?</table>", re.DOTALL)
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|<br>|&nbsp;)*</p>\s*")


def prose(*args, **kwargs):
    """Return a model field for formatted text: edited in the prose editor, sanitized on the server."""
    return ProseEditorField(*args, extensions=EDITOR, sanitize=clean, **kwargs)


def clean(html: str) -> str:
    """Return `html` with only the tags and attributes that the editor offers (idempotent)."""
    html = EMPTY_PARAGRAPH.sub("", _clean.clean(html))
    html = ONLY_PARAGRAPH.sub(r"\1\2", html)
    return INNERMOST_TABLE.sub(lambda table: with_headers(table[0]), html).strip()


def with_headers(table: str) -> str:
    """Return `table` with a first row of header cells as its thead, and a scope on every header cell."""
    rows = ROW.findall(table)
    head = rows.pop(0).replace("<th", '<th scope="col"') if rows and "<td" not in rows[0] else ""
    body = "".join(row.replace("<th", '<th scope="row"') for row in rows)
    return f"<table>{f'<thead>{head}</thead>' if head else ''}<tbody>{body}</tbody></table>"
