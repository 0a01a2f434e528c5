"""The self-check stores no personal data: only its wording and anonymous counts per day."""

from clinic.personal_data import Personal

PERSONAL_FIELDS: list[Personal] = []

NOT_PERSONAL = """
    questionnaire.Question: key text hint
    questionnaire.Outcome: key text safety_net urgent_signs
    questionnaire.Meaning: key heading text
    questionnaire.DailyTally: day outcome count
"""
