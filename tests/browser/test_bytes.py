"""Limits on the requests and bytes of a first visit, as counted by the browser."""

import pytest

pytestmark = pytest.mark.browser
KB = 1000
# What one response costs beside its body.
HEADERS = 700


def visit(browser, site, path):
    """Return {URL: transferred bytes} for a first visit of the page at `path`."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    addresses, sizes = {}, {}
    devtools.on(
        "Network.responseReceived", lambda event: addresses.update({event["requestId"]: event["response"]["url"]})
    )
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(path, wait_until="networkidle")
    context.close()
    return {addresses[key]: size for key, size in sizes.items() if not addresses[key].startswith("data:")}


@pytest.fixture(scope="module")
def first_visit(browser, public_site):
    return visit(browser, public_site, "/it/trattamenti/micropigmentazione/")


@pytest.fixture(scope="module")
def self_check(browser, public_site):
    return visit(browser, public_site, "/it/questionario/")


def test_the_micropigmentation_page_takes_five_requests_and_30_kb_at_most(first_visit):
    assert len(first_visit) <= 5, first_visit
    assert sum(first_visit.values()) <= 30 * KB, first_visit


def test_a_page_carries_its_styles(first_visit):
    assert not [address for address in first_visit if ".css" in address]


def test_the_self_check_takes_35_kb_at_most_and_all_its_scripts_6_kb(self_check):
    assert sum(self_check.values()) <= 35 * KB, self_check
    scripts = {address: size for address, size in self_check.items() if ".js" in address}
    assert sum(scripts.values()) <= 6 * KB + 2 * HEADERS, scripts
