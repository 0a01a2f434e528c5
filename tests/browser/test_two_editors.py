"""Two editors at one page in real browsers: nothing that either typed is lost, and a draft waits beside the page."""

import re

import pytest
from playwright.sync_api import expect

from tests.axe import axe_violations
from tests.faults.sites import wait_until
from tests.staff import add_staff, sign_in

pytestmark = pytest.mark.browser
PAGE = """
from django.utils import timezone
from treatments.models import Page, Section
page = Page.objects.create(kind="news", title_it="Due mani", slug_it="due-mani", title_en="Two hands",
    slug_en="two-hands", in_short_it="<p>Breve.</p>", in_short_en="<p>Short.</p>", published_at=timezone.now())
for number, word in enumerate(("Prima", "Seconda", "Terza"), start=1):
    Section.objects.create(page=page, position=number, heading_it=word, anchor_it=word.lower(), body_it="<p>x</p>")
print(page.pk)
"""


@pytest.fixture(scope="module")
def editors(site, browser):
    """The browsers of two editors."""
    pages = []
    for name in ("anna", "bruno"):
        add_staff(site, name, "editor")
        pages.append(browser.new_context(base_url=site.url, locale="en-GB").new_page())
        sign_in(pages[-1], site, name)
    yield pages
    for page in pages:
        page.context.close()


@pytest.fixture
def address(site):
    """The address of a page of this test alone."""
    key = site.python(PAGE).split()[-1]
    yield f"/admin/treatments/page/{key}/change/"
    site.python(f"from treatments.models import Page; Page.objects.filter(pk={key}).delete()")


def open_section(page, heading):
    page.locator(".inline-related:not(.empty-form) summary", has_text=heading).click()


def test_neither_of_two_editors_loses_what_was_typed(editors, address):
    anna, bruno = editors
    for page in editors:
        page.goto(address)
    anna.fill("[name=title_it]", "Titolo di Anna")
    anna.fill("[name=summary_it]", "Riassunto di Anna")
    open_section(anna, "Terza")
    anna.check("[name=sections-2-DELETE]")
    anna.click("[name=_continue]")
    expect(anna.locator(".messagelist .success")).to_be_visible()

    bruno.fill("[name=title_it]", "Titolo di Bruno")
    open_section(bruno, "Terza")
    bruno.fill("[name=sections-2-heading_it]", "Terza di Bruno")
    bruno.click("[name=_save]")
    expect(bruno.get_by_role("alert")).to_contain_text("anna has saved this while you were writing.")
    expect(bruno.locator("[name=title_it]")).to_have_value("Titolo di Bruno")
    expect(bruno.locator("[name=summary_it]")).to_have_value("Riassunto di Anna")
    expect(bruno.locator("q.theirs")).to_have_text("Titolo di Anna")
    expect(bruno.get_by_text("anna has deleted this section. Save again to keep it")).to_be_visible()
    assert axe_violations(bruno) == []
    bruno.click("[name=_continue]")
    expect(bruno.locator(".messagelist .success")).to_be_visible()
    expect(bruno.locator("[name=summary_it]")).to_have_value("Riassunto di Anna")
    expect(bruno.locator("#sections-group .inline_label")).to_contain_text(["Prima", "Seconda", "Terza di Bruno"])


def test_a_draft_waits_beside_the_page_until_it_is_published(editors, address):
    anna, bruno = editors
    public = "/it/notizie/due-mani/"
    anna.goto(address)
    anna.fill("[name=title_it]", "Titolo in bozza")
    anna.click("[name=_draft]")
    expect(anna.locator(".messagelist .success")).to_contain_text("Saved as a draft")
    assert "Titolo in bozza" not in anna.request.get(public).text()
    assert axe_violations(anna) == []
    anna.get_by_label("or on").fill("2098-12-20T08:00")
    anna.get_by_label("or on").press("Enter")
    expect(anna.locator(".messagelist .success")).to_contain_text("will be published on 20 December 2098 at 08:00.")

    bruno.goto(address)
    with bruno.expect_popup() as opened:
        bruno.locator(".draft").get_by_role("button", name="Preview in Italian").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Titolo in bozza")
    opened.value.close()
    bruno.get_by_role("link", name="Open the draft").click()
    expect(bruno.locator("[name=title_it]")).to_have_value("Titolo in bozza")
    assert axe_violations(bruno) == []
    bruno.fill("[name=title_it]", "Titolo riveduto")
    bruno.get_by_role("button", name="Publish now").click()
    expect(bruno.locator(".messagelist .success")).to_contain_text("visible here")
    wait_until(lambda: "Titolo riveduto" in anna.request.get(public).text())  # within a second of the cache


def test_sections_are_moved_by_mouse_and_by_keyboard(editors, address):
    page = editors[0]
    page.goto(address)
    headings = page.locator("#sections-group .inline-related:not(.empty-form) .inline_label")
    first, *_rest = before = headings.all_text_contents()
    handle = page.locator("#sections-group summary", has_text=first)
    last = page.locator("#sections-group summary", has_text=before[-1])
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), last.bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] / 2, steps=8)
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] - 3, steps=3)
    page.mouse.up()
    expect(headings).to_have_text([*before[1:], first])
    button = page.get_by_role("button", name=f"Move up: {first}")
    button.press("Enter")
    expect(button).to_be_focused()
    moved = [*before[1:-1], first, before[-1]]
    expect(headings).to_have_text(moved)
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(headings).to_have_text(moved)


def test_typing_keeps_the_session_and_a_form_with_personal_data_is_copied_nowhere(site, browser, address):
    add_staff(site, "carla", "owner")
    page = browser.new_context(base_url=site.url, locale="en-GB").new_page()
    sign_in(page, site, "carla")
    page.clock.install()
    page.goto("/admin/auth/user/add/")
    page.fill("[name=first_name]", "Maria")
    page.clock.fast_forward("10:00")
    assert page.evaluate("localStorage.length") == 0
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    page.clock.fast_forward("06:00")
    with page.expect_request(re.compile("jsi18n")):
        page.locator("[name=summary_en]").press_sequentially("x")
    page.clock.fast_forward("00:02")
    assert page.evaluate("localStorage.length") == 1
    with page.expect_navigation():
        page.locator("#logout-form button").click()
    assert page.evaluate("localStorage.length") == 0
    page.context.close()
