"""Loads the initial pages from treatments/seed/*.toml, each file once, so that no edit of staff is overwritten."""

import tomllib
from datetime import datetime, time
from pathlib import Path

from django.db import models, transaction
from django.utils import timezone

from clinic.models import ContentVersion
from clinic.seeds import columns, is_first_time
from treatments.citations import labels
from treatments.models import Faq, Page, Section, Source

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
    """Create and publish the page of one seed file; return whether it was new."""
    if not is_first_time(f"treatments/{path.name}"):
        return False
    entry = tomllib.loads(path.read_text())
    parts: dict[type[models.Model], list[dict]] = {Source: cited(entry)}
    parts |= {model: entry.pop(name, []) for name, model in {"sections": Section, "faqs": Faq}.items()}
    day = entry.pop("published_on", None)
    published_at = timezone.make_aware(datetime.combine(day, time(8))) if day else now
    page = save_clean(Page(published_at=min(published_at, now), **columns(entry)))
    for model, entries in parts.items():
        for position, part in enumerate(entries, start=1):
            save_clean(model(page=page, position=position, **columns(part)))
    ContentVersion.bump()
    return True


def save_clean(row: models.Model) -> models.Model:
    """Validate and save `row`; its formatted text is sanitized on the way, as in the admin."""
    row.full_clean()
    row.save()
    return row


def load_pages(*, now: datetime) -> int:
    """Load every seed file not loaded before; return how many pages were created."""
    return sum(load_page(path, now=now) for path in sorted(SEED.glob("*.toml")))
