"""The rule of the self-check: from three answers to one of two outcomes, without Django or the database."""

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
    """A patient's answers: True is yes."""

    diagnosed: bool
    family: bool
    patches: bool

    def as_dict(self) -> dict[str, bool]:
        return asdict(self)


def outcome(answers: Answers) -> OutcomeKey:
    """Any yes leads to `contact`; three times no leads to `reassure`."""
    return OutcomeKey.CONTACT if any(answers.as_dict().values()) else OutcomeKey.REASSURE


def is_family_only(answers: Answers) -> bool:
    """Return whether family is the only yes: the outcome then adds that most relatives never develop vitiligo."""
    return answers == Answers(diagnosed=False, family=True, patches=False)
