from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.admin.lead_list import CappedPaginator, search
from contacts.inbox import casework
from contacts.models import AccessEntry, Lead, OutboxEmail
from tests.leads import make_lead, rome
from tests.staff import signed_in

pytestmark = pytest.mark.django_db
INBOX = "/admin/contacts/lead/"
Status = Lead.Status


def listed(response):
    return [lead.reference for lead in response.context["cl"].result_list]


def test_the_inbox_lists_longest_waiting_leads_first_and_shows_no_address(desk):
    now = timezone.now()
    ages = {"answered": 9, "progress": 5, "new": 7, "closed": 8, "suspected": 6}
    leads = {
        status: make_lead(f"{status}@example.org", name="Giulia", status=status, now=now - timedelta(days=days))
        for status, days in ages.items()
    }
    response = desk.get(INBOX)
    assert listed(response) == [leads["new"].reference, leads["progress"].reference]
    shown = response.content.decode()
    assert "@example.org" not in shown
    assert "Giulia" not in shown
    assert listed(desk.get(INBOX, {"status": "answered"})) == [leads["answered"].reference]
    assert len(listed(desk.get(INBOX, {"status": "all"}))) == 5


def test_a_lead_that_waits_too_long_is_marked_in_words(desk):
    late = make_lead(now=timezone.now() - timedelta(days=10))
    fresh = make_lead(now=timezone.now())
    rows = {lead.reference: lead for lead in desk.get(INBOX).context["cl"].result_list}
    assert (rows[late.reference].is_late, rows[fresh.reference].is_late) == (True, False)
    assert desk.get(INBOX).content.decode().count("late</strong>") == 1


@pytest.mark.parametrize("spelling", ["{}", " {} ", "lower", "no hyphen"])
def test_a_reference_however_it_is_written_opens_its_lead(desk, spelling):
    lead = make_lead(status=Status.CLOSED)
    typed = {"lower": lead.reference.lower(), "no hyphen": lead.reference.replace("-", "")}.get(
        spelling, spelling.format(lead.reference)
    )
    assert desk.get(INBOX, {"q": typed})["Location"] == f"{INBOX}{lead.pk}/change/"


def test_part_of_a_reference_finds_leads_of_any_status(desk):
    lead = make_lead(status=Status.CLOSED)
    assert listed(desk.get(INBOX, {"q": lead.reference[:4]})) == [lead.reference]
    assert listed(desk.get(INBOX, {"q": "anna@example.org"})) == []


def test_the_search_box_sends_what_is_typed_by_post_so_that_no_address_holds_it(desk):
    shown = desk.get(INBOX).content.decode()
    assert '<form method="post" action="/admin/contacts/lead/search/" role="search">' in shown
    assert 'name="q"' not in shown


def act(desk, action, *leads):
    data = {"action": action, "_selected_action": [lead.pk for lead in leads]}
    return desk.post(INBOX + "?status=all", data, follow=True).content.decode()


def test_many_leads_are_changed_at_once_and_the_others_are_counted(desk, anna):
    one, two, closed = make_lead(), make_lead(), make_lead(status=Status.CLOSED)
    shown = act(desk, "mark_answered", one, two, closed)
    assert "2 leads changed. 1 not changed." in shown
    assert Lead.objects.filter(status=Status.ANSWERED, owner=anna, version=1).count() == 2
    assert AccessEntry.objects.filter(action="answered", actor=anna).count() == 2


def test_choosing_more_than_are_changed_at_once_gives_a_message(desk, monkeypatch):
    monkeypatch.setattr(casework, "MAX_AT_ONCE", 1)
    shown = act(desk, "mark_answered", make_lead(), make_lead())
    assert "1 lead changed. At most 1 are changed at once" in shown
    assert Lead.objects.filter(status=Status.ANSWERED).count() == 1


def test_not_spam_touches_only_suspected_leads_and_sends_their_mails(desk):
    suspected, taken = make_lead(is_suspected=True), make_lead(status=Status.IN_PROGRESS)
    OutboxEmail.objects.all().delete()
    act(desk, "mark_not_spam", suspected, taken)
    assert {lead.status for lead in Lead.objects.all()} == {Status.NEW, Status.IN_PROGRESS}
    assert OutboxEmail.objects.count() == 2


def test_no_colleague_without_the_right_can_act(anna):
    lead = make_lead()
    anna.groups.clear()
    assert signed_in(anna).post(INBOX, {"action": "close", "_selected_action": [lead.pk]}).status_code == 403


def test_the_list_decrypts_nothing_and_asks_the_same_number_of_queries_for_any_number_of_leads(desk):
    make_lead()
    desk.get(INBOX)
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(INBOX)
    for _ in range(20):
        make_lead()
    with CaptureQueriesContext(connection) as many:
        desk.get(INBOX)
    assert len(many) == len(few)
    asked = [query["sql"] for query in many if "contacts_lead" in query["sql"]]
    assert not any(f'"contacts_lead"."{field}"' in sql for sql in asked for field in ("email", "message"))


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's plan")
@pytest.mark.parametrize(
    "query", ["", "?status=mine", "?status=late", "?status=new", "?status=closed", "?status=all", "?q=K7"]
)
def test_every_view_of_the_inbox_is_read_off_an_index_in_its_order(desk, query):
    make_lead()
    with CaptureQueriesContext(connection) as queries:
        desk.get(INBOX + query)
    rows = [query["sql"] for query in queries if "contacts_lead" in query["sql"] and "ORDER BY" in query["sql"]]
    with connection.cursor() as cursor:
        plan = str(cursor.execute("EXPLAIN QUERY PLAN " + rows[-1]).fetchall())
    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_counting_stops_at_a_thousand():
    class Endless:
        def __getitem__(self, part):
            return self if part.stop == 1000 else None

        def count(self):
            return 1000

    assert CappedPaginator(Endless(), 50).count == 1000


def test_waiting_since_follows_the_status_by_itself():
    lead = make_lead(now=rome(2026, 11, 20, 10))
    Lead.objects.filter(pk=lead.pk).update(status=Status.ANSWERED)
    assert not Lead.objects.open().exists()
    Lead.objects.filter(pk=lead.pk).update(status=Status.IN_PROGRESS)
    assert Lead.objects.open().get().waiting_since == rome(2026, 11, 20, 10)


@pytest.mark.parametrize("length", [1, 3, 4, 5, 7])
def test_the_beginning_of_a_reference_finds_it_however_it_is_written(length):
    lead = make_lead()
    other = make_lead()
    start = lead.reference[:length]
    found = set(search(Lead.objects.all(), start))
    assert found == {each for each in (lead, other) if each.reference.startswith(start)}
    assert set(search(Lead.objects.all(), f" {start.lower().replace('-', '')} ")) == found


@pytest.mark.parametrize("text", ["anna@example.org", "K7M-4QXX", "OIL", "-"])
def test_a_text_with_which_no_reference_starts_finds_nothing(text):
    make_lead()
    assert not search(Lead.objects.all(), text).exists()


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's plan")
def test_a_search_by_reference_reads_its_part_of_the_index():
    plan = search(Lead.objects.all(), "K").order_by("reference").explain()
    assert "SEARCH contacts_lead USING INDEX" in plan


def test_the_views_of_the_inbox_are_counted_on_the_home(desk, anna):
    mine, late = make_lead(status=Status.IN_PROGRESS), make_lead(now=timezone.now() - timedelta(days=10))
    Lead.objects.filter(pk=mine.pk).update(owner=anna)
    make_lead(is_suspected=True)
    home = desk.get("/admin/").content.decode()
    for status, label in {
        "new": "New · 1",
        "mine": "My leads · 1",
        "late": "Overdue · 1",
        "suspected": "Suspected",
    }.items():
        assert f'<a href="{INBOX}?status={status}">{label}' in home
    assert listed(desk.get(INBOX, {"status": "mine"})) == [mine.reference]
    assert listed(desk.get(INBOX, {"status": "late"})) == [late.reference]
