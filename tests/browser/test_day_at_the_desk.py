"""The day of a receptionist: twelve leads of all kinds in a real browser, worked to an empty desk, clicks counted."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.test_desk import new_page
from tests.site import Site
from tests.staff import add_staff, sign_in

pytestmark = pytest.mark.browser
INBOX = "/admin/contacts/lead/"
LEADS = """
import json
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from contacts.inbox import casework
from contacts.models import Lead
from questionnaire.rules import Answers
from tests.leads import make_lead
now = timezone.now()
anna, bruno = User.objects.get(username="anna"), User.objects.get(username="bruno")
def lead(who, days, **more):
    return make_lead(f"{who}@example.org", now=now - timedelta(days=days), **{"name": who.title()} | more)
def change(lead, actor, days, **more):
    version = Lead.objects.values_list("version", flat=True).get(pk=lead.pk)
    casework.update_lead(lead.pk, version=version, actor=actor, now=now - timedelta(days=days), **more)
    return lead
leads = {
    "new": lead("nuova", 0, answers=Answers(True, False, False)),
    "overdue": lead("vecchia", 12),
    "spam": lead("vincita", 1, message="https://a.example https://b.example https://c.example"),
    "patient called spam": lead("sospetta", 1, message="https://a.example https://b.example https://c.example"),
    "refused": lead("sbagliata", 0),
    "reopened": change(change(lead("riaperta", 60), anna, 50, to="closed"), anna, 0, to="progress"),
    "waiting": change(lead("assente", 30), anna, 10, wait_until=(now - timedelta(days=7)).date()),
    "twice": lead("doppia", 1, message="Buongiorno"),
    "twice again": lead("doppia", 0, message="Sono ancora io"),
    "arabic": lead("omar", 0, name="\u0639\u0645\u0631", message="\u0645\u0631\u062d\u0628\u0627", language="en"),
    "colleague's": change(lead("bruna", 1), bruno, 0, to="progress"),
    "withdrawn": lead("ritirata", 0),
}
Lead.objects.filter(pk=leads["refused"].pk).update(address_refused=True)
print(json.dumps({name: [lead.reference, str(lead.pk)] for name, lead in leads.items()}))
"""
WITHDRAW = """
from django.utils import timezone
from contacts.models import AccessEntry, Lead
from contacts.privacy import erasure
erasure.erase(Lead.objects.filter(pk="{pk}"), action=AccessEntry.Action.WITHDRAWN, now=timezone.now())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("day")) as site:
        yield site


class Day:
    """A receptionist at work: every click is counted for the kind of lead that it is for."""

    def __init__(self, page, leads):
        self.page, self.leads = page, leads
        self.clicks: dict[str, int] = {}

    def click(self, kind, selector):
        self.clicks[kind] = self.clicks.get(kind, 0) + 1
        self.page.locator(selector).click()

    def open(self, kind):
        """From the list, one click."""
        reference, pk = self.leads[kind]
        self.click(kind, f"#result_list a:text-is('{reference}')")
        self.page.wait_for_url(f"**/{pk}/**")

    def press(self, kind, button, *, said, back_to="**/admin/contacts/lead/"):
        """Press a button of the lead's page, which returns to the list and says what it did."""
        self.click(kind, button)
        self.page.wait_for_url(back_to)
        expect(self.page.locator(".messagelist")).to_contain_text(f"{self.leads[kind][0]}: {said}")


def test_twelve_leads_of_all_kinds_are_worked_to_an_empty_desk(site, browser):
    for name in ("anna", "bruno"):
        add_staff(site, name, "reception")
    leads = json.loads(site.python(LEADS).splitlines()[-1])
    page = new_page(browser)
    sign_in(page, site, "anna")
    day = Day(page, leads)
    expect(page.locator(".desk-views")).to_have_text("Nuove · 7 Le mie · 2 In ritardo · 2 Sospetto spam · 2")
    rows = page.locator("#result_list tbody tr")

    page.goto(site.url + INBOX)
    expect(rows).to_have_count(10)
    expect(rows.first).to_contain_text(leads["overdue"][0])
    expect(rows.first).to_contain_text("in ritardo")
    expect(page.locator("tr", has_text=leads["reopened"][0])).to_contain_text("meno di un'ora")
    expect(page.locator("tr", has_text=leads["refused"][0])).to_contain_text("email rifiutata")
    expect(page.locator("tr", has_text=leads["colleague's"][0])).to_contain_text("bruno")
    expect(page.locator("tr", has_text=leads["arabic"][0]).locator(".words")).to_have_css("direction", "rtl")

    for kind in ("overdue", "new", "reopened", "waiting", "arabic"):
        day.open(kind)
        day.press(kind, "button[value=answered]", said="segnata come risposta inviata")

    # Nothing can be done for a mistyped address, and the list says so: closed by mistake, undone, closed.
    day.open("refused")
    day.press("refused", "button[value=closed]", said="chiusa")
    day.click("refused (undo)", ".messagelist button")
    expect(page.locator(".messagelist")).to_contain_text("la richiesta è tornata com'era")
    expect(page.locator("tr", has_text=leads["refused"][0])).to_be_visible()
    day.open("refused")
    day.press("refused", "button[value=closed]", said="chiusa")

    # Two of one person: the second is linked from the first; both are answered at once from the list.
    day.open("twice")
    expect(page.locator("#others + ul")).to_contain_text(leads["twice again"][0])
    page.go_back()
    for kind in ("twice", "twice again"):
        page.locator("tr", has_text=leads[kind][0]).locator("input").check()
        day.clicks[kind] = day.clicks.get(kind, 0) + 1
    page.select_option("[name=action]", "to_answered")
    day.click("twice", "#changelist [name=index]")
    expect(page.locator("#content")).to_contain_text("2 richieste scelte")
    day.click("twice", "#content .default")
    expect(page.locator(".messagelist")).to_contain_text("2 richieste aggiornate")
    page.go_back()
    page.wait_for_url(f"**{INBOX}")

    # The colleague's lead is looked at by him too; she waits for the patient with one click.
    other, colleagues = new_page(browser), leads["colleague's"][1]
    sign_in(other, site, "bruno")
    other.goto(f"{site.url}{INBOX}{colleagues}/change/")
    page.goto(site.url + INBOX)
    day.open("colleague's")
    expect(page.locator(".notice[role=status]")).to_have_text("bruno sta guardando questa richiesta.")
    day.press("colleague's", "button[name=wait] >> nth=0", said="in attesa del paziente fino al")
    other.context.close()

    # Withdrawn while her page was open: the note stays on the screen.
    day.open("withdrawn")
    page.fill("[name=note]", "richiamare domani")
    site.python(WITHDRAW.format(pk=leads["withdrawn"][1]))
    day.click("withdrawn", "button[value=answered]")
    expect(page.locator("h1")).to_contain_text(leads["withdrawn"][0])
    expect(page.locator("#note")).to_have_value("richiamare domani")
    day.click("withdrawn", "#content a.button")

    # Suspected spam: one is a patient, the other is spam.
    day.click("patient called spam", ".desk-views a:has-text('Sospetto spam')")
    day.open("patient called spam")
    expect(page.locator(".alarm")).to_contain_text("3 link")
    day.click("patient called spam", "button[value=new]")
    expect(page.locator(".messagelist")).to_contain_text("non è spam")
    day.press("patient called spam", "button[value=answered]", said="segnata", back_to="**/?status=suspected")

    day.open("spam")
    day.press("spam", "button[value=suspected]", said="segnata come spam", back_to="**/?status=suspected")

    page.goto(f"{site.url}/admin/")
    expect(page.locator(".desk-views")).to_have_text("In attesa del paziente · 1")
    expect(page.locator(".desk-empty").first).to_contain_text("Nessuno è in attesa")
    # The page of the withdrawn lead is a 404.
    assert [error for error in page.errors if "404" not in error] == []
    page.context.close()
    print(day.clicks)
    # Opening and answering are two clicks, whatever the lead; what takes more is a choice that nobody can spare her.
    assert {kind: count for kind, count in day.clicks.items() if count != 2} == {
        "refused": 4,  # closed, undone and closed again
        "refused (undo)": 1,
        "twice": 4,
        "twice again": 1,
        "withdrawn": 3,
        "patient called spam": 4,
    }
