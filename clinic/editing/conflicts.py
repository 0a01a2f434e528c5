"""Two people edit the same content: the second form is merged with what the first saved, so that nothing is lost.

An untouched field takes the saved value. A field that both changed keeps what was typed, with a note that shows the
saved text. A part that was deleted becomes a new part if it was touched. The form is then shown again (409).
"""

from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.forms import BaseModelForm
from django.http import QueryDict
from django.utils.html import format_html, strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.editing.changes import Change
from clinic.editing.form_data import browser_value, form_values, put_rows, take_rows, untouched
from clinic.models import Revision

NOT_SAVED = gettext_lazy("Nothing was saved yet.")


@dataclass
class Notes:
    """What to say at the top of the form and, by name in the form, beside a field."""

    colleague: str  # who saved it; "" if nobody did
    top: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    draft: Revision | None = None  # that a colleague saved

    @property
    def is_conflict(self) -> bool:
        return bool(self.colleague or self.draft)


def opened_on(data: QueryDict) -> Any:
    """Return the content that a form was opened on, which it carries, signed."""
    try:
        return signing.loads(data.get("opened", ""))
    except signing.BadSignature:
        return None


def with_notes(form: type[BaseModelForm], notes: Notes | None) -> type[BaseModelForm]:
    """Let `form` save nothing and show `notes` beside its fields, if there are any."""

    class FormWithNotes(form):  # type: ignore[valid-type]
        def full_clean(self):
            super().full_clean()
            self.add_error(None, str(NOT_SAVED))
            for name in self.fields.keys() & notes.fields.keys():
                self.add_error(name, notes.fields[name])

    return FormWithNotes if notes else form


def merge_fields(
    form: BaseModelForm, opened: dict, saved: dict, data: QueryDict, notes: Notes, prefix: str = ""
) -> bool:
    """Merge `data`, what was sent, with the saved columns; return whether any field was touched.

    `form` is unbound, of the saved object; `opened` are its columns when the form was opened.
    """
    any_touched, kinds = False, {each.name: each for each in form._meta.model._meta.fields}
    for name, each in form.fields.items():
        column = name if name in saved else f"{name}_id"
        if column not in saved:
            continue
        to_python = kinds[name].to_python if name in kinds else str
        sent = each.widget.value_from_datadict(data, {}, prefix + name)
        if each.has_changed(to_python(opened.get(column)), sent):
            any_touched = True
            if opened.get(column) != saved[column] and each.has_changed(to_python(saved[column]), sent):
                note = _("%(colleague)s has changed this too. The saved text:") % {"colleague": notes.colleague}
                notes.fields[prefix + name] = with_text(note, chosen(form, name))
        else:
            data[prefix + name] = browser_value(form, name)
    return any_touched


def chosen(form: BaseModelForm, name: str) -> Any:
    """Return the saved value of a field, of a choice its words."""
    value = form[name].value()
    choices = getattr(form.fields[name], "choices", ())
    return next((words for each, words in choices if str(each) == str(value)), value)


def with_text(words: str, text: Any) -> str:
    return format_html('{} <q class="theirs">{}</q>', words, strip_tags(str(text or "")) or _("(empty)"))


def in_words(change: Change) -> str:
    return with_text(f"{change.label}:", change.after)


def merge_parts(formset: Any, opened: list[dict], saved: list[dict], data: QueryDict, notes: Notes) -> None:
    """Merge the sent parts with the saved ones; `formset` is unbound, of the saved object."""
    was, now = ({str(row["pk"]): row for row in rows} for rows in (opened, saved))
    forms = {str(form.instance.pk): form for form in formset.initial_forms}
    rows = take_rows(data, formset.prefix)
    sent = {row.get("id") for row in rows}
    kept = [row for row in rows if row.get("id") in now]
    kept += [added_row(formset, form, notes) for pk, form in forms.items() if pk not in sent]
    new = [row for row in rows if not row.get("id")]
    deleted = [row for row in rows if row.get("id") and row["id"] not in now]
    again = [row | {"id": ""} for row in deleted if is_kept(formset, was.get(row["id"], {}), row, notes)]
    put_rows(data, formset.prefix, kept, new + again)
    for index, row in enumerate(kept):
        if row["id"] in sent:
            prefix = f"{formset.prefix}-{index}-"
            merge_fields(forms[row["id"]], was.get(row["id"], {}), now[row["id"]], data, notes, prefix)
    for index, row in enumerate(again, start=len(kept) + len(new)):
        first = next(name for name in row if name not in ("id", formset.fk.name))
        note = _("%(colleague)s has deleted this %(kind)s. Save again to keep it as it is here, or remove it.")
        notes.fields[f"{formset.prefix}-{index}-{first}"] = note % words(formset, notes)


def words(formset: Any, notes: Notes) -> dict:
    return {"colleague": notes.colleague, "kind": formset.model._meta.verbose_name}


def added_row(formset: Any, form: BaseModelForm, notes: Notes) -> dict[str, str]:
    """Return what a browser sends for a part that was added since the form was opened, and say so."""
    notes.top.append(_("%(colleague)s has added this %(kind)s:") % words(formset, notes) + f" {form.instance}")
    return untouched(form) | {"id": str(form.instance.pk), formset.fk.name: str(formset.instance.pk)}


def is_kept(formset: Any, opened: dict, row: dict[str, str], notes: Notes) -> bool:
    """Return whether a part that was deleted since the form was opened has been touched in it; say so if not."""
    form = formset.form(initial=form_values(formset.model, opened))
    if not row.get("DELETE") and is_touched(form, opened, row):
        return True
    titles = [value for name, value in row.items() if name.startswith(("heading", "question", "text", "reason"))]
    title = next(filter(None, titles), row["id"])
    notes.top.append(_("%(colleague)s has deleted this %(kind)s:") % words(formset, notes) + f" {title}")
    return False


def is_touched(form: BaseModelForm, opened: dict, row: dict[str, str]) -> bool:
    """Return whether `row`, as sent, differs from the part as it was opened."""
    data = QueryDict(mutable=True)
    data.update(row)
    return merge_fields(form, opened, opened, data, Notes(""))


def make_new(formsets: list[Any], data: QueryDict) -> None:
    """Make everything in `data` a new object with new parts: the one that was edited has been deleted."""
    for formset in formsets:
        start = formset.get_default_prefix()
        data[f"{start}-INITIAL_FORMS"] = "0"
        for index in range(int(data.get(f"{start}-TOTAL_FORMS") or 0)):
            data.pop(f"{start}-{index}-id", None)
            data.pop(f"{start}-{index}-{formset.fk.name}", None)
