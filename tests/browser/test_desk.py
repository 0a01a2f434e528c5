"""Staff at the desk in a real browser: first sign-in, and two colleagues who edit one lead."""

import re

import pytest
from playwright.sync_api import expect

from tests.axe import axe_violations
from tests.staff import add_staff, sign_in

pytestmark = pytest.mark.browser
LEAD = """
from datetime import timedelta
from django.utils import timezone
from contacts.intake.receive import NewRequest, receive
from questionnaire.rules import Answers
request = NewRequest(email="giulia@example.org", name="Giulia", message="Buongiorno", language="it",
                     answers=Answers(True, False, False))
lead = receive(request, now=timezone.now() - timedelta(days=12))
print(lead.pk)
"""


def new_page(browser, **options):
    """Return a page; script errors and what the CSP blocked are in `page.errors`."""
    context = browser.new_context(locale="it-IT", **options)
    page = context.new_page()
    page.errors = []
    context.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: page.errors.append(str(error.error)))
    return page


@pytest.fixture(scope="module")
def lead(site):
    return f"/admin/contacts/lead/{site.python(LEAD).split()[-1]}/change/"


@pytest.fixture(scope="module")
def owner(site, browser):
    """The storage state of a browser in which an owner has signed in."""
    add_staff(site, "capo", "owner")
    page = new_page(browser)
    sign_in(page, site, "capo")
    assert page.errors == []
    return page.context.storage_state()


def test_a_new_account_is_led_through_set_up_and_axe_finds_nothing(site, browser):
    add_staff(site, "nuova", "reception", with_phone=False)
    page = new_page(browser, viewport={"width": 390, "height": 844})
    sign_in(page, site, "nuova")
    expect(page).to_have_url(f"{site.url}/admin/account/two_factor/setup/")
    assert page.locator(".qr").evaluate("async (picture) => (await picture.decode(), picture.naturalWidth)") > 0
    assert page.errors == []
    assert axe_violations(page) == []
    page.goto(f"{site.url}/admin/account/login/")
    assert axe_violations(page) == []
    page.context.close()


def test_two_colleagues_in_one_lead_lose_nothing(site, browser, owner, lead):
    first, second = new_page(browser, storage_state=owner), new_page(browser, storage_state=owner)
    for page in (first, second):
        page.goto(site.url + lead)
    second.fill("[name=note]", "la richiamo io domani")
    first.fill("[name=note]", "risposto per email")
    first.click("button[value=answered]")
    first.wait_for_url("**/admin/contacts/lead/")
    second.click("button[value=progress]")
    expect(second.locator("[role=alert]").first).to_be_visible()
    expect(second.locator("[name=note]")).to_have_value("la richiamo io domani")
    expect(second.locator(".timeline")).to_contain_text("risposto per email")
    expect(second.locator(".status-answered")).to_have_count(1)
    second.locator("button[name=to][value='']").click()
    expect(second.locator(".messagelist")).to_be_visible()
    expect(second.locator(".timeline")).to_contain_text("la richiamo io domani")
    for page in (first, second):
        page.context.close()


def test_a_reply_is_written_taken_back_and_sent_and_nothing_typed_is_lost(site, browser, owner):
    lead = f"{site.url}/admin/contacts/lead/{site.python(LEAD.replace('Buongiorno', 'Buonasera')).split()[-1]}/change/"
    page = new_page(browser, storage_state=owner)
    page.goto(lead)
    box = page.locator("#reply_text")
    expect(box).to_have_value(re.compile("^Gentile Giulia,\\n"))
    box.fill("Cara Giulia,\nla aspettiamo " + "lunedì " * 200)
    page.get_by_text("Scrivere dal proprio programma di posta").click()
    expect(page.locator("[data-longest]")).to_be_visible()
    expect(page.locator("[data-mailto]")).to_have_attribute("href", re.compile("la%20aspettiamo"))
    # The browser asks before what was typed is lost.
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("link", name="solo il saluto").click()
    expect(box).to_have_value(re.compile("^Cara Giulia,"))
    page.get_by_role("button", name="Invia", exact=True).click()
    expect(page.locator(".pending")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Ritira la risposta").click()
    expect(page.locator(".messagelist")).to_contain_text("Non è partito nulla")
    expect(box).to_have_value(re.compile("^Cara Giulia,\\nla aspettiamo lunedì"))
    expect(page.locator(".status-new")).to_have_count(1)
    page.get_by_role("button", name="Invia", exact=True).click()
    expect(page.locator(".status-answered")).to_have_count(1)
    expect(page.locator(".timeline")).to_contain_text("la aspettiamo lunedì")
    assert page.errors == []
    page.context.close()
