"""The rule of the self-check: from three answers to a situation and an outcome, without Django or the database."""

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


class Situation(StrEnum):
    """What the answers say about the patient, the most important first; each has its own heading and meaning."""

    DIAGNOSED = "diagnosed"
    PATCHES = "patches"
    FAMILY = "family"
    NONE = "none"

    @property
    def example(self) -> Answers:
        """Answers that lead to this situation."""
        return Answers(**{key: key == self for key in Key})


def situation(answers: Answers) -> Situation:
    """Return the first situation that the answers confirm: a diagnosis before patches, patches before the family."""
    given = answers.as_dict()
    return next((one for one in Situation if given.get(one)), Situation.NONE)


def outcome(answers: Answers) -> OutcomeKey:
    """Any yes leads to `contact`; three times no leads to `reassure`."""
    return OutcomeKey.REASSURE if situation(answers) is Situation.NONE else OutcomeKey.CONTACT
