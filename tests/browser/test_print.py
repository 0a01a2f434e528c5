"""A printed page shows collapsed answers and the URLs of links, and no navigation or forms."""

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
    assert page.locator("details:not([open]) > p").first.is_visible()
    assert page.locator(".contents").is_visible()
    for hidden in (".site-nav", ".write", ".breadcrumb", ".phone-bar"):
        assert page.locator(hidden).is_hidden()
    link = page.locator(".sources a").first
    assert "https://" in link.evaluate("(link) => getComputedStyle(link, '::after').content")
