import re
from collections.abc import Iterable

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from clinic.personal_data import Whose, modules, personal
from clinic.staff.roles import ROLES

DOCUMENT = settings.BASE_DIR / "docs" / "privacy.md"
BEGIN, END = "<!-- made by manage.py write_privacy_record -->", "<!-- end of what is made -->"


class Command(BaseCommand):
    help = "Write the tables of docs/privacy.md from the register of personal data, the settings and the roles."

    def handle(self, **options):
        DOCUMENT.write_text(written(DOCUMENT.read_text()))


def written(document: str) -> str:
    """Return the document with fresh tables between its two marks."""
    before, rest = document.split(BEGIN)
    return f"{before}{BEGIN}\n{tables()}\n{END}{rest.split(END)[1]}"


def tables() -> str:
    with override("en"):
        parts = [
            ("Whose data, why, how long", "\n\n".join(record_of(whose) for whose in Whose)),
            ("Days", days()),
            ("Fields without personal data", nothing()),
            ("Who may do what", permissions()),
        ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in parts)


def table(head: list[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def record_of(whose: Whose) -> str:
    rows = [
        (entry.what, f"`{' '.join(entry.fields.split())}`", entry.stored, entry.why, entry.kept)
        for entry in personal(whose)
    ]
    return f"**Of {whose}**\n\n" + table(["what", "fields", "stored", "why", "how long"], rows)


def days() -> str:
    rows = [(f"lead, {status}", days) for status, days in settings.KEEP_LEAD_DAYS.items()]
    rows.append(("proof of consent, after its lead is erased", settings.KEEP_CONSENT_YEARS * 365))
    rows.append(("access log; record of sign-ins; the admin's history", settings.KEEP_ACCESS_DAYS))
    rows.append(("earlier texts of the site", settings.KEEP_REVISION_DAYS))
    rows.append(("texts of the site that were deleted", settings.KEEP_DELETED_CONTENT_DAYS))
    rows.append(("backups", settings.KEEP_BACKUP_DAYS))
    return "To be confirmed by the clinic; changed in `clinic/settings.py`.\n\n" + table(["what", "days"], rows)


def nothing() -> str:
    return "\n".join(f"- `{' '.join(line.split())}`" for module in modules() for line in declarations(module))


def declarations(module) -> list[str]:
    """Return the lines of NOT_PERSONAL, one a model."""
    return re.split(r"\s+(?=\w+\.\w+:)", module.NOT_PERSONAL.strip())


def permissions() -> str:
    """Return what each role may do, one row a model."""
    may: dict[str, dict[str, list[str]]] = {}
    for role, permissions in ROLES.items():
        for app, codename in sorted(permissions):
            action, _underscore, model = codename.partition("_")
            may.setdefault(f"{app}.{model}", {}).setdefault(role, []).append(action)
    rows = ((model, *(", ".join(may[model].get(role, [])) for role in ROLES)) for model in sorted(may))
    return table(["", *ROLES], rows)
