from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.facts import facts
from clinic.models import ClinicProfile
from contacts.admin.lead_list import CappedPaginator, search
from contacts.inbox import casework, many_leads, reports
from contacts.models import AccessEntry, Lead, OutboxEmail
from tests.leads import make_lead, rome
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
INBOX = "/admin/contacts/lead/"
Status = Lead.Status


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def listed(response):
    return [lead.reference for lead in response.context["cl"].result_list]


def test_the_inbox_lists_longest_waiting_leads_first_with_name_and_first_words_and_shows_no_address(desk):
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
    assert shown.count('<bdi class="name">Giulia</bdi>') == 2
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
    """Choose the action in the list; say yes to the question that follows for more than one lead."""
    data = {"action": action, "_selected_action": [lead.pk for lead in leads]}
    shown = desk.post(INBOX + "?status=all", data, follow=True)
    if key := (shown.context.get("chosen") or {}).get("key"):
        shown = desk.post(f"{INBOX}confirm/", {"key": key}, follow=True)
    assert shown.redirect_chain[-1][0] == INBOX + "?status=all"
    return shown.content.decode()


def test_many_leads_are_changed_at_once_and_the_others_are_counted(desk, anna):
    one, two, closed = make_lead(), make_lead(), make_lead(status=Status.CLOSED)
    shown = act(desk, "to_answered", one, two, closed)
    assert "Mark answered: 2 leads changed. 1 not changed." in shown
    assert Lead.objects.filter(status=Status.ANSWERED, owner=anna, version=1).count() == 2
    assert AccessEntry.objects.filter(action="answered", actor=anna).count() == 2


def test_choosing_more_than_are_changed_at_once_gives_a_message(desk, monkeypatch):
    monkeypatch.setattr(many_leads, "MAX_AT_ONCE", 1)
    shown = act(desk, "to_answered", make_lead(), make_lead())
    assert "1 lead changed. At most 1 are changed at once" in shown
    assert Lead.objects.filter(status=Status.ANSWERED).count() == 1


def test_not_spam_touches_only_suspected_leads_and_sends_their_mails(desk):
    suspected, taken = make_lead(is_suspected=True), make_lead(status=Status.IN_PROGRESS)
    OutboxEmail.objects.all().delete()
    act(desk, "to_new", suspected, taken)
    assert {lead.status for lead in Lead.objects.all()} == {Status.NEW, Status.IN_PROGRESS}
    assert OutboxEmail.objects.count() == 2


def test_no_colleague_without_the_right_can_act(anna):
    lead = make_lead()
    anna.groups.clear()
    assert signed_in(anna).post(INBOX, {"action": "to_closed", "_selected_action": [lead.pk]}).status_code == 403


def test_the_list_loads_no_address_and_asks_the_same_number_of_queries_for_any_number_of_leads(desk):
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
    assert not any(f'"contacts_lead"."{field}"' in sql for sql in asked for field in ("email", "answers"))


def test_the_owner_may_switch_names_off_in_the_lists(desk):
    lead = make_lead(name="Giulia", message="Buongiorno")
    ClinicProfile.objects.create(pk=1, names_in_lists=False)
    facts.invalidate()
    for address in (INBOX, "/admin/"):
        with CaptureQueriesContext(connection) as queries:
            shown = desk.get(address).content.decode()
        assert lead.reference in shown
        assert "Giulia" not in shown
        assert "Buongiorno" not in shown
        assert not any('"contacts_lead"."name"' in query["sql"] for query in queries)
    for role in ("editor", "owner"):
        shown = (
            signed_in(make_staff(role, role)).get("/admin/clinic/clinicprofile/1/change/?step=promise").content.decode()
        )
        assert ("names_in_lists" in shown) is (role == "owner")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's plan")
def test_the_home_finds_refused_addresses_by_their_index():
    with CaptureQueriesContext(connection) as queries:
        reports.refused_addresses()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
        assert [row[3] for row in cursor.fetchall()] == ["SCAN contacts_lead USING INDEX lead_address_refused"]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's plan")
@pytest.mark.parametrize(
    "query",
    ["", "?status=mine", "?status=waiting", "?status=late", "?status=new", "?status=closed", "?status=all", "?q=K7"],
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


def test_a_refused_address_is_seen_in_the_list(desk):
    lead = make_lead()
    assert "email refused" not in desk.get(INBOX).content.decode()
    Lead.objects.filter(pk=lead.pk).update(address_refused=True)
    assert "email refused" in desk.get(INBOX).content.decode()


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


def test_the_views_of_the_inbox_are_counted_in_the_menu_of_every_page(desk, anna):
    mine, late = make_lead(status=Status.IN_PROGRESS), make_lead(now=timezone.now() - timedelta(days=10))
    Lead.objects.filter(pk=mine.pk).update(owner=anna)
    waiting = make_lead(now=timezone.now() - timedelta(days=30))
    casework.update_lead(waiting.pk, version=0, actor=anna, now=timezone.now(), wait_until=in_days(20))
    suspected = make_lead(is_suspected=True)
    views = {
        "new": ("New", late),
        "mine": ("Mine", mine),
        "waiting": ("Waiting for the patient", waiting),
        "late": ("Overdue", late),
        "suspected": ("Suspected spam", suspected),
    }
    for address in ("/admin/", "/admin/contacts/savedreply/", INBOX):
        shown = desk.get(address).content.decode()
        for status, (label, _lead) in views.items():
            assert f'<a href="{INBOX}?status={status}">{label} · 1</a>' in shown
    for status, (_label, lead) in views.items():
        shown = desk.get(INBOX, {"status": status})
        assert listed(shown) == [lead.reference]
        assert f'?status={status}" aria-current="page">' in shown.content.decode()
