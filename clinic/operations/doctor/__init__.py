"""Checks everything that could keep the site from its work, and says for each problem what helps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from clinic.database import errors
from clinic.database.errors import DATABASE_ERRORS
from clinic.operations.doctor import services, staff, storage
from clinic.operations.doctor.problem import Problem

CHECKS: list[Callable[[datetime], str]] = [
    storage.database,
    storage.disk,
    storage.private_files,
    storage.old_copies,
    storage.keys,
    services.address,
    staff.identity,
    services.static_files,
    services.worker,
    services.jobs,
    services.date,
    services.mail,
    services.undelivered_mail,
    staff.late_leads,
    services.backup,
    services.drill,
    storage.backup_key,
    staff.owner,
]


@dataclass(frozen=True)
class Finding:
    """What a check found; one with a hint is a problem."""

    check: str
    message: str
    hint: str = ""


def examine(*, now: datetime) -> Iterator[Finding]:
    """Run every check, whatever the others find."""
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            yield Finding(name, check(now))
        except Problem as problem:
            message, hint = problem.args
            yield Finding(name, message, hint)
        except DATABASE_ERRORS as error:
            yield Finding(name, f"cannot be checked: {errors.reason(error)}", "See `database` above first.")
