"""A note is corrected or removed by its author or an owner of the desk; the history says that it was, not what."""

import pytest

from contacts.models import AccessEntry, LeadNote
from tests.leads import make_lead
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(anna):
    return LeadNote.objects.create(lead=make_lead(), author=anna, text="la madre e malata")


def act(desk, note, do, version=0, text="la richiamo io"):
    typed = {"do": do, "number": note.pk, "version": version, "text": text}
    return desk.post(f"/admin/contacts/lead/{note.lead_id}/change/", typed)


def recorded():
    return list(AccessEntry.objects.exclude(action="opened").values_list("action", flat=True))


def test_the_author_corrects_a_note_and_nothing_keeps_what_it_said(desk, note):
    assert act(desk, note, "correct_note").status_code == 302
    shown = desk.get(f"/admin/contacts/lead/{note.lead_id}/change/").content.decode()
    assert "la richiamo io" in shown
    assert "malata" not in shown
    assert "note corrected" in shown
    assert recorded() == ["corrected"]


def test_an_owner_of_the_desk_removes_a_colleagues_note(note):
    act(signed_in(make_staff("olga", "owner")), note, "remove_note", text="")
    assert not LeadNote.objects.exists()
    assert recorded() == ["removed"]


def test_another_colleague_may_do_neither(note):
    bruno = signed_in(make_staff("bruno"))
    assert "correct_note" not in bruno.get(f"/admin/contacts/lead/{note.lead_id}/change/").content.decode()
    for do in ("correct_note", "remove_note"):
        assert act(bruno, note, do).status_code == 403
    note.refresh_from_db()
    assert note.text == "la madre e malata"


def test_an_empty_or_late_correction_keeps_what_was_typed(desk, note):
    assert act(desk, note, "correct_note", text=" ").status_code == 422
    late = act(desk, note, "correct_note", version=9)
    assert late.status_code == 409
    assert "la richiamo io</textarea>" in late.content.decode()
    pk = note.pk
    note.delete()
    note.pk = pk
    gone = act(desk, note, "correct_note")
    assert gone.status_code == 409
    assert gone.context["form"]["note"].value() == "la richiamo io"


def test_a_reply_is_neither_corrected_nor_removed(desk, note):
    desk.post(f"/admin/contacts/lead/{note.lead_id}/change/", {"do": "reply", "version": 0, "text": "Buongiorno"})
    reply = LeadNote.objects.get(email__isnull=False)
    assert act(desk, reply, "remove_note", version=1).status_code == 409
    reply.refresh_from_db()
    assert reply.text == "Buongiorno"
