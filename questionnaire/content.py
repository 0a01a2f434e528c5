"""The wording of the self-check: loaded once from wording.toml, then read from the database and cached."""

import tomllib
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from clinic.caching.values import CachedValue
from clinic.models import ContentVersion
from clinic.seeds import columns, load_once
from questionnaire.models import Meaning, Outcome, Question

SEED = Path(__file__).parent / "wording.toml"


@transaction.atomic
def load_wording(*, now: datetime) -> int:
    """Create the questions, outcomes and meanings not loaded before; return how many were created."""
    created = 0
    seed = tomllib.loads(SEED.read_text())
    for model, group in {Question: "questions", Outcome: "outcomes", Meaning: "meanings"}.items():
        for key, entry in seed[group].items():
            words, rows = columns(entry), model._default_manager.filter(key=key)
            create = partial(model._default_manager.create, key=key, **words)
            created += load_once(f"questionnaire/{group}/{key}", words, create=create, existing=rows, now=now)
    if created:
        ContentVersion.bump()
    return created


def read() -> dict:
    return {(model, row.key): row for model in (Question, Outcome, Meaning) for row in model.objects.all()}


wording: CachedValue[dict[tuple, Question | Outcome | Meaning]] = CachedValue(read)
