"""`make faults`: the storms of the suite in large, on both databases, and a key rotation, as tables.

Before them, on PostgreSQL, what the suite takes through SQLite alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from tests import postgres
from tests.faults import storms
from tests.faults.crowd import Figures, audit, post, send
from tests.faults.sites import SupervisedSite, execute, write_lock
from tests.mail_server import MailServer
from tests.site import ROOT, Site

KILLS = ["web", "mail", "web", "master", "web", "mail"] * 9

MANY_LEADS = """
from django.db import transaction
from django.utils import timezone
from contacts.intake.receive import NewRequest, receive
with transaction.atomic():
    for number in range({count}):
        address, message = f"rotation-{{number}}@example.org", "Message " * 20
        receive(NewRequest(email=address, name="Name", message=message, language="it"), now=timezone.now())
"""


def run(name: str, folder: Path, environment: dict[str, str]) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(MailServer())
        settings = environment | storms.mail_settings(server)
        site = stack.enter_context(SupervisedSite(folder / name, **settings))
        show(
            f"{name}, {date.today()}",
            [
                storms.calm(site, server, leads=400),
                storms.hanging(site, server, leads=400),
                storms.badly_received(site, server, rounds=2, leads=10),
                storms.clock_ahead(site, server, leads=20),
                storms.locked(site, clients=40, seconds=5),
                outlasted(site),
                storms.clicked_twice(site, pairs=200),
                storms.killed(site, server, leads=400, victims=KILLS),
                storms.replied(site, server, leads=200, kills=20),
            ],
        )
        print(rotation(site, count=10_000))


def outlasted(site: Site) -> Figures:
    """The lock is held for longer than the site waits: an honest no, then the same request goes in once."""
    with write_lock(site):
        answer = post(site, "outlasted")
    assert answer.status == 503, answer
    assert "Message outlasted" in answer.html
    return audit(
        f"lock held on: 503 after {answer.seconds:.0f} s, sent again",
        site,
        None,
        {"outlasted": send(site, "outlasted")},
    )


def rotation(site: Site, *, count: int) -> str:
    """Rotate the keys of many leads; the first try dies on the way."""
    site.python(MANY_LEADS.format(count=count))
    keys = site.folder / "var" / "keys" / "field_keys"
    old, new = keys.read_text().strip(), Fernet.generate_key().decode()
    keys.write_text(f"{new},{old}\n")
    site.manage("prepare")  # as every start does, it takes the newest key into use
    newest, done = Fernet(new), 0
    first = subprocess.Popen([sys.executable, "manage.py", "rotate_keys"], cwd=ROOT, env=site.environment)
    while done < count / 4:
        done = sum(is_read_by(newest, row[0]) for row in execute(site, "SELECT email FROM contacts_lead"))
    first.kill()
    assert first.wait() != 0
    began = time.monotonic()
    said = site.manage("rotate_keys").strip().splitlines()[-1]
    took = time.monotonic() - began
    keys.write_text(new + "\n")
    total = site.python("from contacts.models import Lead; print(sum(bool(lead.email) for lead in Lead.objects.all()))")
    return (
        f"key rotation: killed after {done} leads; run again: {took:.1f} s, {said}\n"
        f"{total} leads are read with the new key alone"
    )


def is_read_by(key: Fernet, text: str) -> bool:
    try:
        return bool(key.decrypt(text))
    except InvalidToken:
        return False


def show(title: str, figures: list[Figures]) -> None:
    heads = ["", "acknowledged", "lost", "doubled", "kills", "mailed", "mailed twice", "p50 ms", "p99 ms"]
    table = [heads, *[[str(cell) for cell in each.row()] for each in figures]]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    print(f"\n{title}")
    for first, *rest in table:
        print(
            first.ljust(widths[0]), *[cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)], sep="  "
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="clinic-faults-") as folder:
        if postgres.server_url():
            suite = [sys.executable, "-m", "pytest", "-q", "-k", "PostgreSQL", "tests/faults"]
            subprocess.run(suite, env=os.environ | {"FAULTS_ON": "PostgreSQL"}, check=True)
        run("SQLite", Path(folder), {})
        if postgres.server_url():
            with postgres.throw_away_database() as url:
                run("PostgreSQL", Path(folder), {"DATABASE_URL": url})
