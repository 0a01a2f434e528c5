"""Limits on the requests and bytes of a first visit, as counted by the browser."""

import pytest

pytestmark = pytest.mark.browser
KB = 1000


@pytest.fixture(scope="module")
def first_visit(browser, public_site):
    """Return {URL: transferred bytes} for a first visit of the micropigmentation page."""
    context = browser.new_context(base_url=public_site.url)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    addresses, sizes = {}, {}
    devtools.on(
        "Network.responseReceived", lambda event: addresses.update({event["requestId"]: event["response"]["url"]})
    )
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto("/it/trattamenti/micropigmentazione/", wait_until="networkidle")
    context.close()
    return {addresses[key]: size for key, size in sizes.items() if not addresses[key].startswith("data:")}


def test_the_micropigmentation_page_takes_five_requests_and_30_kb_at_most(first_visit):
    assert len(first_visit) <= 5, first_visit
    assert sum(first_visit.values()) <= 30 * KB, first_visit


def test_all_styles_are_one_request_of_12_kb_at_most(first_visit):
    styles = {address: size for address, size in first_visit.items() if ".css" in address}
    assert len(styles) == 1
    assert sum(styles.values()) <= 12 * KB


def test_the_conversation_is_4_kb_at_most(browser, public_site):
    page = browser.new_page(base_url=public_site.url)
    with page.expect_response("**/conversation*.js") as script:
        page.goto("/it/questionario/")
    assert script.value.request.sizes()["responseBodySize"] <= 4 * KB
    page.close()
