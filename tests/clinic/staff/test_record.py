"""The record of sign-ins: what happens to an account is in it, nothing of it changes, no typed name is in clear."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import SignInEntry
from contacts.inbox import digest
from tests.staff import PASSWORD, SETUP, give_code, give_password, make_staff, phone_code, signed_in

pytestmark = pytest.mark.django_db
RECORD = "/admin/clinic/signinentry/"
STAFF = "/admin/auth/user/"


def events(**filters):
    """Return (event, account, actor) of what was written down, oldest first."""
    entries = SignInEntry.objects.filter(**filters).order_by("pk").select_related("account", "actor")
    return [
        (entry.event, *(getattr(who, "username", None) for who in (entry.account, entry.actor))) for entry in entries
    ]


def test_signing_in_and_out_and_every_refusal_is_written_down(client):
    make_staff()
    SignInEntry.objects.all()._raw_delete("default")
    for _ in range(6):
        give_password(client, password="wrong")
    give_password(client, REMOTE_ADDR="192.0.2.7")
    give_code(client, "000000")
    give_code(client, phone_code())
    client.post(reverse("admin:logout"))
    assert events() == [
        *[("refused", "anna", None)] * 5,
        ("locked_out", "anna", None),
        ("refused", "anna", None),
        ("signed_in", "anna", "anna"),
        ("signed_out", "anna", "anna"),
    ]


def test_an_unknown_name_is_written_down_as_a_code_that_tells_it_from_others(client):
    for name in ("a-password-typed-there", "a-password-typed-there", "other"):
        give_password(client, name)
    first, again, other = SignInEntry.objects.order_by("pk").values_list("name_digest", flat=True)
    assert first == again != other
    assert len(first) == 64
    assert events() == [("refused", None, None)] * 3


def test_what_happens_to_an_account_is_written_down_with_who_did_it():
    owner = signed_in(make_staff("capo", "owner"))
    owner.post(f"{STAFF}add/", {"username": "bruno", "role": "editor"})
    anna = make_staff()
    for name in ("invite", "reset_second_factor", "deactivate", "activate"):
        owner.post(f"{STAFF}{anna.pk}/{name}/")
    assert events(account__username="bruno") == [("made", "bruno", "capo")]
    assert events(account=anna) == [
        ("made", "anna", None),
        ("added", "anna", None),
        ("invited", "anna", "capo"),
        ("reset", "anna", "capo"),
        ("inactive", "anna", "capo"),
        ("active", "anna", "capo"),
    ]


def test_what_staff_change_of_their_own_sign_in_is_written_down():
    anna = make_staff()
    desk = signed_in(anna)
    new = {"new_password1": f"nuova {PASSWORD}", "new_password2": f"nuova {PASSWORD}"}
    desk.post(reverse("admin:password_change"), {"old_password": PASSWORD} | new)
    desk.post("/admin/account/two_factor/backup/tokens/new/")
    desk.post("/admin/account/two_factor/disable/")
    desk.get(SETUP)
    desk.post(SETUP, {"code": phone_code(desk.session["mfa.totp.secret"])})
    assert [event for event, *_ in events(account=anna)][3:] == ["password", "codes", "removed", "added"]


def test_the_record_is_the_owners_to_read_and_nobodys_to_change():
    owner = signed_in(make_staff("capo", "owner"))
    entry = SignInEntry.objects.last()
    assert owner.get(RECORD).status_code == owner.get(f"{RECORD}{entry.pk}/change/").status_code == 200
    assert owner.post(f"{RECORD}{entry.pk}/change/", {"event": "inactive"}).status_code == 403
    assert owner.post(f"{RECORD}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(TypeError):
        entry.save()


def test_the_morning_mail_counts_what_was_refused_or_changed_since_yesterday(client):
    now = timezone.now()
    assert digest.digest(now=now) is None
    SignInEntry.objects.create(event="refused", at=now - timedelta(days=2))
    SignInEntry.objects.create(event="signed_in", at=now)
    assert digest.digest(now=now) is None
    for event in ("refused", "locked_out", "reset"):
        SignInEntry.objects.create(event=event, at=now - timedelta(hours=2))
    said = digest.digest(now=now)
    assert (said["refusals"], said["changes"]) == (2, 1)
