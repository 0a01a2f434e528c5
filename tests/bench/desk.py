"""The lists of the desk with a million leads and with a thousand, requested by a member of staff."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.server import Reader, site_for_measuring
from tests.bench.table import Row
from tests.postgres import server_url, throw_away_database
from tests.site import Site

FEW, MANY, LIMIT = 1_000, 1_000_000, 1.5
READS = 15
SIGNED_IN = "from tests.staff import *; print(signed_in(make_staff('capo', 'owner')).cookies['session'].value)"
INBOX = "/admin/contacts/lead/"
# The last page that exists: the count ends at a thousand (contacts.admin.lead_list).
VIEWS = {
    "home": "/admin/",
    "inbox": INBOX,
    "inbox, last page of all": f"{INBOX}?status=all&p=20",
    "inbox, mine": f"{INBOX}?status=mine",
    "inbox, waiting for the patient": f"{INBOX}?status=waiting",
    "inbox, overdue": f"{INBOX}?status=late",
    "inbox, answered": f"{INBOX}?status=answered",
    "inbox, one outcome of all": f"{INBOX}?status=all&outcome=contact",
    "inbox, the last 30 days": f"{INBOX}?status=all&created_at__gte={{since}}+00:00",
    "inbox, a reference's beginning": f"{INBOX}?q={{beginning}}",
}


def measure(folder: Path) -> Iterator[Row]:
    yield from growth(folder / "desk", "SQLite")
    if server_url():
        with throw_away_database() as url:
            yield from growth(folder / "desk-postgres", "PostgreSQL", DATABASE_URL=url)


def growth(folder: Path, database: str, **environment: str) -> Iterator[Row]:
    with site_for_measuring(folder, **environment) as site:
        cookies = f"session={site.python(SIGNED_IN).splitlines()[-1]}"
        few = seconds(site, cookies, fill(site, FEW))
        began = time.perf_counter()
        found = fill(site, MANY)
        remark = f"{MANY - FEW:,} leads written in {time.perf_counter() - began:.0f} s"
        many = seconds(site, cookies, found)
        for name in VIEWS:
            ratio = many[name] / few[name]
            yield Row(
                f"{name}, {database}: {MANY:,} leads",
                f"{many[name] * 1000:.0f} ms",
                f"{few[name] * 1000:.0f} ms with {FEW:,}",
                f"{ratio:.2f} <= {LIMIT}",
                ratio <= LIMIT,
                remark,
            )
            remark = ""


def fill(site: Site, count: int) -> dict[str, str]:
    """Write leads until there are `count`; return the values in the paths of the views."""
    printed = site.python(f"from tests.bench import many_leads; many_leads.fill({count})").splitlines()[-1]
    return dict(zip(("beginning", "since"), printed.split(), strict=True))


def seconds(site: Site, cookies: str, found: dict[str, str]) -> dict[str, float]:
    """Return the median seconds of a response for each view."""
    medians = {}
    for name, path in VIEWS.items():
        reader = Reader(site.port, path.format(**found), Cookie=cookies)
        times = []
        for _number in range(READS + 2):
            began = time.perf_counter()
            status = reader.read()[0]
            times.append(time.perf_counter() - began)
            assert status == "200 OK", f"{name}: {status}"
        medians[name] = statistics.median(times[2:])
    return medians
