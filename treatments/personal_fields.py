"""The personal data in the pages: who wrote and who reviewed them, and the photographs."""

from django.conf import settings

from clinic.personal_data import Personal, Whose

PERSONAL_FIELDS = [
    Personal(
        "treatments.Page: author reviewed_by",
        what="names of who wrote and who reviewed a page",
        why="so that readers know who wrote and reviewed a page",
        kept="as long as the page exists",
        whose=Whose.CENTRE,
    ),
    Personal(
        "treatments.Photo: name width height alt added_at",
        what="photographs: a person may be recognised in one only with their written consent",
        why="to show the centre and its people",
        kept=f"as long as the centre shows it; out of reach, {settings.KEEP_DELETED_CONTENT_DAYS} days longer",
        whose=Whose.CENTRE,
    ),
]

NOT_PERSONAL = """
    treatments.Page: kind title slug summary drawing in_short published_at names_medicine reviewed_on next_review
        updated_at
    treatments.Section: page position anchor nav heading body figure photo
    treatments.Faq: page position question answer
    treatments.Source: page position label text year url language note
"""
