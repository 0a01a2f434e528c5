"""What a browser sends for the forms of an object and of its parts."""

from typing import Any

from django.db import models
from django.forms import BaseModelForm, CheckboxInput, Select
from django.http import QueryDict

from clinic.models.revisions import columns


def browser_value(form: BaseModelForm, name: str) -> str:
    """Return what a browser sends for an untouched field; "" for an empty tick box."""
    value, outer = form[name].value(), form.fields[name].widget
    widget: Any = getattr(outer, "widget", outer)  # inside the admin's wrapper of related objects
    if isinstance(widget, CheckboxInput):
        return "on" if value else ""
    if value is None:
        return ""
    return str(value) if isinstance(widget, Select) else str(widget.format_value(value) or "")


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
