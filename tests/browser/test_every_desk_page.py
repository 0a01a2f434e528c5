"""Every page of the desk in a real browser, as the owner: in Italian on a light desktop, in English on a dark phone."""

import json
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from clinic.staff import sign_in as account
from tests.axe import VIOLATIONS, VIOLATIONS_OF_LOOKS
from tests.site import Site
from tests.staff import add_staff, sign_in

pytestmark = pytest.mark.browser
COLLECT = "import json; from tests import desk_addresses; print(json.dumps(desk_addresses.of_all()))"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKS = {
    # Every rule of axe here, those of looks below.
    "it": {"locale": "it-IT", "viewport": DESK, "color_scheme": "light"},
    "en": {"locale": "en-GB", "viewport": PHONE, "color_scheme": "dark"},
}
# The prose editors start after the page, those in a closed part when it is opened. The selector matches editors that
# have not started: wait_for_function would use eval, which the CSP blocks.
TEXT = "textarea[data-django-prose-editor-configurable]:not([id*=__prefix__])"
NOT_STARTED = f"{TEXT}:not(.prose-editor:has([aria-disabled]) *), .prose-menubar .disabled:not([aria-disabled=true])"
SAME_FOR_ALL = ("_history", "_delete", "_deleted", "_revision")
PERSON = "/admin/contacts/lead/person/"


@dataclass
class Findings:
    """What was found on all pages."""

    names: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)


def search(page):
    page.goto(PERSON)
    page.fill("[name=address]", "anna@example.org")
    page.press("[name=address]", "Enter")
    page.wait_for_selector("[name=sure]")


def search_for_nobody(page):
    page.goto(PERSON)
    page.fill("[name=address]", "nobody@example.org")
    page.press("[name=address]", "Enter")
    page.wait_for_selector(".desk-empty")


def copy(page):
    search(page)
    page.click("button[formaction$='copy/'] >> nth=0")
    page.wait_for_selector(".kept-list")


def erase(page):
    """Erase one of the three leads: the other language chooses the other two."""
    search(page)
    for tick in page.locator("[name=lead]").all()[1:]:
        tick.uncheck()
    page.check("[name=sure]")
    page.click("button.erase")
    page.wait_for_selector("[role=status]")


def export_nothing(page):
    page.goto("/admin/contacts/lead/export/")
    for tick in page.locator("[name=columns]").all():
        tick.uncheck()
    page.click("#content [type=submit]")
    page.wait_for_selector("[role=alert]")


def choose_in_the_inbox(page):
    page.goto("/admin/contacts/lead/")
    page.check("#action-toggle")
    page.select_option("[name=action]", "to_answered")
    page.click("#changelist [name=index]")
    page.wait_for_url("**/confirm/")


def act_on_the_inbox(page):
    choose_in_the_inbox(page)
    page.click("#content button.default")
    page.wait_for_selector(".messagelist button")


def undo(page):
    page.click(".messagelist button")
    page.wait_for_selector(".messagelist:not(:has(button))")


def search_by_name(page):
    page.goto("/admin/contacts/lead/search/")
    page.fill("#searchbar", "anna")
    page.press("#searchbar", "Enter")
    page.wait_for_selector("#result_list")


def wait_for_the_patient(page):
    page.goto("/admin/contacts/lead/")
    page.click("#result_list th a >> nth=-1")
    page.click("button[name=wait] >> nth=-1")
    page.wait_for_selector(".errornote")


def save_an_empty_page(page):
    page.goto("/admin/treatments/page/add/")
    page.evaluate("document.querySelector('#page_form').noValidate = true")
    page.click("[name=_save]")
    page.wait_for_selector(".errornote")


def copy_monday(page):
    page.goto("/admin/clinic/clinicprofile/?step=hours")
    page.click("[name=_copy_monday]")
    page.wait_for_selector(".week [role=status]")


# Pages that no URL alone leads to.
ACTIONS = [
    search, search_for_nobody, copy, export_nothing, choose_in_the_inbox, act_on_the_inbox, undo, search_by_name,
    wait_for_the_patient, save_an_empty_page, copy_monday, erase,
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of its own: what is found does not depend on what other tests have saved."""
    with Site(tmp_path_factory.mktemp("desk-site")) as site:
        yield site


@pytest.fixture(scope="module")
def findings(browser, site):
    """Open every URL and do every action, in both languages."""
    findings = Findings()
    addresses = json.loads(site.python(COLLECT).splitlines()[-1])
    del addresses["jsi18n"]  # JavaScript
    own = {url.name: f"/admin/account/{url.pattern}" for url in account.urlpatterns if "<" not in str(url.pattern)}
    # First: some minutes after sign-in they ask for the password again.
    addresses = own | {"invitation": "/admin/account/invitation/MQ/x-y/"} | addresses
    add_staff(site, "olga", "owner")
    page = browser.new_page()
    sign_in(page, site, "olga")
    state = page.context.storage_state()
    page.context.close()
    for language, look in LOOKS.items():
        if language == "en":
            addresses = one_of_each_kind(addresses)
        context = browser.new_context(base_url=site.url, storage_state=state, reduced_motion="reduce", **look)
        context.add_init_script(Axe().axe_script)
        page = context.new_page()
        page.on("console", lambda message: note_error(message, findings))
        context.on("weberror", lambda error: findings.errors.append(f"{error.page.url}: {error.error}"))
        page.on("request", lambda request: findings.foreign_requests.append(request.url))
        for name, address in addresses.items():
            response = page.goto(address)
            is_page = response.status == 200 and response.headers["content-type"].startswith("text/html")
            # A redirect leads to a page that is opened by its own URL.
            if is_page and page.url == site.url + address:
                check(page, f"{language}: {name}", findings)
        for action in ACTIONS:
            action(page)
            check(page, f"{language}: {action.__name__}", findings)
        context.close()
    findings.foreign_requests = [url for url in findings.foreign_requests if not url.startswith((site.url, "data:"))]
    return findings


def one_of_each_kind(addresses):
    """Return `addresses` with one of the pages whose template and words are the same for all models."""
    kinds = {name: next((kind for kind in SAME_FOR_ALL if name.endswith(kind)), name) for name in addresses}
    first = {kind: name for name, kind in reversed(kinds.items())}
    return {name: addresses[name] for name in first.values()}


def note_error(message, findings):
    """Record an error of the console, except the status of pages that are errors on purpose."""
    address = message.location["url"]
    if message.type == "error" and not (address == message.page.url and "status of 4" in message.text):
        findings.errors.append(f"{message.page.url}: {message.text} ({address})")


def check(page, name, findings):
    """Run axe and measure the width at this viewport, then at 320 pixels."""
    page.wait_for_load_state()
    # At its end, where the row of buttons that follows a long form covers none of its fields.
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    findings.names.add(name)
    expect(page.locator(NOT_STARTED)).to_have_count(0)
    for violation in page.evaluate(VIOLATIONS if name.startswith("it") else VIOLATIONS_OF_LOOKS):
        where = [(node["target"], node["html"][:100]) for node in violation["nodes"]]
        findings.violations.append(f"{name}: {violation['id']} {where}")
    size = page.viewport_size
    for width in (size["width"], 320):
        page.set_viewport_size(size | {"width": width})
        if (needs := page.evaluate("document.documentElement.scrollWidth")) > width:
            findings.too_wide.append(f"{name}: {needs} in {width}")
    page.set_viewport_size(size)


def test_the_whole_desk_was_opened_in_both_languages(findings):
    assert len(findings.names) >= 85 + 55 + 2 * len(ACTIONS)


def test_axe_finds_nothing(findings):
    assert findings.violations == []


def test_nothing_scrolls_sideways_on_a_phone(findings):
    assert findings.too_wide == []


def test_no_script_error_or_policy_report(findings):
    assert findings.errors == []


def test_no_request_leaves_the_site(findings):
    assert findings.foreign_requests == []
