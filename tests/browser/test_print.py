"""A printed page shows collapsed answers and the URLs of links, and no navigation or forms."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/it/trattamenti/micropigmentazione/", "/en/vitiligo/"])
def test_a_printed_page_shows_the_whole_text_and_no_navigation(page, path):
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective))"
    )
    page.goto(path)
    # The CSP does not block the JSON-LD.
    expect(page.locator('script[type="application/ld+json"]')).to_have_count(1)
    assert page.evaluate("window.refused") == []
    page.emulate_media(media="print")
    expect(page.locator("details:not([open]) > :not(summary)").first).to_be_visible()
    expect(page.locator(".contents")).to_be_visible()
    for hidden in (".site-nav", ".write", ".breadcrumb", ".phone-bar"):
        expect(page.locator(hidden)).to_be_hidden()
    link = page.locator(".sources a[href^=http]").first
    assert "https://" in link.evaluate("(link) => getComputedStyle(link, '::after').content")


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_the_outcome_prints_as_one_sheet_for_the_doctor(browser, public_site, java_script_enabled):
    page = browser.new_page(base_url=public_site.url, java_script_enabled=java_script_enabled)
    page.goto("/it/questionario/")
    for name in ("diagnosed", "family", "patches"):
        page.check(f"[name={name}][value=yes]")
    page.click(".self-check > [type=submit]")
    expect(page.locator(".safety-net")).to_be_visible()
    expect(page.locator("[data-print]")).to_be_visible(visible=java_script_enabled)
    page.emulate_media(media="print")
    for part in (".outcome", ".safety-net", ".answers dl", ".answers .small", ".to-ask li:nth-child(5)"):
        expect(page.locator(part)).to_be_visible()
    for gone in (".contact-form", ".self-check", ".answers button", "[data-print]"):
        expect(page.locator(gone).first).to_be_hidden()
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.close()
