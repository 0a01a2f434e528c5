import pytest

from questionnaire.rules import Answers, OutcomeKey, Situation, outcome, situation

TRUTH_TABLE = [
    # diagnosed, family, patches, outcome, whom it speaks to
    (False, False, False, OutcomeKey.REASSURE, Situation.NONE),
    (False, False, True, OutcomeKey.CONTACT, Situation.PATCHES),
    (False, True, False, OutcomeKey.CONTACT, Situation.FAMILY),
    (False, True, True, OutcomeKey.CONTACT, Situation.PATCHES),
    (True, False, False, OutcomeKey.CONTACT, Situation.DIAGNOSED),
    (True, False, True, OutcomeKey.CONTACT, Situation.DIAGNOSED),
    (True, True, False, OutcomeKey.CONTACT, Situation.DIAGNOSED),
    (True, True, True, OutcomeKey.CONTACT, Situation.DIAGNOSED),
]


@pytest.mark.parametrize(("diagnosed", "family", "patches", "expected", "speaks_to"), TRUTH_TABLE)
def test_any_yes_leads_to_a_contact_and_three_times_no_reassures(diagnosed, family, patches, expected, speaks_to):
    answers = Answers(diagnosed=diagnosed, family=family, patches=patches)
    assert outcome(answers) == expected
    assert situation(answers) == speaks_to
