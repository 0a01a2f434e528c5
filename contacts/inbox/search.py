"""Finds leads by reference, by name or by part of an address; names and addresses are decrypted one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from clinic.text import folded
from contacts import addresses
from contacts.models import Lead
from contacts.references import prefix_range

# A search decrypts the newest leads, about 10,000 in a second; older ones are found by what an index holds.
MAX_READ = 20_000
MAX_FOUND = 50


@dataclass(frozen=True)
class Found:
    """The ids of the leads found, newest first, and whether older leads were not looked through."""

    leads: list[UUID]
    is_partial: bool


def search(text: str) -> Found:
    """Return the leads whose reference starts with `text`, or whose name or address contains it."""
    wanted, found = folded(text), dict.fromkeys(by_index(text))
    newest_first = Lead.objects.order_by("-created_at", "-pk")
    for pk, name, email in newest_first.values_list("pk", "name", "email")[:MAX_READ].iterator(chunk_size=1000):
        if not wanted or len(found) >= MAX_FOUND:
            break
        if wanted in folded(name) or wanted in folded(email):
            found[pk] = None
    is_partial = newest_first.values("pk")[MAX_READ - 1 : MAX_READ].exists()
    return Found(list(found)[:MAX_FOUND], is_partial=is_partial)


def by_index(text: str) -> Iterator[UUID]:
    """Yield the leads that are found without decrypting, whatever their number and age."""
    if bounds := prefix_range(text):
        yield from Lead.objects.filter(reference__range=bounds).values_list("pk", flat=True)[:MAX_FOUND]
    if "@" in text:
        same_address = Lead.objects.filter(email_digest=addresses.digest(text)).order_by("-created_at")
        yield from same_address.values_list("pk", flat=True)[:MAX_FOUND]
