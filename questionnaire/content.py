"""Loads the first words of the self-check from words.toml, once, and gives pages the present ones."""

import tomllib
from pathlib import Path

from django.db import transaction

from clinic.caching.values import CachedValue
from clinic.models import ContentVersion
from clinic.seeds import columns, is_first_time
from questionnaire.models import Meaning, Outcome, Question

WORDS = Path(__file__).parent / "words.toml"


@transaction.atomic
def load_words() -> int:
    """Create the questions and outcomes not loaded before; return how many were made."""
    made = 0
    first_words = tomllib.loads(WORDS.read_text())
    for model, group in {Question: "questions", Outcome: "outcomes", Meaning: "meanings"}.items():
        for key, entry in first_words[group].items():
            if is_first_time(f"questionnaire/{group}/{key}"):
                model._default_manager.create(key=key, **columns(entry))
                made += 1
    if made:
        ContentVersion.bump()
    return made


def read() -> dict:
    return {(model, row.key): row for model in (Question, Outcome, Meaning) for row in model.objects.all()}


words: CachedValue[dict[tuple, Question | Outcome | Meaning]] = CachedValue(read)
