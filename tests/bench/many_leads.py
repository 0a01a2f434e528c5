"""Writes many leads in seconds: the database copies the first one, which the site itself stored."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from contacts.intake.receive import NewRequest, receive
from contacts.models import Lead
from contacts.references import ALPHABET
from questionnaire.rules import Answers

# Over half a year, as long as leads are kept; one in five is open, one in twenty waits for the patient, those in
# progress belong to the first account; the reference is the number in base 23.
COPY = """
WITH RECURSIVE numbers(i) AS (SELECT %(first)s UNION ALL SELECT i + 1 FROM numbers WHERE i < %(last)s)
INSERT INTO contacts_lead
    ({columns}, id, fingerprint, reference, created_at, last_contact_at, our_turn_since, owner_id, status)
SELECT {columns}, {id}, CAST(i AS text), {digits}, {moment}, {moment},
    CASE WHEN i %% 20 = 1 THEN {later} ELSE {moment} END,
    CASE WHEN i %% 10 = 1 THEN (SELECT min(id) FROM auth_user) END,
    CASE WHEN i %% 10 = 0 THEN 'new' WHEN i %% 10 = 1 THEN 'progress' WHEN i %% 2 = 0 THEN 'answered' ELSE 'closed' END
FROM numbers CROSS JOIN (SELECT {columns} FROM contacts_lead LIMIT 1) AS one
"""
DIALECTS = {
    "sqlite": {
        "id": "printf('%%032x', i)",
        "later": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '3 days')",
        "moment": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', ((i - %(last)s) * %(step)s) || ' seconds')",
    },
    "postgresql": {
        "id": "lpad(to_hex(i), 32, '0')::uuid",
        "later": "now() + interval '3 days'",
        "moment": "now() + (i - %(last)s) * %(step)s * interval '1 second'",
    },
}
COPIED = [
    "language", "source_page", "email", "email_digest", "name", "phone", "message", "answers", "outcome", "keep_reason",
    "address_refused", "version",
]  # fmt: skip


def fill(count: int) -> None:
    """Write `count` leads into an empty table; print a reference's beginning and the day a month ago."""
    now = timezone.now()
    answers = Answers(True, False, False)
    request = NewRequest(email="anna@example.org", name="Anna", message="Buongiorno", answers=answers, language="it")
    receive(request, now=now - timedelta(days=1))
    digits = [f"substr('{ALPHABET}', i / {len(ALPHABET) ** place} %% {len(ALPHABET)} + 1, 1)" for place in range(5)]
    # The last character should be the check character; no list reads it.
    parts = [*digits[:3], "'-'", *digits[3:], digits[0]]
    dialect = DIALECTS[connection.vendor]
    statement = COPY.format(columns=", ".join(COPIED), digits=" || ".join(parts), **dialect)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"first": 1, "last": count - 1, "step": 180 * 24 * 3600 / count})
        # Autovacuum would do it later. On SQLite nothing does, and open connections keep the old statistics.
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE contacts_lead")
    print(Lead.objects.order_by("pk")[count // 2].reference[:1], timezone.localdate(now) - timedelta(days=30))
