"""Leads: response times when many patients write at once, and one patient against bare inserts on the same disk."""

import http.client
import re
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.server import processor_seconds, site_for_measuring
from tests.bench.table import TRIES, Row
from tests.postgres import server_url, throw_away_database
from tests.site import Site

CONTACT = "/it/contatti/"
PATIENTS = 16
LEADS_EACH = 20


def measure(folder: Path) -> Iterator[Row]:
    with site_for_measuring(folder / "sqlite") as site:
        yield from concurrent(site, "SQLite")
        yield against_the_disk(site, folder)
    if not server_url():
        yield Row("leads on PostgreSQL", "no server answers")
        return
    with throw_away_database() as url, site_for_measuring(folder / "postgres", DATABASE_URL=url) as site:
        yield from concurrent(site, "PostgreSQL")


def concurrent(site: Site, database: str) -> Iterator[Row]:
    """Write leads from many patients at once; the least disturbed run counts."""
    warm = len(write_leads(site, PATIENTS, 1, name="warm"))
    runs = [write_leads(site, PATIENTS, LEADS_EACH, name=f"concurrent{number}") for number in range(TRIES)]
    waits = min(runs, key=lambda waits: percentile(waits, 99))
    wrong = sum(PATIENTS * LEADS_EACH - len(waits) for waits in runs)
    stored = int(site.python("from contacts.models import Lead; print(Lead.objects.count())").splitlines()[-1])
    p99 = percentile(waits, 99)
    yield Row(
        f"lead, {PATIENTS} patients at once, {database}: median, p99",
        f"{statistics.median(waits) * 1000:.0f} ms, {p99 * 1000:.0f} ms",
        "",
        "p99 <= 200 ms",
        p99 <= 0.2,
        f"p99 of {TRIES} runs: " + ", ".join(f"{percentile(waits, 99) * 1000:.0f}" for waits in runs),
    )
    answered = warm + sum(len(waits) for waits in runs)
    yield Row(
        f"leads acknowledged, stored, {database}",
        f"{answered}, {stored}",
        "",
        "equal, 0 errors",
        stored == answered and not wrong,
    )


def percentile(values: list[float], part: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


def write_leads(site: Site, patients: int, each: int, *, name: str) -> list[float]:
    """Return how many seconds each acknowledged lead took."""
    waits: list[float] = []
    barrier = threading.Barrier(patients)

    def write(patient: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        version = re.search(r'name="consent_version"[^>]* value="([^"]+)"', ask(connection, "GET")[1])
        barrier.wait()
        for number in range(each):
            form = {
                "email": f"{name}.{patient}.{number}@example.org",
                "message": "Vorrei sapere quanto dura una visita.",
                "consent": "on",
                "consent_version": version[1],
            }
            began = time.perf_counter()
            if ask(connection, "POST", form)[0] == 303:
                waits.append(time.perf_counter() - began)

    threads = [threading.Thread(target=write, args=(patient,)) for patient in range(patients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def ask(connection: http.client.HTTPConnection, method: str, form: dict | None = None) -> tuple[int, str]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, CONTACT, urlencode(form) if form else None, headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def against_the_disk(site: Site, folder: Path) -> Row:
    """Compare leads sent one after another with bare inserts of the same size, each durable before the next."""
    count, ratios, sites, disks, cpu = 60, [], [], [], []
    for number in range(5):
        disks.append(durable_inserts(folder / "bare.sqlite3", count))
        began, used = time.perf_counter(), processor_seconds(site.processes["web"].pid)
        write_leads(site, 1, count, name=f"disk{number}")
        sites.append((time.perf_counter() - began) / count)
        cpu.append((processor_seconds(site.processes["web"].pid) - used) / count)
        ratios.append(disks[-1] / sites[-1])
    return Row(
        "lead, one patient, against one bare durable insert",
        f"{statistics.median(sites) * 1000:.1f} ms",
        f"{statistics.median(disks) * 1000:.1f} ms bare SQLite",
        f"{statistics.median(ratios):.2f}",
        None,
        f"of which the site's processor time: {statistics.median(cpu) * 1000:.1f} ms",
    )


def durable_inserts(file: Path, count: int) -> float:
    """Return the seconds of one committed insert of a lead's size."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS lead (id INTEGER PRIMARY KEY, text TEXT)")
        began = time.perf_counter()
        for _number in range(count):
            connection.execute("INSERT INTO lead (text) VALUES (?)", ["x" * 1500])
        return (time.perf_counter() - began) / count
    finally:
        connection.close()
