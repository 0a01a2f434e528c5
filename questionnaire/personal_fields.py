"""The self-check stores no personal data: only its wording and anonymous counts per day."""

from clinic.personal_data import Personal

PERSONAL_FIELDS: list[Personal] = []

NOT_PERSONAL = """
    questionnaire.Question: key text hint
    questionnaire.Outcome: key heading text meaning safety_net family_note
    questionnaire.DailyTally: day outcome count
"""
