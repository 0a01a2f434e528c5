"""A reply from the page of a lead: it is sent once, may be taken back, and takes part in all that a lead has."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.inbox import correspondence
from contacts.mail import outbox
from contacts.models import AccessEntry, Lead, LeadNote, OutboxEmail
from contacts.privacy import erasure, subject_access
from tests.leads import make_lead
from tests.mail_server import STAFF
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db
Status = Lead.Status
TEXT = "Gentile Anna,\n\nla aspettiamo lunedì.\n\nCordiali saluti"


def page(lead):
    return f"/admin/contacts/lead/{lead.pk}/change/"


def post(desk, lead, do, version=0, **typed):
    return desk.post(page(lead), {"do": do, "version": version, **typed})


def reply(desk, lead, version=0, text=TEXT, **typed):
    return post(desk, lead, "reply", version, text=text, **typed)


def row():
    return OutboxEmail.objects.get(kind="reply")


def send_all(now):
    outcomes = []
    while outcome := outbox.send_next(now=now):
        outcomes.append(outcome)
        assert len(outcomes) < 20
    return outcomes


def after_the_hold():
    return timezone.now() + correspondence.HOLD + timedelta(seconds=1)


def recorded(lead):
    return list(AccessEntry.objects.filter(reference=lead.reference).order_by("pk").values_list("action", flat=True))


# --- Writing ---


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("language", "name", "greeting"),
    [
        ("it", "Anna  Rossi", "Gentile Anna Rossi,"),
        ("it", "", "Gentile signora, gentile signore,"),
        ("en", "Anna Rossi", "Dear Anna Rossi,"),
        ("en", "", "Dear Sir or Madam,"),
    ],
)
def test_the_box_opens_with_a_saved_text_in_the_patients_language_that_knows_the_name(desk, language, name, greeting):
    lead = make_lead(language=language, name=name)
    text = desk.get(page(lead)).context["reply"]["text"].value()
    assert text.startswith(f"{greeting}\n\n")
    assert {"it": "grazie per averci scritto", "en": "Thank you for writing"}[language] in text
    assert text.endswith(
        {"it": "Il centro della dott.ssa Marina Fantato", "en": "Dr. Marina Fantato's centre"}[language]
    )


@pytest.mark.one_database
def test_another_saved_text_or_a_greeting_only_may_be_chosen(desk):
    lead = make_lead(name="Anna")
    for saved in desk.get(page(lead)).context["saved_replies"]:
        assert saved.body_it in desk.get(page(lead), {"saved": saved.pk}).context["reply"]["text"].value()
    assert desk.get(page(lead), {"saved": 0}).context["reply"]["text"].value().startswith("Gentile Anna,\n\n\n\n")
    assert desk.get(page(lead), {"saved": "9" * 5000, "again": "x"}).status_code == 200


def test_a_reply_marks_the_lead_answered_and_leaves_once_after_ten_seconds(desk, anna, server):
    lead = make_lead(now=timezone.now() - timedelta(days=3))
    send_all(timezone.now())
    assert reply(desk, lead)["Location"] == page(lead)
    lead.refresh_from_db()
    assert (lead.status, lead.owner, lead.version) == (Status.ANSWERED, anna, 1)
    assert timezone.now() - lead.last_contact_at < timedelta(minutes=1)
    assert recorded(lead) == ["answered", "replied"]
    server.received.clear()
    assert send_all(timezone.now()) == []
    assert len(send_all(after_the_hold())) == 1
    (message,) = server.messages(to="anna@example.org")
    assert message["Subject"] == f"La sua richiesta {lead.reference}"
    assert (message["From"], message["Reply-To"], message["To"]) == ("site@clinic.example", STAFF, "anna@example.org")
    assert message["Auto-Submitted"] is None
    assert str(row().message_id) in message["Message-ID"]
    assert message.get_body(["plain"]).get_content().replace("\r\n", "\n").strip() == TEXT
    assert "la aspettiamo lunedì." in message.get_body(["html"]).get_content()
    shown = desk.get(page(lead)).content.decode()
    assert "la aspettiamo lunedì." in shown
    assert "Take it back" not in shown


@pytest.mark.one_database
def test_without_an_inbox_of_the_centre_the_page_says_where_answers_arrive(desk, server, settings):
    settings.STAFF_INBOX = ""
    lead = make_lead()
    assert "arrives at site@clinic.example" in desk.get(page(lead)).content.decode()
    reply(desk, lead)
    send_all(after_the_hold())
    (message,) = (
        each for each in server.messages(to="anna@example.org") if "lunedì" in each.get_body(["plain"]).get_content()
    )
    assert (message["From"], message["Reply-To"]) == ("site@clinic.example", None)


@pytest.mark.one_database
def test_while_email_is_not_set_up_a_reply_waits_and_the_page_says_so(desk, server, settings):
    url, settings.EMAIL_URL = settings.EMAIL_URL, ""
    lead = make_lead()
    assert "Email is not set up yet" in desk.get(page(lead)).content.decode()
    reply(desk, lead)
    assert "The reply waits: email is not set up yet." in desk.get(page(lead)).content.decode()
    assert send_all(after_the_hold()) == []
    settings.EMAIL_URL = url
    send_all(after_the_hold())
    assert row().sent_at


def test_three_automatic_emails_of_a_day_hold_no_reply_back(desk, server):
    for _number in range(3):
        lead = make_lead()
    send_all(timezone.now())
    reply(desk, lead)
    send_all(after_the_hold())
    assert row().sent_at
    reply(desk, lead, 1, text="Ancora una cosa")
    send_all(after_the_hold())
    assert OutboxEmail.objects.filter(kind="reply", sent_at__isnull=False).count() == 2


def test_a_double_click_sends_one_reply_and_keeps_the_text(desk):
    lead = make_lead()
    reply(desk, lead)
    response = reply(desk, lead)
    assert response.status_code == 409
    assert response.context["reply"]["text"].value() == TEXT
    assert "Nothing more was saved or sent." in response.content.decode()
    assert row()
    assert LeadNote.objects.count() == 1


def test_a_reply_to_a_lead_that_a_colleague_changed_meanwhile_is_not_sent_and_its_text_stays(desk):
    lead = make_lead()
    reply(signed_in(make_staff("bruno")), lead, text="Già risposto")
    response = reply(desk, lead)
    assert response.status_code == 409
    assert "bruno" in response.content.decode()
    assert response.context["reply"]["text"].value() == TEXT
    assert row().note.text == "Già risposto"
    assert reply(desk, lead, response.context["reply"]["version"].value()).status_code == 302


@pytest.mark.one_database
def test_an_empty_reply_is_an_error_and_suspected_spam_is_not_written_to(desk):
    lead = make_lead()
    response = reply(desk, lead, text=" ")
    assert response.status_code == 422
    assert '<a href="#reply_text">' in response.content.decode()
    suspected = make_lead(is_suspected=True)
    assert "reply_text" not in desk.get(page(suspected)).content.decode()
    assert reply(desk, suspected).status_code == 409
    assert not OutboxEmail.objects.filter(kind="reply").exists()


def test_an_answered_or_closed_lead_is_written_to_again_and_stays_as_it_is(desk):
    lead = make_lead(status=Status.CLOSED, now=timezone.now() - timedelta(days=9))
    reply(desk, lead)
    lead.refresh_from_db()
    assert lead.status == Status.CLOSED
    assert timezone.now() - lead.last_contact_at < timedelta(minutes=1)
    assert recorded(lead) == ["replied"]


# --- Several leads of one person ---


def test_one_reply_answers_the_other_open_leads_of_the_person_that_are_ticked(desk, anna):
    lead, other, unticked = (make_lead(f"anna+{tag}@example.org") for tag in "abc")
    stranger, closed = make_lead("bea@example.org"), make_lead(status=Status.CLOSED)
    shown = desk.get(page(lead)).content.decode()
    for each, is_listed in ((other, True), (unticked, True), (stranger, False), (closed, False)):
        assert (f'name="also" value="{each.pk}" checked' in shown) is is_listed
    assert reply(desk, lead, also=[str(other.pk)]).status_code == 302
    assert reply(desk, unticked, also=[str(stranger.pk)]).status_code == 422
    for each, status in ((lead, "answered"), (other, "answered"), (unticked, "new"), (stranger, "new")):
        each.refresh_from_db()
        assert each.status == status
    assert (other.owner, other.version) == (anna, 1)
    assert row().lead == lead
    assert f"answered with the reply to {lead.reference}" in desk.get(page(other)).content.decode()


# --- Taking it back ---


def test_a_reply_taken_back_is_not_sent_and_all_is_as_before_with_the_text_in_the_box(desk, server):
    long_ago = timezone.now() - timedelta(days=3)
    lead, other = make_lead(now=long_ago), make_lead(now=long_ago)
    reply(desk, lead, also=[str(other.pk)])
    assert "Take it back" in desk.get(page(lead)).content.decode()
    response = post(desk, lead, "take_back", reply=row().pk)
    assert response.status_code == 200
    assert response.context["reply"]["text"].value() == TEXT
    assert "Nothing was sent" in response.content.decode()
    for each in (lead, other):
        each.refresh_from_db()
        assert (each.status, each.owner, each.last_contact_at) == (Status.NEW, None, long_ago)
        assert recorded(each)[-1] in {"taken_back", "opened"}
        assert "taken_back" in recorded(each)
    assert not LeadNote.objects.exists()
    send_all(after_the_hold())
    assert {message.get_content_type() for message in server.messages(to="anna@example.org")} <= {
        "multipart/alternative"
    }
    assert not any("lunedì" in str(message) for message in server.messages())
    # The box can be sent again.
    assert reply(desk, lead, response.context["reply"]["version"].value()).status_code == 302


def test_taking_back_leaves_what_a_colleague_did_since(desk):
    lead = make_lead()
    reply(desk, lead)
    lead.refresh_from_db()
    signed_in(make_staff("bruno")).post(
        page(lead), {"version": 1, "to": "closed", "note": "", "owner": lead.owner_id, "initial-owner": lead.owner_id}
    )
    post(desk, lead, "take_back", reply=row().pk)
    lead.refresh_from_db()
    assert (lead.status, OutboxEmail.objects.filter(kind="reply").count()) == (Status.CLOSED, 0)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_two_replies_that_are_both_taken_back_leave_the_lead_waiting(desk, order):
    lead = make_lead()
    for version in (0, 1):
        reply(desk, lead, version)
    sent = list(OutboxEmail.objects.filter(kind="reply").order_by("pk"))
    for index in order:
        post(desk, lead, "take_back", reply=sent[index].pk)
    assert Lead.objects.open().filter(status=Status.NEW).count() == 1


def test_a_lead_stays_answered_while_one_of_its_replies_is_not_taken_back(desk):
    lead = make_lead()
    for version in (0, 1, 2):
        reply(desk, lead, version)
    first, second, third = OutboxEmail.objects.filter(kind="reply").order_by("pk")
    for taken_back, is_open in [(first, False), (third, False), (second, True)]:
        post(desk, lead, "take_back", reply=taken_back.pk)
        assert Lead.objects.open().exists() is is_open


def test_a_note_written_since_does_not_keep_a_lead_answered_whose_reply_is_taken_back(desk):
    lead = make_lead()
    reply(desk, lead)
    post(desk, lead, "", 1, note="Chiamata.", owner="", **{"initial-owner": ""})
    post(desk, lead, "take_back", reply=row().pk)
    lead.refresh_from_db()
    assert (lead.status, lead.notes.count()) == (Status.NEW, 1)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "state", [{"sent_at": timezone.now()}, {"claimed_until": timezone.now()}, {"attempts": 1}, None]
)
def test_too_late_to_take_back_is_said_and_changes_nothing(desk, state):
    lead = make_lead()
    reply(desk, lead)
    if state:
        OutboxEmail.objects.filter(kind="reply").update(**state)
    response = desk.post(page(lead), {"do": "take_back", "reply": row().pk if state else "x"}, follow=True)
    assert "Too late: the reply has left." in response.content.decode()
    lead.refresh_from_db()
    assert (lead.status, LeadNote.objects.count()) == (Status.ANSWERED, 1)


@pytest.mark.one_database
def test_the_reply_of_another_lead_cannot_be_taken_back(desk):
    lead, other = make_lead(), make_lead("bea@example.org")
    reply(desk, lead)
    assert post(desk, other, "take_back", reply=row().pk).status_code == 302
    assert row()


@pytest.mark.parametrize("action", ["withdrawn", "erased"])
def test_a_lead_that_is_gone_within_the_ten_seconds_is_not_written_to(desk, server, settings, tmp_path, action):
    settings.VAR_DIR = tmp_path
    lead = make_lead()
    send_all(timezone.now())
    reply(desk, lead)
    server.received.clear()
    erasure.erase(Lead.objects.all(), action=AccessEntry.Action(action), now=timezone.now())
    assert send_all(after_the_hold()) == []
    assert not LeadNote.objects.exists()
    response = post(desk, lead, "reply", 1, text="ancora io")
    assert response.status_code == 404
    assert "ancora io</textarea>" in response.content.decode()


# --- What a reply takes part in ---


def test_a_reply_is_in_the_copy_for_the_person_and_is_no_note(desk, server):
    lead = make_lead()
    reply(desk, lead)
    copy = subject_access.copy_of(lead)
    assert [(given["text"], given["sent"]) for given in copy["replies"]] == [(TEXT, None)]
    assert copy["notes"] == []
    assert {mail["what"] for mail in copy["mails"]} == {"al centro", "al paziente"}
    owner = signed_in(make_staff("olga", "owner"))
    assert (
        "la aspettiamo lunedì."
        in owner.post("/admin/contacts/lead/person/copy/", {"lead": str(lead.pk)}).content.decode()
    )


@pytest.mark.one_database
def test_the_link_to_the_mail_program_warns_when_some_programs_would_cut_it(desk):
    lead = make_lead()
    assert 'data-longest="2000" hidden' in desk.get(page(lead)).content.decode()
    response = reply(desk, lead, 99, text="parole " * 300)
    assert 'data-longest="2000">' in response.content.decode()


# --- When it does not arrive ---


def test_a_refused_reply_is_said_on_the_lead_and_leaves_again_once_the_address_is_corrected(desk, server):
    lead = make_lead("ana@example.org")
    send_all(timezone.now())
    reply(desk, lead)
    server.behaviour = "RCPT 550 5.1.1 unknown"
    send_all(after_the_hold())
    shown = desk.get(page(lead)).content.decode()
    assert "undelivered since" in shown
    assert "the address may be mistyped" in shown
    assert lead.reference in desk.get("/admin/").content.decode()
    server.behaviour = "well"
    server.received.clear()
    post(desk, lead, "correct_address", 1, email=" <anna@example.org> ")
    send_all(timezone.now())
    assert len(server.messages(to="anna@example.org")) == len(server.received) == 2
    assert row().sent_at
    lead.refresh_from_db()
    assert not lead.address_refused
    assert "Addresses refused" not in desk.get("/admin/").content.decode()


def test_a_mail_that_came_back_is_marked_and_stays_so_until_the_address_is_corrected(desk, server):
    lead = make_lead("ana@example.org")
    send_all(timezone.now())
    fingerprint, digest = lead.fingerprint, lead.email_digest
    post(desk, lead, "mark_refused")
    assert lead.reference in desk.get("/admin/").content.decode()
    # The server takes the next one too: it comes back later.
    reply(desk, lead)
    send_all(after_the_hold())
    lead.refresh_from_db()
    assert lead.address_refused
    bad = post(desk, lead, "correct_address", 1, email="anna@localhost")
    assert bad.status_code == 422
    assert "anna@localhost" in bad.content.decode()
    assert post(desk, lead, "correct_address", 0, email="anna@example.org").status_code == 409
    post(desk, lead, "correct_address", 1, email="anna@example.org")
    lead.refresh_from_db()
    assert (lead.email, lead.address_refused, lead.fingerprint) == ("anna@example.org", False, fingerprint)
    assert lead.email_digest != digest
    server.received.clear()
    send_all(after_the_hold())
    (message,) = server.messages(to="anna@example.org")
    assert lead.reference in message["Subject"]
    assert recorded(lead).count("returned") == recorded(lead).count("address") == 1
    # A reply that came back is written again from its text.
    note = LeadNote.objects.get()
    assert desk.get(page(lead), {"again": note.pk}).context["reply"]["text"].value() == TEXT


def test_the_result_of_an_email_in_hand_to_the_old_address_is_not_that_of_the_new_one(desk, server):
    lead = make_lead("ana@example.org")
    OutboxEmail.objects.filter(kind="staff").delete()
    in_hand = outbox.claim(now=timezone.now())
    post(desk, lead, "correct_address", email="anna@example.org")
    outbox.record_result(in_hand, outbox.SendResult.SENT, sent_at=timezone.now())
    send_all(timezone.now())
    assert len(server.messages(to="anna@example.org")) == 1
