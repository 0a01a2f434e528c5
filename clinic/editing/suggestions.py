"""Suggests to editors what an update changed in the initial texts: as a draft, which they may publish or discard."""

from datetime import datetime

from django.db import models

from clinic.models.revisions import Revision, columns, number_new_parts, snapshot, values


def suggest(row: models.Model, name: str, loaded: dict | None, seed: dict, *, now: datetime) -> bool:
    """Keep as a draft of `row` what seed `name` says otherwise than when it was loaded; False while a draft waits.

    `loaded` (None: unknown) and `seed` are {"fields": columns, "parts": {relation: [columns]}}; the first column of a
    part's entry tells which part it is. What staff changed stays, unless the seed changed the same column.
    """
    if Revision.draft_of(type(row), row.pk):
        return False
    public = snapshot(row, list(seed["parts"]))
    if loaded is None:
        first = Revision.of(row).filter(action=Revision.Action.FOUND).last()
        loaded = first.content if first else public
    else:
        loaded = stored(row, loaded)
    seed = stored(row, seed)
    content = {
        "fields": updated(public["fields"], loaded["fields"], seed["fields"]),
        "parts": {
            part: updated_parts(getattr(row, part).model, rows, loaded["parts"].get(part, []), seed["parts"][part])
            for part, rows in public["parts"].items()
        },
    }
    if content != public:
        draft = number_new_parts(content, public) | {"seed": name}
        Revision.record(row, Revision.Action.DRAFT, draft, author=None, now=now, base=public)
    return True


def stored(row: models.Model, seed: dict) -> dict:
    """Return a seed as a revision has it: validated, formatted text sanitized."""
    parts = {part: getattr(row, part).model for part in seed["parts"]}
    return {
        "fields": stored_columns(type(row), seed["fields"]),
        "parts": {part: [stored_columns(model, each) for each in seed["parts"][part]] for part, model in parts.items()},
    }


def stored_columns(model: type[models.Model], entry: dict) -> dict:
    fields = {field.attname: field for field in columns(model)}
    known = {name: value for name, value in entry.items() if name in fields}  # a column may have gone since
    saved = values(model(**{name: fields[name].clean(value, None) for name, value in known.items()}))
    return {name: saved[name] for name in known}


def updated(public: dict, loaded: dict, seed: dict) -> dict:
    """Return the columns of `public` with those that `seed` has changed since it was loaded."""
    return public | {name: value for name, value in seed.items() if value != loaded.get(name)}


def updated_parts(model: type[models.Model], public: list[dict], loaded: list[dict], seed: list[dict]) -> list[dict]:
    """Return `public` with the parts that the seed changed or added, and without those that it dropped."""
    if not seed:
        return [row for row in public if not any(was.items() <= row.items() for was in loaded)]
    key = next(iter(seed[0]))
    before, after = ({row[key]: row for row in rows} for rows in (loaded, seed))
    parts = []
    for row in public:
        was = before.get(row[key], {})
        if now := after.pop(row[key], None):
            parts.append(updated(row, was, now))
        elif not was or not was.items() <= row.items():  # written or changed by staff
            parts.append(row)
    # What was loaded and is gone was deleted by staff.
    new = [row for name, row in after.items() if name not in before]
    return parts + [{"pk": 0} | values(model()) | row for row in new]
