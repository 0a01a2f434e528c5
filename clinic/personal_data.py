"""The register of personal data: which fields hold it, whose it is, why, how it is stored and for how long.

Each app declares its fields in personal_fields.py; a test fails for a field that is not declared. The tables of the
privacy page and of docs/privacy.md are generated from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

Text = str | Promise


class Whose(StrEnum):
    PATIENT = "patients"
    STAFF = "staff"
    CENTRE = "the centre's professionals, published"


class Stored(StrEnum):
    ENCRYPTED = "encrypted"
    HASHED = "keyed hash"
    CLEAR = "clear"


@dataclass(frozen=True)
class Personal:
    """Fields ('app.Model: field field') that hold one kind of personal data, described as patients read it."""

    fields: str
    what: Text
    why: Text
    kept: Text
    whose: Whose = Whose.PATIENT
    stored: Stored = Stored.CLEAR

    @property
    def is_encrypted(self) -> bool:
        return self.stored is Stored.ENCRYPTED


def modules() -> Iterator:
    """Yield the personal_fields module of each app that has one."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "personal_fields"):
            yield import_module(f"{config.name}.personal_fields")


def personal(whose: Whose | None = None) -> list[Personal]:
    """Return the entries of all apps, or those about one group of people."""
    declared = [entry for module in modules() for entry in module.PERSONAL_FIELDS]
    return [entry for entry in declared if whose in (None, entry.whose)]


def names(fields: str) -> list[str]:
    """Return ['app.Model.field', ...] of 'app.Model: field field'; * stands for all fields of a package's model."""
    found, model = [], ""
    for part in fields.split():
        if part.endswith(":"):
            model = part[:-1]
        else:
            found.append(f"{model}.{part}")
    return found


def not_personal() -> list[str]:
    """Return the fields declared to hold no personal data."""
    return [name for module in modules() for name in names(module.NOT_PERSONAL)]


def by_retention(entries: list[Personal]) -> dict[str, list[Personal]]:
    """Return {how long it is kept: entries}, in the order of the register."""
    groups: dict[str, list[Personal]] = {}
    for entry in entries:
        groups.setdefault(str(entry.kept), []).append(entry)
    return groups
