"""One person with three leads is erased from a running site: no byte of them stays outside the sealed backup."""

import re

import pytest

from tests.faults.crowd import post
from tests.site import Site

pytestmark = pytest.mark.faults

ADDRESSES = ["Anna.Rossi@Example.org", "anna.rossi@example.org", "anna.rossi+sito@example.org"]
MARKS = ["anna.rossi", "Rossi", "parole segrete", "nota segreta"]

PREPARE = """
from contacts.models import Lead, LeadNote
leads = list(Lead.objects.all())
lead = next(lead for lead in leads if lead.email.startswith("Anna"))
LeadNote.objects.create(lead=lead, text="nota segreta")
# Staff work on it: every save writes fresh ciphertext over the old.
for _time in range(5):
    lead.save()
"""
# Whatever leads to the person: what is typed, its ciphertext, the digests, the random ids.
TRACES = """
from django.db import connection
from contacts.models import Lead
ids = [lead.pk.hex for lead in Lead.objects.all() if lead.email.lower().startswith("anna.rossi")]
with connection.cursor() as cursor:
    for key in ids:
        columns = "id, email, name, message, email_digest, fingerprint"
        cursor.execute(f"SELECT {columns} FROM contacts_lead WHERE id = %s", [key])
        print(*cursor.fetchone(), sep="\\n")
    cursor.execute("SELECT text FROM contacts_leadnote")
    print(*[row[0] for row in cursor.fetchall()], sep="\\n")
"""
TABLES = """
from django.db import connection
with connection.cursor() as cursor:
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f'SELECT * FROM "{table}"')
        for row in cursor.fetchall():
            print(table, *row)
"""
# Somebody has the database open all the time, so that its write-ahead log does not go by itself.
READER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM contacts_lead").fetchone()
time.sleep(600)
"""
OTHERS = """
from django.utils import timezone
from contacts.intake.receive import NewRequest, receive
now = timezone.now()
for number in range(200):
    receive(NewRequest(email=f"p{number}@example.net", message="x" * number * 4, language="it"), now=now)
"""


def write(site, email):
    """Write to the centre; the address with a tag comes from a robot."""
    trap = "filled in by a robot" if "+" in email else ""
    answer = post(site, "", email=email, name="Anna Rossi", message=f"parole segrete {email}", second_opinion=trap)
    assert "/inviato/" in answer.location


def holding(site, traces):
    """Return {file: how many of the traces stand in its bytes} of everything the site wrote, but its backups."""
    files = [path for path in (site.folder / "var").rglob("*") if path.is_file() and "static" not in path.parts]
    found = {}
    for path in [*files, site.log]:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # SQLite's own files come and go with the last reader
        times = sum(trace.encode() in content for trace in traces)
        if times:
            found[path.name] = times
    return found


def test_no_byte_of_an_erased_person_is_left_in_tables_files_and_logs(tmp_path):
    with Site(tmp_path) as site:
        site.start("reader", "-c", READER, str(site.folder / "var/db.sqlite3"))
        site.python(OTHERS)
        for email in ADDRESSES:
            write(site, email)
        site.python(PREPARE)
        traces = [trace for trace in site.python(TRACES).splitlines() if trace]
        assert len(traces) == 3 * 6 + 1
        site.manage("backup")
        before = holding(site, traces)
        assert before.get("db.sqlite3", 0) + before.get("db.sqlite3-wal", 0) >= len(traces)
        assert holding(site, MARKS) == {}, "what is typed is nowhere in clear, not even before"
        tables = site.python(TABLES)
        assert all(trace in tables for trace in traces)

        said = site.manage("erase_person", "--with-variants", "--yes", input="ANNA.ROSSI@example.org\n")
        assert "Erased: 3 leads" in said

        tables = site.python(TABLES)
        print(f"before: {before}; after: {holding(site, traces)}; {said}")
        assert [trace for trace in traces if trace in tables] == []
        # The random ids stay in one place, so that a restore can keep them away.
        ids = [trace for trace in traces if re.fullmatch("[0-9a-f]{32}", trace)]
        assert holding(site, traces) == {}
        log = (site.folder / "var/erasures.log").read_text().replace("-", "")
        assert all(key in log for key in ids)
        assert tables.count("contacts_consent") >= 203
        assert site.python("from contacts.models import Lead; print(Lead.objects.count())") == "200"
