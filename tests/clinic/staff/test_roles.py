"""Who may open which page of the desk: the table is the rule, the test walks every address that exists."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from clinic.staff import roles
from tests import desk_addresses
from tests.leads import make_lead
from tests.staff import make_staff, signed_in
from treatments.models import Page

pytestmark = pytest.mark.django_db
EVERYONE = "reception editor owner"
LEADS, PAGES, OWNER, NOBODY = "reception owner", "editor owner", "owner", ""

WHO_MAY_OPEN = {
    "index": EVERYONE,
    "login": EVERYONE,
    "logout": EVERYONE,
    "password_change": EVERYONE,
    "password_change_done": EVERYONE,
    "jsi18n": EVERYONE,
    "autocomplete": NOBODY,
    "app_list auth": EVERYONE,
    "app_list clinic": EVERYONE,
    "app_list contacts": EVERYONE,
    "app_list questionnaire": EVERYONE,
    "app_list treatments": EVERYONE,
    "auth_user_changelist": OWNER,
    "auth_user_add": OWNER,
    "auth_user_change": OWNER,
    "auth_user_history": OWNER,
    "auth_user_invite": OWNER,
    "auth_user_reset_second_factor": OWNER,
    "auth_user_deactivate": OWNER,
    "auth_user_activate": OWNER,
    "auth_user_delete": NOBODY,
    "clinic_clinicprofile_changelist": PAGES,
    "clinic_clinicprofile_add": NOBODY,
    "clinic_clinicprofile_change": PAGES,
    "clinic_clinicprofile_history": PAGES,
    "clinic_clinicprofile_delete": NOBODY,
    "clinic_clinicprofile_draft": PAGES,
    "clinic_clinicprofile_revision": PAGES,
    "clinic_clinicprofile_deleted": NOBODY,
    "contacts_savedreply_draft": LEADS,
    "contacts_savedreply_revision": LEADS,
    "contacts_savedreply_deleted": LEADS,
    "questionnaire_meaning_draft": PAGES,
    "questionnaire_meaning_revision": PAGES,
    "questionnaire_meaning_deleted": NOBODY,
    "questionnaire_outcome_draft": PAGES,
    "questionnaire_outcome_revision": PAGES,
    "questionnaire_outcome_deleted": NOBODY,
    "questionnaire_question_draft": PAGES,
    "questionnaire_question_revision": PAGES,
    "questionnaire_question_deleted": NOBODY,
    "treatments_page_draft": PAGES,
    "treatments_page_revision": PAGES,
    "treatments_page_deleted": PAGES,
    "treatments_photo_draft": PAGES,
    "treatments_photo_revision": PAGES,
    "treatments_photo_deleted": PAGES,
    "clinic_professional_changelist": PAGES,
    "clinic_professional_add": PAGES,
    "clinic_professional_change": PAGES,
    "clinic_professional_history": PAGES,
    "clinic_professional_delete": PAGES,
    "clinic_professional_draft": PAGES,
    "clinic_professional_revision": PAGES,
    "clinic_professional_deleted": PAGES,
    "clinic_signinentry_changelist": OWNER,
    "clinic_signinentry_add": NOBODY,
    "clinic_signinentry_change": OWNER,
    "clinic_signinentry_history": OWNER,
    "clinic_signinentry_delete": NOBODY,
    "clinic_signoff_changelist": OWNER,
    "clinic_signoff_add": OWNER,
    "clinic_signoff_change": OWNER,
    "clinic_signoff_history": OWNER,
    "clinic_signoff_delete": OWNER,
    "lead_export": OWNER,
    "person": LEADS,
    "person_copy": OWNER,
    "person_erase": OWNER,
    "person_erased": OWNER,
    "expiring": LEADS,
    "lead_confirm": LEADS,
    "lead_search": LEADS,
    "lead_undo": LEADS,
    "contacts_accessentry_changelist": LEADS,
    "contacts_accessentry_add": NOBODY,
    "contacts_accessentry_change": LEADS,
    "contacts_accessentry_history": LEADS,
    "contacts_accessentry_delete": NOBODY,
    "contacts_consent_changelist": LEADS,
    "contacts_consent_add": NOBODY,
    "contacts_consent_change": LEADS,
    "contacts_consent_history": LEADS,
    "contacts_consent_delete": NOBODY,
    "contacts_lead_changelist": LEADS,
    "contacts_lead_add": NOBODY,
    "contacts_lead_change": LEADS,
    "contacts_lead_history": LEADS,
    "contacts_lead_delete": NOBODY,
    "contacts_savedreply_changelist": LEADS,
    "contacts_savedreply_add": LEADS,
    "contacts_savedreply_change": LEADS,
    "contacts_savedreply_history": LEADS,
    "contacts_savedreply_delete": LEADS,
    "questionnaire_dailytally_changelist": EVERYONE,
    "questionnaire_dailytally_add": NOBODY,
    "questionnaire_dailytally_change": EVERYONE,
    "questionnaire_dailytally_history": EVERYONE,
    "questionnaire_dailytally_delete": NOBODY,
    "questionnaire_meaning_changelist": PAGES,
    "questionnaire_meaning_add": NOBODY,
    "questionnaire_meaning_change": PAGES,
    "questionnaire_meaning_history": PAGES,
    "questionnaire_meaning_delete": NOBODY,
    "questionnaire_outcome_changelist": PAGES,
    "questionnaire_outcome_add": NOBODY,
    "questionnaire_outcome_change": PAGES,
    "questionnaire_outcome_history": PAGES,
    "questionnaire_outcome_delete": NOBODY,
    "questionnaire_question_changelist": PAGES,
    "questionnaire_question_add": NOBODY,
    "questionnaire_question_change": PAGES,
    "questionnaire_question_history": PAGES,
    "questionnaire_question_delete": NOBODY,
    "treatments_page_changelist": PAGES,
    "treatments_page_add": PAGES,
    "treatments_page_change": PAGES,
    "treatments_page_history": PAGES,
    "treatments_page_delete": PAGES,
    "treatments_page_preview": PAGES,
    "treatments_photo_changelist": PAGES,
    "treatments_photo_add": PAGES,
    "treatments_photo_change": PAGES,
    "treatments_photo_history": PAGES,
    "treatments_photo_delete": PAGES,
}


@pytest.fixture
def addresses():
    return desk_addresses.of_all()


def is_open(response) -> bool:
    return response.status_code in {200, 405} or (
        response.status_code == 302 and not response["Location"].startswith(("/admin/login", "/admin/account/login"))
    )


@pytest.mark.parametrize(
    "role", [OWNER, *(pytest.param(role, marks=pytest.mark.one_database) for role in (roles.RECEPTION, roles.EDITOR))]
)
def test_each_role_opens_what_the_table_says_and_nothing_else(addresses, role):
    client = signed_in(make_staff(role, role))
    seen = {name for name, address in addresses.items() if is_open(client.get(address))}
    assert addresses.keys() == WHO_MAY_OPEN.keys()
    assert seen == {name for name, names in WHO_MAY_OPEN.items() if role in names.split()}


def test_nobody_learns_by_a_search_which_references_exist_who_may_not_see_leads():
    editor, lead = signed_in(make_staff("edda", "editor")), make_lead()
    for reference in (lead.reference, "K7M-4QX"):
        assert editor.get("/admin/contacts/lead/", {"q": reference}).status_code == 403


def test_the_desk_tells_nobody_the_address_of_a_page_by_its_number():
    draft = Page.objects.create(kind=Page.Kind.NEWS, title_it="Bozza", slug_it="bozza", in_short_it="Bozza")
    pages = ContentType.objects.get_for_model(Page)
    for role in roles.NAMES:
        assert signed_in(make_staff(role, role)).get(f"/admin/r/{pages.pk}/{draft.pk}/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "contacts/lead/?source_page=%00",
        "contacts/lead/?outcome__exact=%00",
        "contacts/lead/?created_at__year=99999999",
        "contacts/lead/?source_page__regex=(",
        "treatments/page/?published_at__year=99999999",
        "autocomplete/?app_label=contacts&model_name=lead&field_name=owner&term=%00",
        "contacts/lead/%00/change/",
    ],
)
def test_an_address_of_the_desk_that_no_database_can_answer_is_a_bad_request(address):
    assert signed_in(make_staff("capo", "owner")).get(f"/admin/{address}").status_code == 400


@pytest.mark.parametrize("value", ["x", "", "9" * 30, "\0"])
def test_a_ticked_row_that_no_list_can_have_is_a_bad_request_on_every_list(value):
    owner = signed_in(make_staff("capo", "owner"))
    statuses = {}
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        data = {"action": "delete_selected", "_selected_action": value, "index": "0"}
        statuses[address] = owner.post(address, data).status_code
    assert set(statuses.values()) <= {400, 403}, statuses
    assert statuses["/admin/contacts/lead/"] == statuses["/admin/treatments/page/"] == 400


def test_the_filters_that_the_inbox_offers_work():
    make_lead()
    desk = signed_in(make_staff())
    offered = set(re.findall(r'href="(\?[^"]+)"', desk.get("/admin/contacts/lead/").content.decode()))
    assert len(offered) > 10
    for query in offered:
        assert desk.get(f"/admin/contacts/lead/{unescape(query)}").status_code == 200


@pytest.mark.one_database
def test_what_a_role_may_not_open_it_may_not_post_to_either(addresses):
    for role in roles.NAMES:
        client = signed_in(make_staff(role, role))
        for name in addresses:
            if role not in WHO_MAY_OPEN[name]:
                assert client.post(addresses[name], {"post": "yes"}).status_code in {403, 404, 405}, (role, name)


@pytest.mark.one_database
@pytest.mark.parametrize("visitor", ["stranger", "password only", "no phone", "not staff"])
def test_strangers_are_led_to_the_sign_in_page_from_every_address(addresses, visitor):
    client = Client()
    if visitor == "password only":
        client.force_login(make_staff("anna", "owner"))
    elif visitor == "no phone":
        client.force_login(make_staff("anna", "owner", with_phone=False))
    elif visitor == "not staff":
        client.force_login(get_user_model().objects.create_user("patient"))
    del addresses["logout"]
    for name, address in (addresses | {"unknown": "/admin/no/such/page/"}).items():
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 302, name
            assert response["Location"].startswith(("/admin/login/", "/admin/account/")), name


def test_roles_are_put_right_on_every_migrate_and_twice_changes_nothing():
    reception = Group.objects.get(name=roles.RECEPTION)
    reception.permissions.set([Permission.objects.get(codename="delete_lead")])
    roles.synchronise()
    once = set(reception.permissions.values_list("codename", flat=True))
    roles.synchronise()
    assert once == set(reception.permissions.values_list("codename", flat=True))
    assert {"view_lead", "change_lead"} <= once
    assert "delete_lead" not in once


def test_every_permission_of_a_role_exists():
    existing = set(Permission.objects.values_list("content_type__app_label", "codename"))
    assert set().union(*roles.ROLES.values()) <= existing


def test_nobody_in_a_role_may_delete_a_lead_outside_erasure():
    for role in roles.NAMES:
        assert not make_staff(role, role).has_perm("contacts.delete_lead")
