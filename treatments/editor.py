"""The prose editor in the admin: its labels in the language of staff, its script and the nonce of its import map."""

from django.utils.translation import gettext_lazy as _
from js_asset import JSON, Media, Script

# Keyed by the names that the editor gives its buttons.
BUTTONS = {
    "paragraph": _("Paragraph"),
    "heading3": _("Heading"),
    "bulletList": _("Bulleted list"),
    "orderedList": _("Numbered list"),
    "bold": _("Bold"),
    "italic": _("Italic"),
    "link": _("Link (select the words first)"),
    "unlink": _("Remove the link"),
    "table": _("Insert a table"),
    "table:addColumnAfter": _("Add a column"),
    "table:deleteColumn": _("Delete the column"),
    "table:addRowAfter": _("Add a row"),
    "table:deleteRow": _("Delete the row"),
    "table:mergeCells": _("Merge the cells"),
    "table:splitCell": _("Split the cell"),
    "table:toggleHeaderCell": _("Heading cell, or ordinary again"),
    "table:deleteTable": _("Delete the table"),
    "history:undo": _("Undo"),
    "history:redo": _("Redo"),
}
# Keyed by the English labels of its dialogs.
DIALOGS = {
    "Edit Link": _("Link"),
    "URL": _("Address"),
    "Title": _("Title"),
    "Update": _("Apply"),
    "Cancel": _("Cancel"),
    "Table Properties": _("Table"),
    "Rows": _("Rows"),
    "Columns": _("Columns"),
    "Include header row": _("With a row of headings"),
    "Insert Table": _("Insert a table"),
}
LABELS = JSON({"buttons": BUTTONS, "dialogs": DIALOGS, "formatting": _("Formatting")}, id="prose-editor-labels")
# Deferred like the editor's modules: it runs after the form is parsed and before them.
SCRIPT = Script("js/prose-editor.js", defer=True)


def with_nonce(media, request):
    """Return `media` with the CSP nonce of the request, which the editor's import map needs."""
    return Media.from_media(media, nonce=str(request.csp_nonce))
