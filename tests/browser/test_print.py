"""On paper a page is whole: answers unfolded, addresses of links shown, navigation and forms gone."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/it/trattamenti/micropigmentazione/", "/en/vitiligo/"])
def test_a_printed_page_can_be_handed_to_the_family_doctor(page, path):
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective))"
    )
    page.goto(path)
    # The block of data for search engines is no script to the policy.
    assert page.locator('script[type="application/ld+json"]').count() == 1
    assert page.evaluate("window.refused") == []
    page.emulate_media(media="print")
    assert page.locator("details:not([open]) > p").first.is_visible()
    assert page.locator(".contents").is_visible()
    for gone in (".site-nav", ".write", ".breadcrumb", ".phone-bar"):
        assert page.locator(gone).is_hidden()
    link = page.locator(".sources a").first
    assert "https://" in link.evaluate("(link) => getComputedStyle(link, '::after').content")
