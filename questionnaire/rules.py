"""The self-check's rule: from three answers to one of two outcomes. No Django, no database, no words."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Key(StrEnum):
    """The three questions, in the order in which they are asked."""

    DIAGNOSED = "diagnosed"
    FAMILY = "family"
    PATCHES = "patches"


class OutcomeKey(StrEnum):
    CONTACT = "contact"
    REASSURE = "reassure"


@dataclass(frozen=True)
class Answers:
    """What a patient answered: True is yes."""

    diagnosed: bool
    family: bool
    patches: bool

    def as_dict(self) -> dict[str, bool]:
        return asdict(self)


def outcome(answers: Answers) -> OutcomeKey:
    """Any yes leads to `contact`; three times no leads to `reassure`."""
    return OutcomeKey.CONTACT if any(answers.as_dict().values()) else OutcomeKey.REASSURE


def is_family_only(answers: Answers) -> bool:
    """Say whether the family is the only yes: the outcome then adds that most relatives never develop vitiligo."""
    return answers == Answers(diagnosed=False, family=True, patches=False)
