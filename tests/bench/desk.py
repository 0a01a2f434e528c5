"""The lists of the desk with a million leads and with a thousand, requested by a member of staff."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.bench.server import Reader, site_for_measuring
from tests.bench.table import Row, alternate
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
    yield from growth("SQLite", folder, {}, {})
    if server_url():
        with throw_away_database() as few, throw_away_database() as many:
            yield from growth("PostgreSQL", folder, {"DATABASE_URL": few}, {"DATABASE_URL": many})


def growth(database: str, folder: Path, *environments: dict[str, str]) -> Iterator[Row]:
    """Read each view of two sites in turn, so that a slower minute of the machine meets both."""
    with ExitStack() as stack:
        sites = [
            (stack.enter_context(site_for_measuring(folder / f"desk-{database}-{count}", **environment)), count)
            for count, environment in zip((FEW, MANY), environments, strict=True)
        ]
        desks = [readers(site, count) for site, count in sites]
        for name in VIEWS:
            few, many = (partial(seconds, desk[name]) for desk in desks)
            pair = alternate(site=many, limit=few, rounds=READS)
            ratio = 1 / pair.ratio
            yield Row(
                f"{name}, {database}: {MANY:,} leads",
                f"{pair.site * 1000:.0f} ms",
                f"{pair.limit * 1000:.0f} ms with {FEW:,}",
                f"{ratio:.2f} <= {LIMIT}",
                ratio <= LIMIT,
                pair.remark,
            )


def readers(site: Site, count: int) -> dict[str, Reader]:
    """Fill a site with `count` leads, some of them in the care of who reads its views; return the readers."""
    cookies = f"session={site.python(SIGNED_IN).splitlines()[-1]}"
    found = fill(site, count)
    return {name: Reader(site.port, path.format(**found), Cookie=cookies) for name, path in VIEWS.items()}


def seconds(reader: Reader) -> float:
    began = time.perf_counter()
    status = reader.read()[0]
    assert status == "200 OK", status
    return time.perf_counter() - began


def fill(site: Site, count: int) -> dict[str, str]:
    """Write `count` leads; return the values in the paths of the views."""
    printed = site.python(f"from tests.bench import many_leads; many_leads.fill({count})").splitlines()[-1]
    return dict(zip(("beginning", "since"), printed.split(), strict=True))
