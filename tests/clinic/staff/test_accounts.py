import pytest
from django.contrib.auth import get_user_model

from clinic.staff import roles
from tests.staff import PASSWORD, make_staff, signed_in

pytestmark = pytest.mark.django_db
STAFF = "/admin/auth/user/"
SIGN_IN, SETUP = "/admin/account/login/", "/admin/account/two_factor/setup/"


@pytest.fixture
def owner():
    return signed_in(make_staff("capo", "owner"))


def change(client, user, **fields):
    data = {"username": user.username, "role": "reception", "is_active": "on"} | fields
    return client.post(f"{STAFF}{user.pk}/change/", {name: value for name, value in data.items() if value})


def test_the_owner_makes_a_colleague_with_one_role_who_can_sign_in(owner):
    fields = {"username": "bruno", "role": "editor", "password1": PASSWORD, "password2": PASSWORD}
    assert owner.post(f"{STAFF}add/", fields).status_code == 302
    bruno = get_user_model().objects.get(username="bruno")
    assert (bruno.is_staff, bruno.is_superuser, roles.role_of(bruno)) == (True, False, "editor")
    assert bruno.check_password(PASSWORD)
    change(owner, bruno, role="reception")
    bruno = get_user_model().objects.get(username="bruno")
    assert [group.name for group in bruno.groups.all()] == ["reception"]
    assert bruno.has_perm("contacts.view_lead")
    assert not bruno.has_perm("treatments.change_page")


def test_a_weak_password_is_refused_for_a_colleague_too(owner):
    fields = {"username": "bruno", "role": "editor", "password1": "Vitiligine2026!", "password2": "Vitiligine2026!"}
    assert owner.post(f"{STAFF}add/", fields).status_code == 200
    assert not get_user_model().objects.filter(username="bruno").exists()


def is_led_to_sign_in(desk) -> bool:
    pages = [desk.get(page, follow=True).redirect_chain[-1:] for page in ("/admin/", SETUP)]
    return all(page and page[0][0].startswith(SIGN_IN) for page in pages)


def switch_off_and_on(owner, user):
    change(owner, user, is_active="")
    change(owner, user)


def set_password(owner, user):
    passwords = {"password1": f"nuova {PASSWORD}", "password2": f"nuova {PASSWORD}"}
    owner.post(f"{STAFF}{user.pk}/password/", passwords)


def disconnect_phone(owner, user):
    owner.post(STAFF, {"action": "disconnect_phone", "_selected_action": user.pk})
    assert not user.totpdevice_set.exists()


@pytest.mark.parametrize("measure", [switch_off_and_on, set_password, disconnect_phone])
def test_what_the_owner_does_about_an_account_signs_it_out_everywhere_and_nobody_else(owner, measure):
    anna, bruno = make_staff(), signed_in(make_staff("bruno"))
    desks = [signed_in(anna), signed_in(anna)]
    assert [desk.get("/admin/").status_code for desk in desks] == [200, 200]
    measure(owner, anna)
    assert all(map(is_led_to_sign_in, desks))
    assert owner.get("/admin/").status_code == bruno.get("/admin/").status_code == 200


def test_an_account_that_is_switched_off_loses_the_desk_at_once(owner):
    anna = make_staff()
    desk = signed_in(anna)
    change(owner, anna, is_active="")
    assert is_led_to_sign_in(desk)


def test_an_owner_who_disconnects_the_own_phone_signs_in_anew(owner):
    disconnect_phone(owner, get_user_model().objects.get(username="capo"))
    assert is_led_to_sign_in(owner)


@pytest.mark.parametrize("fields", [{"role": "editor"}, {"role": "owner", "is_active": ""}])
def test_owners_cannot_take_the_desk_from_themselves(owner, fields):
    capo = get_user_model().objects.get(username="capo")
    assert change(owner, capo, **fields).status_code == 200
    capo.refresh_from_db()
    assert capo.is_active
    assert roles.role_of(capo) == "owner"


def test_an_owner_does_not_reach_a_technical_account(owner):
    root = get_user_model().objects.create_superuser("root", password=PASSWORD)
    assert "root" not in owner.get(STAFF).content.decode()
    assert owner.get(f"{STAFF}{root.pk}/change/").status_code == 302
    assert owner.post(f"{STAFF}{root.pk}/password/", {"password1": "x", "password2": "x"}).status_code == 404
