"""The prose editor in the admin: its labels in the language of staff, its script and the nonce of its import map."""

from django.utils.translation import gettext_lazy as _
from django_prose_editor.widgets import prose_editor_js
from js_asset import JSON, Media, Script

# Keyed by the names that the editor gives its buttons.
BUTTONS = {
    "paragraph": _("Paragraph"),
    "heading3": _("Heading"),
    "bulletList": _("Bulleted list"),
    "orderedList": _("Numbered list"),
    "bold": _("Bold"),
    "italic": _("Italic"),
    "strike": _("Struck through"),
    "superscript": _("Superscript"),
    "subscript": _("Subscript"),
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
    "Yes": _("Yes"),
    "No": _("No"),
}
PASTE = {
    "dropped": _("The page cannot keep these parts of what you paste. Paste the text without them?"),
    "pictures": _("pictures, videos and drawings"),
    "fields": _("form fields"),
    "quotations": _("the indentation of quotations (their text stays)"),
    "lines": _("dividing lines"),
    "comments": _("comments"),
    "links": _("links that only work in the original document (their text stays)"),
    "letters": _("letters and Roman numerals of lists (they become 1, 2, 3)"),
    "underlining": _("underlining (readers would take it for a link)"),
    "colours": _("colours of the text"),
    "long": _("This text is too long for one section: nothing was pasted. Paste it in smaller parts."),
}
LABELS = JSON(
    {"buttons": BUTTONS, "dialogs": DIALOGS, "paste": PASTE, "formatting": _("Formatting")}, id="prose-editor-labels"
)
# Deferred, in this order: the editor reads the labels of its dialogs when its module is loaded.
SCRIPTS = [LABELS, Script("js/prose-editor.js", defer=True), Script("js/prose-paste.js", defer=True), prose_editor_js]
PART_ORDER = Script("js/part-order.js", **{"data-up": _("Move up"), "data-down": _("Move down")}, defer=True)


def with_nonce(media, request):
    """Return `media` with the CSP nonce of the request, which the editor's import map needs."""
    return Media.from_media(media, nonce=str(request.csp_nonce))
