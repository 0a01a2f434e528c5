import pytest

from questionnaire.rules import Answers, OutcomeKey, is_family_only, outcome

TRUTH_TABLE = [
    # diagnosed, family, patches, outcome, family only
    (False, False, False, OutcomeKey.REASSURE, False),
    (False, False, True, OutcomeKey.CONTACT, False),
    (False, True, False, OutcomeKey.CONTACT, True),
    (False, True, True, OutcomeKey.CONTACT, False),
    (True, False, False, OutcomeKey.CONTACT, False),
    (True, False, True, OutcomeKey.CONTACT, False),
    (True, True, False, OutcomeKey.CONTACT, False),
    (True, True, True, OutcomeKey.CONTACT, False),
]


@pytest.mark.parametrize(("diagnosed", "family", "patches", "expected", "family_only"), TRUTH_TABLE)
def test_any_yes_leads_to_a_contact_and_three_times_no_reassures(diagnosed, family, patches, expected, family_only):
    answers = Answers(diagnosed=diagnosed, family=family, patches=patches)
    assert outcome(answers) == expected
    assert is_family_only(answers) is family_only
