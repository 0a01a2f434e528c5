"""Loads the initial pages from treatments/seed/*.toml, each file once, so that no edit of staff is overwritten."""

import tomllib
from datetime import datetime, time
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from clinic.models import ContentVersion
from clinic.seeds import columns, load_once, save_clean
from treatments.citations import labels
from treatments.models import Page

SEED = Path(__file__).parent / "seed"
SOURCES = Path(__file__).parent / "sources.toml"


def cited(entry: dict) -> list[dict]:
    """Return the known sources that a page's text cites, in the order of their first citation."""
    library = tomllib.loads(SOURCES.read_text())
    texts = [entry["in_short"], *(section["body"] for section in entry.get("sections", []))]
    texts += [faq["answer"] for faq in entry.get("faqs", [])]
    found = dict.fromkeys(label for text in texts for label in labels(text["it"]) if label in library)
    return [{"label": label, **library[label]} for label in found]


@transaction.atomic
def load_page(path: Path, *, now: datetime) -> bool:
    """Create and publish the page of one seed file, once; return whether it was new."""
    entry = tomllib.loads(path.read_text())
    parts = {"sections": entry.pop("sections", []), "faqs": entry.pop("faqs", [])}
    parts = {"sources": cited(entry | parts)} | parts
    parts = {part: [columns(each) | {"position": i} for i, each in enumerate(rows, 1)] for part, rows in parts.items()}
    day = entry.pop("published_on", None)
    entry = columns(entry)

    def create():
        published_at = timezone.make_aware(datetime.combine(day, time(8))) if day else now
        page = Page(published_at=min(published_at, now), **entry)
        save_clean(page)
        for part, rows in parts.items():
            manager = getattr(page, part)
            for row in rows:
                save_clean(manager.model(page=page, **row))
        ContentVersion.bump()

    # Home and overview have no slug: there is one of each.
    existing = Page.objects.filter(**{name: entry[name] for name in ("kind", "slug_it") if name in entry})
    return load_once(f"treatments/{path.name}", entry, parts, create=create, existing=existing, now=now)


def load_pages(*, now: datetime) -> int:
    """Load every seed file not loaded before; return how many pages were created."""
    return sum(load_page(path, now=now) for path in sorted(SEED.glob("*.toml")))
