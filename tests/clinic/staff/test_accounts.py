"""The owner's side of accounts: invitations, and what ends a colleague's sessions."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model

from clinic.staff import roles
from contacts.models import AccessEntry, Lead
from tests.leads import make_lead
from tests.staff import PASSWORD, SETUP, SIGN_IN, give_password, make_staff, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
STAFF = "/admin/auth/user/"
CHOSEN = {"new_password1": f"scelta {PASSWORD}", "new_password2": f"scelta {PASSWORD}"}


@pytest.fixture
def owner():
    return signed_in(make_staff("capo", "owner"))


def change(client, user, **fields):
    data = {"username": user.username, "role": "reception"} | fields
    return client.post(f"{STAFF}{user.pk}/change/", data)


def act(client, user, name, **fields):
    return client.post(f"{STAFF}{user.pk}/{name}/", fields)


def invite(client, user):
    """Make an invitation; return its address as the page shows it."""
    page = act(client, user, "invite").content.decode()
    return re.search(r'value="http://[^/]+(/[^"]+)"', page)[1]


def use(client, link, chosen=CHOSEN):
    """Follow an invitation and choose a password; return the answer."""
    page = client.get(link, follow=True)
    return client.post(page.redirect_chain[-1][0], chosen) if page.redirect_chain else page


def test_the_owner_makes_a_colleague_with_one_role_who_is_invited_and_chooses_the_password(owner, client):
    made = owner.post(f"{STAFF}add/", {"username": "bruno", "role": "editor"})
    bruno = get_user_model().objects.get(username="bruno")
    assert made["Location"] == f"{STAFF}{bruno.pk}/invite/"
    assert (bruno.is_staff, bruno.is_superuser, roles.role_of(bruno)) == (True, False, "editor")
    assert not bruno.has_usable_password()
    assert use(client, invite(owner, bruno))["Location"] == SIGN_IN
    assert give_password(client, "bruno", CHOSEN["new_password1"])["Location"] == "/admin/"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == SETUP
    change(owner, bruno, role="reception")
    bruno = get_user_model().objects.get(username="bruno")
    assert [group.name for group in bruno.groups.all()] == ["reception"]
    assert bruno.has_perm("contacts.view_lead")
    assert not bruno.has_perm("treatments.change_page")


def test_a_weak_password_is_refused_to_who_is_invited(owner, client):
    anna = make_staff()
    weak = {"new_password1": "Vitiligine2026!", "new_password2": "Vitiligine2026!"}
    assert use(client, invite(owner, anna), weak).status_code == 200
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_an_invitation_works_once_for_three_days_and_not_for_an_inactive_account(owner, client):
    anna = make_staff()
    now = datetime.now(UTC)
    link = invite(owner, anna)
    with time_machine.travel(now + timedelta(days=3, hours=2)):
        assert not use(client, link).context["validlink"]
    act(owner, anna, "deactivate")
    assert not use(client, link).context["validlink"]
    act(owner, anna, "activate")
    assert use(client, link)["Location"] == SIGN_IN
    assert not use(client, link).context["validlink"]


def test_an_invitation_is_mailed_when_mail_is_set_up_and_an_address_is_given(owner, settings, mailoutbox):
    anna = make_staff()
    invite(owner, anna)
    settings.EMAIL_URL = "smtp://localhost"
    invite(owner, anna)
    assert mailoutbox == []
    get_user_model().objects.filter(pk=anna.pk).update(email="anna@example.org")
    link = invite(owner, anna)
    assert [mail.to for mail in mailoutbox] == [["anna@example.org"]]
    assert link in mailoutbox[0].body


def test_a_mail_server_that_is_away_keeps_nobody_from_making_an_invitation(owner, settings):
    settings.EMAIL_URL, settings.EMAIL_PORT = "smtp://localhost", 9
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    anna = make_staff()
    get_user_model().objects.filter(pk=anna.pk).update(email="anna@example.org")
    assert invite(owner, anna)


def is_redirected_to_sign_in(desk) -> bool:
    pages = [desk.get(page, follow=True).redirect_chain[-1:] for page in ("/admin/", SETUP)]
    return all(page and page[0][0].startswith(SIGN_IN) for page in pages)


def deactivate_and_activate(owner, user):
    act(owner, user, "deactivate")
    act(owner, user, "activate")


def new_password(owner, user):
    use(owner, invite(owner, user))


def reset(owner, user):
    assert act(owner, user, "reset_second_factor").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()


@pytest.mark.parametrize("measure", [deactivate_and_activate, new_password, reset])
def test_what_the_owner_does_about_an_account_signs_it_out_everywhere_and_nobody_else(owner, measure):
    anna, bruno = make_staff(), signed_in(make_staff("bruno"))
    desks = [signed_in(anna), signed_in(anna)]
    assert [desk.get("/admin/").status_code for desk in desks] == [200, 200]
    measure(owner, anna)
    assert all(map(is_redirected_to_sign_in, desks))
    assert owner.get("/admin/").status_code == bruno.get("/admin/").status_code == 200


@pytest.mark.parametrize("name", ["invite", "reset_second_factor", "deactivate"])
def test_nothing_is_done_before_it_is_confirmed(owner, name):
    anna = make_staff()
    desk = signed_in(anna)
    assert owner.get(f"{STAFF}{anna.pk}/{name}/").status_code == 200
    assert desk.get("/admin/").status_code == 200


def test_an_account_that_is_deactivated_loses_the_desk_at_once(owner):
    anna = make_staff()
    desk = signed_in(anna)
    act(owner, anna, "deactivate")
    assert is_redirected_to_sign_in(desk)


def lead_of(owner, status):
    lead = make_lead(status=status)
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    return lead


def test_deactivating_passes_the_open_leads_to_who_is_chosen_and_writes_it_down(owner):
    anna, bruno, edda = make_staff(), make_staff("bruno"), make_staff("edda", "editor")
    lead, answered = (lead_of(anna, status) for status in ("progress", "answered"))
    page = owner.get(f"{STAFF}{anna.pk}/deactivate/").content.decode()
    assert ">bruno<" in page
    assert ">edda<" not in page
    assert act(owner, anna, "deactivate", leads_to=edda.pk).status_code == 200
    assert act(owner, anna, "deactivate", leads_to=bruno.pk).status_code == 302
    assert (Lead.objects.get(pk=lead.pk).owner, Lead.objects.get(pk=answered.pk).owner) == (bruno, anna)
    assert Lead.objects.get(pk=lead.pk).version == lead.version + 1
    entry = AccessEntry.objects.get(action="given")
    assert (entry.reference, entry.actor.username, entry.given_to) == (lead.reference, "capo", bruno)


def test_deactivating_an_account_may_leave_its_open_leads_to_nobody_yet(owner):
    anna = make_staff()
    lead = lead_of(anna, "progress")
    act(owner, anna, "deactivate", leads_to="")
    lead.refresh_from_db()
    assert (lead.owner, lead.status) == (None, "new")
    assert AccessEntry.objects.get().action == "given_back"


def test_an_owner_who_resets_the_own_second_factor_signs_in_anew(owner):
    reset(owner, get_user_model().objects.get(username="capo"))
    assert is_redirected_to_sign_in(owner)


def test_owners_cannot_take_the_desk_from_themselves(owner):
    capo = get_user_model().objects.get(username="capo")
    assert change(owner, capo, role="editor").status_code == 200
    assert act(owner, capo, "deactivate")["Location"] == f"{STAFF}{capo.pk}/change/"
    capo.refresh_from_db()
    assert capo.is_active
    assert roles.role_of(capo) == "owner"


def test_an_owner_does_not_reach_a_technical_account(owner):
    root = get_user_model().objects.create_superuser("root", password=PASSWORD)
    assert "root" not in owner.get(STAFF).content.decode()
    assert owner.get(f"{STAFF}{root.pk}/change/").status_code == 302
    for name in ("invite", "reset_second_factor", "deactivate", "activate"):
        assert act(owner, root, name).status_code == 404


def test_the_page_of_an_account_speaks_of_no_password_based_access(owner):
    page = owner.get(f"{STAFF}{make_staff().pk}/change/").content.decode()
    assert "assword-based" not in page
    assert owner.get(f"{STAFF}{make_staff().pk}/password/").status_code in {302, 404}


def test_the_second_of_two_saves_of_an_account_overwrites_nothing_and_keeps_what_was_typed(owner):
    anna, other = make_staff(), signed_in(make_staff("carla", "owner"))
    page = f"{STAFF}{anna.pk}/change/"
    opened = owner.get(page).context["opened"]
    form = {"username": "anna", "role": "reception", "opened": opened}
    changed = {"first_name": "Anna", "last_name": "Rossi", "role": "editor"}
    assert other.post(page, form | changed).status_code == 302
    answer = owner.post(page, form | {"first_name": "Annalisa", "email": "anna@example.org"})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "carla has saved this while you were writing" in html
    assert '<q class="theirs">Anna</q>' in html
    fields = answer.context["adminform"].form
    sent = {field.html_name: field.value() for field in fields} | {"opened": answer.context["opened"]}
    anna.refresh_from_db()
    assert (anna.first_name, anna.email) == ("Anna", "")
    assert owner.post(page, sent).status_code == 302
    anna.refresh_from_db()
    assert (anna.first_name, anna.last_name, anna.email) == ("Annalisa", "Rossi", "anna@example.org")
    assert roles.role_of(anna) == "editor"
