"""Two people edit the same content: the second form is merged with what the first saved, so that nothing is lost.

An untouched field takes the saved value. A field that both changed keeps what was typed, with a note that shows the
saved text. A part that was deleted becomes a new part if it was touched. The form is then shown again (409).
"""

from dataclasses import dataclass, field
from typing import Any

from django.forms import BaseModelForm, CheckboxInput, Select
from django.http import QueryDict
from django.utils.html import format_html, strip_tags
from django.utils.translation import gettext as _


@dataclass
class Notes:
    """What to say at the top of the form and, by name in the form, beside a field."""

    colleague: str
    top: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


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
                words = {"colleague": notes.colleague}
                notes.fields[prefix + name] = format_html(
                    '{} <q class="theirs">{}</q>',
                    _("%(colleague)s has changed this too. The saved text:") % words,
                    strip_tags(browser_value(form, name)) or _("(empty)"),
                )
        else:
            data[prefix + name] = browser_value(form, name)
            if isinstance(each.widget, CheckboxInput) and not data[prefix + name]:
                del data[prefix + name]
    return any_touched


def merge_parts(formset: Any, opened: list[dict], saved: list[dict], data: QueryDict, notes: Notes):
    """Merge the sent parts with the saved ones; `formset` is unbound, of the saved object."""
    start = f"{formset.prefix}-"
    forms = {str(form.instance.pk): form for form in formset.initial_forms}
    was, now = ({str(row["pk"]): row for row in rows} for rows in (opened, saved))
    rows = []
    for index in range(int(data.get(f"{start}TOTAL_FORMS") or 0)):
        names = [name for name in data if name.startswith(f"{start}{index}-")]
        rows.append({name.removeprefix(f"{start}{index}-"): data.pop(name)[-1] for name in names})
    sent = {row.get("id") for row in rows}
    words = {"colleague": notes.colleague, "kind": formset.model._meta.verbose_name}
    kept, new = [row for row in rows if row.get("id") in now], []
    for row in rows:
        pk = row.get("id")
        if pk and pk not in now:
            titles = (
                value for name, value in row.items() if name.startswith(("heading", "question", "text", "reason"))
            )
            blank = formset.form(instance=formset.model(**as_columns(formset.model, was.get(pk, {}))))
            if row.get("DELETE") or not is_touched(blank, was.get(pk, {}), row):
                notes.top.append(
                    _("%(colleague)s has deleted this %(kind)s:") % words + f" {next(filter(None, titles), pk)}"
                )
                continue
            row["id"] = ""
            row["deleted"] = "1"
        if row.get("id") not in now:
            new.append(row)
    for pk, form in forms.items():
        if pk not in sent:
            kept.append({name: browser_value(form, name) for name in form.fields if name != "DELETE"})
            kept[-1] |= {"id": pk, formset.fk.name: str(formset.instance.pk)}
            notes.top.append(_("%(colleague)s has added this %(kind)s:") % words + f" {form.instance}")
    for index, row in enumerate(kept + new):
        prefix = f"{start}{index}-"
        data.update({prefix + name: value for name, value in row.items() if name != "deleted"})
        if row.get("id") in sent & now.keys():
            merge_fields(forms[row["id"]], was.get(row["id"], {}), now[row["id"]], data, notes, prefix)
        elif "deleted" in row:
            first = next(name for name in row if name not in ("id", formset.fk.name))
            note = _("%(colleague)s has deleted this %(kind)s. Save again to keep it as it is here, or remove it.")
            notes.fields[prefix + first] = note % words
    data[f"{start}INITIAL_FORMS"], data[f"{start}TOTAL_FORMS"] = str(len(kept)), str(len(kept) + len(new))


def as_columns(model, row: dict) -> dict:
    return {name: value for name, value in row.items() if name != "pk"}


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
