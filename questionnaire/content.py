"""The wording of the self-check: loaded once from wording.toml, then read from the database and cached."""

import tomllib
from pathlib import Path

from django.db import transaction

from clinic.caching.values import CachedValue
from clinic.models import ContentVersion
from clinic.seeds import columns, is_first_time
from questionnaire.models import Meaning, Outcome, Question

SEED = Path(__file__).parent / "wording.toml"


@transaction.atomic
def load_wording() -> int:
    """Create the questions, outcomes and meanings not loaded before; return how many were created."""
    created = 0
    seed = tomllib.loads(SEED.read_text())
    for model, group in {Question: "questions", Outcome: "outcomes", Meaning: "meanings"}.items():
        for key, entry in seed[group].items():
            if is_first_time(f"questionnaire/{group}/{key}"):
                model._default_manager.create(key=key, **columns(entry))
                created += 1
    if created:
        ContentVersion.bump()
    return created


def read() -> dict:
    return {(model, row.key): row for model in (Question, Outcome, Meaning) for row in model.objects.all()}


wording: CachedValue[dict[tuple, Question | Outcome | Meaning]] = CachedValue(read)
