"""Two people edit the same content: the second form is merged with what the first saved, so that nothing is lost.

An untouched field takes the saved value. A field that both changed keeps what was typed, with a note that shows the
saved text. A part that was deleted becomes a new part if it was touched. The form is then shown again (409).
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.forms import BaseModelForm, CheckboxInput, Select
from django.http import QueryDict
from django.utils.html import format_html, strip_tags
from django.utils.translation import gettext as _

from clinic.editing.changes import Change
from clinic.models.revisions import Revision, columns


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


def browser_value(form: BaseModelForm, name: str) -> str:
    """Return what a browser sends for an untouched field; "" for an empty tick box."""
    value, outer = form[name].value(), form.fields[name].widget
    widget: Any = getattr(outer, "widget", outer)  # inside the admin's wrapper of related objects
    if isinstance(widget, CheckboxInput):
        return "on" if value else ""
    if value is None:
        return ""
    return str(value) if isinstance(widget, Select) else str(widget.format_value(value) or "")


def merge_fields(
    form: BaseModelForm, opened: dict, saved: dict, data: QueryDict, notes: Notes, prefix: str = ""
) -> bool:
    """Merge `data`, what was sent, with the saved columns; return whether any field was touched.

    `form` is unbound, of the saved object; `opened` are its columns when the form was opened.
    """
    any_touched = False
    for name, each in form.fields.items():
        column = name if name in saved else f"{name}_id"
        if column not in saved:
            continue
        to_python = form._meta.model._meta.get_field(name).to_python
        sent = each.widget.value_from_datadict(data, {}, prefix + name)
        if each.has_changed(to_python(opened.get(column)), sent):
            any_touched = True
            if opened.get(column) != saved[column] and each.has_changed(to_python(saved[column]), sent):
                note = _("%(colleague)s has changed this too. The saved text:") % {"colleague": notes.colleague}
                notes.fields[prefix + name] = with_text(note, form[name].value())
        else:
            data[prefix + name] = browser_value(form, name)
    return any_touched


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


def take_rows(data: QueryDict, start: str) -> list[dict[str, str]]:
    """Remove the parts of the formset with the prefix `start` from `data`; return them without their prefixes."""
    rows = []
    for index in range(int(data.get(f"{start}-TOTAL_FORMS") or 0)):
        prefix = f"{start}-{index}-"
        rows.append({name.removeprefix(prefix): data.pop(name)[-1] for name in list(data) if name.startswith(prefix)})
    return rows


def put_rows(data: QueryDict, start: str, saved: list[dict[str, str]], new: list[dict[str, str]]) -> None:
    """Write parts into `data`; a formset wants those that the database has first."""
    for index, row in enumerate(saved + new):
        data.update({f"{start}-{index}-{name}": value for name, value in row.items()})
    data[f"{start}-INITIAL_FORMS"], data[f"{start}-TOTAL_FORMS"] = str(len(saved)), str(len(saved) + len(new))


def untouched(form: BaseModelForm) -> dict[str, str]:
    """Return what a browser sends for a form that nobody touched."""
    return {name: browser_value(form, name) for name in form.fields if name != "DELETE"}


def form_values(model: type[models.Model], row: dict) -> dict:
    """Return the columns of a revision as the initial values of a form."""
    return {each.name: each.to_python(row[each.attname]) for each in columns(model) if each.attname in row}


def rows_of_draft(formset: Any, key: int, public: list[dict], draft: list[dict], data: QueryDict) -> None:
    """Write into `data` what a browser sends once the `public` parts of the object `key` read as in a draft."""
    rows = {row["pk"]: row for row in draft}
    kept, new = [], []
    for row in public:
        form = formset.form(initial=form_values(formset.model, rows.get(row["pk"], row)))
        kept.append(untouched(form) | {"id": str(row["pk"]), formset.fk.name: str(key)})
        kept[-1] |= {} if row["pk"] in rows else {"DELETE": "on"}
    for row in draft:
        if row["pk"] < 0:
            new.append(untouched(formset.form(initial=form_values(formset.model, row))))
    put_rows(data, formset.get_default_prefix(), kept, new)


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
