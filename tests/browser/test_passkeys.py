"""Passkeys in a real browser, kept by Chromium's virtual authenticator; and a form that is sent twice."""

import pytest
from playwright.sync_api import expect

from tests.axe import axe_violations
from tests.browser.test_desk import new_page
from tests.staff import CODE, PASSWORD, add_staff, phone_code

pytestmark = pytest.mark.browser
ACCOUNT = "/admin/account/two_factor/"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(site, browser):
    """A page at the site's name (a browser keeps no passkeys for an IP address), with somewhere to keep them."""
    page = new_page(browser, base_url=f"http://localhost:{site.port}", viewport={"width": 390, "height": 844})
    page.devtools = page.context.new_cdp_session(page)
    page.devtools.send("WebAuthn.enable")
    added = page.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.authenticator = added["authenticatorId"]
    yield page
    page.context.close()


def give_password(page, name):
    page.goto("/admin/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{CODE}")


def test_a_passkey_is_added_named_used_as_second_factor_and_removed(site, page):
    add_staff(site, "patrizia", "reception")
    give_password(page, "patrizia")
    expect(page.locator("[data-passkey]")).to_have_count(0)
    page.fill("[name=code]", phone_code())
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/admin/")

    page.goto(f"{ACCOUNT}passkeys/add/")
    expect(page.locator(".passkey-missing")).to_be_hidden()
    assert axe_violations(page) == []
    page.fill("[name=name]", "Computer alla reception")
    page.click("[data-passkey]")
    page.wait_for_url(f"**{ACCOUNT}backup/tokens/")
    page.goto(ACCOUNT)
    expect(page.locator(".sign-in-card")).to_contain_text("Computer alla reception")
    assert axe_violations(page) == []
    page.click("a:has-text('Rinomina')")
    page.fill("[name=name]", "Banco")
    page.press("[name=name]", "Enter")
    page.wait_for_url(f"**{ACCOUNT}")
    expect(page.locator(".sign-in-card")).to_contain_text("Banco")
    page.click("#logout-form button")
    expect(page.locator("#logout-form")).to_have_count(0)

    give_password(page, "patrizia")
    assert axe_violations(page) == []
    page.click("[data-passkey]")
    page.wait_for_url("**/admin/")

    page.goto(ACCOUNT)
    page.click("a:has-text('Rimuovi')")
    page.wait_for_url("**/remove/")
    page.click(".sign-in-card button")
    page.wait_for_url(f"**{ACCOUNT}")
    expect(page.locator(".sign-in-card")).not_to_contain_text("Banco")
    assert page.errors == []


def test_a_code_sent_twice_by_the_browser_ends_signed_in(site, page):
    add_staff(site, "doppia", "reception")
    give_password(page, "doppia")
    page.fill("[name=code]", phone_code())
    form = page.locator(".sign-in-card form").first
    form.evaluate("form => { form.submit(); setTimeout(() => form.submit(), 15) }")
    expect(page.locator("#site-name")).to_be_visible()
    expect(page).to_have_url(f"http://localhost:{site.port}/admin/")
