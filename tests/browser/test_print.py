"""A printed page shows collapsed answers and the URLs of links, and no navigation or forms."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/it/trattamenti/micropigmentazione/", "/en/vitiligo/"])
def test_a_printed_page_shows_the_whole_text_and_no_navigation(page, path):
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective))"
    )
    page.goto(path)
    # The CSP does not block the JSON-LD.
    assert page.locator('script[type="application/ld+json"]').count() == 1
    assert page.evaluate("window.refused") == []
    page.emulate_media(media="print")
    assert page.locator("details:not([open]) > :not(summary)").first.is_visible()
    assert page.locator(".contents").is_visible()
    for hidden in (".site-nav", ".write", ".breadcrumb", ".phone-bar"):
        assert page.locator(hidden).is_hidden()
    link = page.locator(".sources a[href^=http]").first
    assert "https://" in link.evaluate("(link) => getComputedStyle(link, '::after').content")


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_the_outcome_prints_as_one_sheet_for_the_doctor(browser, public_site, java_script_enabled):
    page = browser.new_page(base_url=public_site.url, java_script_enabled=java_script_enabled)
    page.goto("/it/questionario/")
    for name in ("diagnosed", "family", "patches"):
        page.check(f"[name={name}][value=yes]")
    page.click(".self-check > [type=submit]")
    page.wait_for_selector(".safety-net")
    assert page.locator("[data-print]").is_visible() is java_script_enabled
    page.emulate_media(media="print")
    for part in (".outcome", ".safety-net", ".answers dl", ".answers .small", ".to-ask li:nth-child(5)"):
        assert page.locator(part).is_visible(), part
    for gone in (".contact-form", ".self-check", ".answers button", "[data-print]"):
        assert not page.locator(gone).first.is_visible(), gone
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.close()
