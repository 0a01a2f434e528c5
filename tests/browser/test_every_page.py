"""Every public page and state, in Italian on a light desktop, in English on a dark phone, in a real browser.

They are opened once; each test checks one claim on all of them.
"""

import re
import urllib.request
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.axe import VIOLATIONS

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 568}
ADDRESS = {
    "it": {"questions": "/it/questionario/", "contact": "/it/contatti/", "missing": "/it/non-esiste/"},
    "en": {"questions": "/en/questionnaire/", "contact": "/en/contact/", "missing": "/en/no-such-page/"},
}


@dataclass(frozen=True)
class Screen:
    width: int
    height: int
    scheme: str

    @property
    def size(self):
        return {"width": self.width, "height": self.height}


LIGHT_DESKTOP, DARK_PHONE = Screen(1280, 900, "light"), Screen(390, 844, "dark")
SCREEN = {"it": LIGHT_DESKTOP, "en": DARK_PHONE}


@dataclass
class Findings:
    """What was found on all pages."""

    states: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)
    cookies: list[dict] = field(default_factory=list)


def answer(page, *answers):
    for value in answers:
        page.check(f".is-current [value={value}]")


def outcome(page, *answers):
    answer(page, *answers)
    page.click(".self-check > [type=submit]")
    page.wait_for_selector(".safety-net")


def talk_on(page):
    outcome(page, "no", "yes", "no")
    page.click(".turn .choices button >> nth=0")
    page.click(".optional summary")
    send_nothing(page)


def outcome_page(page, *answers):
    """The outcome on a page of its own, as without JavaScript."""
    answer(page, *answers)
    page.evaluate("document.querySelector('.self-check').submit()")
    page.wait_for_selector("main > .safety-net")


def outcome_page_with_errors(page):
    outcome_page(page, "yes", "yes", "yes")
    page.evaluate("document.querySelector('.contact-form').submit()")
    page.wait_for_selector("main > .write-turn .error-summary")


def send_nothing(page):
    page.click(".contact-form > [type=submit]")
    page.wait_for_selector(".error-summary")


def send_request(page):
    page.fill("[name=email]", "maria@example.org")
    page.fill("[name=message]", "Vorrei un appuntamento.")
    page.check("[name=consent]")
    page.click(".contact-form > [type=submit]")
    page.wait_for_selector(".reference")


def send_no_answer(page):
    page.evaluate("document.querySelector('.self-check').submit()")
    page.wait_for_selector(".error-summary")


def mistype(page):
    page.fill("[name=email]", "maria@gmial.com")
    page.press("[name=email]", "Tab")
    page.wait_for_selector(".mail-hint button")


STATES = {
    "the second question": ("questions", lambda page: answer(page, "no")),
    "the end of the conversation": ("questions", lambda page: answer(page, "no", "yes", "no")),
    "outcome A, and the email with errors": ("questions", talk_on),
    "outcome B on its own page": ("questions", lambda page: outcome_page(page, "no", "no", "no")),
    "outcome A on its own page with errors": ("questions", outcome_page_with_errors),
    "questions with errors": ("questions", send_no_answer),
    "contact with errors": ("contact", send_nothing),
    "contact with a hint": ("contact", mistype),
    "thanks": ("contact", send_request),
    "no such page": ("missing", lambda page: None),
}


def addresses(site) -> list[str]:
    """Return the paths in the sitemap."""
    with urllib.request.urlopen(f"{site.url}/sitemap.xml") as answer:
        return re.findall(r"<loc>[^<]*?(/(?:it|en)/[^<]*)</loc>", answer.read().decode())


@pytest.fixture(scope="module")
def findings(browser, public_site):
    """Open every page of the sitemap and every state, in both languages, once."""
    findings = Findings()
    context = browser.new_context(base_url=public_site.url, reduced_motion="reduce")
    context.add_init_script(Axe().axe_script)
    page = context.new_page()
    page.on("console", lambda message: findings.errors.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: findings.errors.append(f"{page.url}: {error}"))
    page.on("request", lambda request: findings.foreign_requests.append(request.url))
    for path in addresses(public_site):
        page.set_viewport_size(LIGHT_DESKTOP.size)
        page.goto(path)
        check(page, path, findings, SCREEN[path[1:3]])
    for language, paths in ADDRESS.items():
        for name, (start, act) in STATES.items():
            page.set_viewport_size(LIGHT_DESKTOP.size)
            page.goto(paths[start])
            act(page)
            check(page, f"{language}: {name}", findings, SCREEN[language])
    page.goto("/it/")
    page.click("button[popovertarget=menu] >> visible=true")
    check(page, "the open menu", findings, DARK_PHONE)
    findings.cookies = context.cookies()
    findings.foreign_requests = [url for url in findings.foreign_requests if not url.startswith(public_site.url)]
    context.close()
    return findings


def check(page, name, findings, screen):
    """Run axe on `screen`, then measure the width at 320 pixels."""
    page.wait_for_load_state()
    findings.states.append(name)
    page.set_viewport_size(screen.size)
    if screen is DARK_PHONE:
        # As high as the page: at the edge of a lower one the sticky bar may cover half a link, until one scrolls.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size(screen.size | {"height": height})
    page.emulate_media(color_scheme=screen.scheme)
    for violation in page.evaluate(VIOLATIONS):
        where = [node["target"] for node in violation["nodes"]]
        findings.violations.append(f"{name}, {screen}: {violation['id']} {where}")
    page.set_viewport_size(NARROW)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        findings.too_wide.append(name)


def test_the_whole_site_was_opened(findings):
    assert len(findings.states) >= 26 + 2 * len(STATES) + 1


def test_axe_finds_nothing_on_any_page_or_state(findings):
    assert findings.violations == []


def test_nothing_scrolls_sideways_down_to_320_pixels(findings):
    assert findings.too_wide == []


def test_no_page_has_a_script_error_or_a_csp_violation(findings):
    # The browser logs the status of the pages that are errors on purpose.
    unexpected = [text for text in findings.errors if "status of 404" not in text and "status of 422" not in text]
    assert unexpected == []


def test_no_request_leaves_the_site(findings):
    assert findings.foreign_requests == []


def test_no_patient_gets_a_cookie(findings):
    assert findings.cookies == []
