"""An editor edits the pages in a real browser under the strict CSP, and no text is lost."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests.browser.pastes import PASTES
from tests.faults.sites import wait_until
from tests.staff import add_staff, sign_in
from treatments.prose import clean

pytestmark = pytest.mark.browser
LIST = "/admin/treatments/page/"
# Makes each prose editor write its whole text to the textarea, as it does after any change.
REWRITE = """
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  textarea.value = editor.getHTML();
  textarea.closest(".prose-editor").dataset.written = "";
});
"""


@pytest.fixture(scope="module")
def desk(site, browser):
    """The browser of an editor who has signed in; errors and what the CSP blocked are in `desk.errors`."""
    add_staff(site, "edda", "editor")
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    context.errors = []
    context.on("console", lambda message: context.errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: context.errors.append(str(error.error)))
    sign_in(page, site, "edda")
    context.errors.clear()
    yield context
    context.close()


def texts(site):
    """Return every formatted text of the site, without whitespace between tags."""
    code = (
        "import json; from treatments.models import *; fields = {Page: 'in_short', Section: 'body', Faq: 'answer'};"
        "print(json.dumps({f'{m.__name__}{row.pk}{language}': getattr(row, f'{name}_{language}')"
        " for m, name in fields.items() for row in m.objects.all() for language in LANGUAGES}))"
    )
    return {name: re.sub(r">\s+<", "><", text) for name, text in json.loads(site.python(code)).items()}


def test_an_editor_changes_a_section_previews_it_and_publishes_it(site, desk):
    page = desk.pages[0]
    page.goto(f"{LIST}add/")
    page.select_option("[name=kind]", "news")
    page.fill("[name=title_it]", "Una prova")
    page.press("[name=title_it]", "Tab")
    expect(page.locator("[name=slug_it]")).to_have_value("una-prova")
    page.get_by_role("textbox", name=re.compile(r"In short \[it\]", re.I)).fill("In breve.")
    page.click("#sections-group .add-row a")
    page.fill("[name=sections-0-heading_it]", "Titolo")
    page.fill("[name=sections-0-anchor_it]", "titolo")
    page.get_by_role("textbox", name=re.compile(r"^Text \[it\]", re.I)).fill("Parole della sezione.")
    with page.expect_navigation():
        page.click("[name=_continue]")
    assert page.request.get("/it/notizie/una-prova/").status == 404

    page.get_by_role("heading", name="Titolo").click()
    page.wait_for_selector(".inline-related [open] .prose-menubar button")
    text = page.get_by_role("textbox", name=re.compile(r"^Text \[it\]", re.I)).first
    text.fill("Parole nuove della sezione.")
    with desk.expect_page() as opened:
        page.click("[name=_preview_it]")
    expect(opened.value.locator("main").get_by_text("Parole nuove della sezione.")).to_have_count(1)
    assert page.request.get("/it/notizie/una-prova/").status == 404
    opened.value.close()

    page.click("[name=_publish]")
    page.wait_for_url(f"**{LIST}")
    public = page.request.get("/it/notizie/una-prova/")
    assert public.status == 200
    assert "<p>Parole nuove della sezione.</p>" in public.text()
    assert desk.errors == []


@pytest.mark.parametrize("title", ["Vitiligo", "Treatments for vitiligo"])
def test_saving_in_the_editor_loses_nothing(site, desk, title):
    before = texts(site)
    page = desk.new_page()
    page.add_init_script(REWRITE)
    page.goto(LIST)
    page.get_by_role("link", name=title, exact=True).click()
    page.wait_for_url("**/change/")
    texts_on_form = page.locator("textarea.mt:not([id*=__prefix__]):not([name^=sources])").count()
    page.evaluate("document.querySelectorAll('.inline-related details').forEach((part) => (part.open = true))")
    expect(page.locator(".prose-editor[data-written]")).to_have_count(texts_on_form, timeout=60_000)
    page.click("[name=_save]")
    page.wait_for_url(f"**{LIST}")
    assert texts(site) == before
    assert desk.errors == []


def test_the_dialogs_of_the_editor_speak_the_language_of_the_desk(site, desk, browser):
    context = browser.new_context(base_url=site.url, locale="it-IT", storage_state=desk.storage_state())
    page = context.new_page()
    page.goto(f"{LIST}add/")
    page.locator("[aria-labelledby=id_in_short_it_label]").press("a")
    page.locator(".field-in_short_it [data-name=table]").click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("option")).to_have_text(["Sì", "No"])
    expect(dialog).not_to_contain_text(re.compile("Rows|Columns|Include|Insert|Cancel|Properties|Yes"))
    dialog.get_by_role("combobox").select_option("Sì")
    dialog.get_by_role("button", name="Inserisci una tabella").click()
    expect(page.locator("[name=in_short_it]")).to_have_value(re.compile("<th"))
    context.close()


def test_axe_finds_nothing_on_the_page_form(desk):
    page = desk.pages[0]
    page.goto(LIST)
    page.get_by_role("link", name="Micropigmentation", exact=True).click()
    page.wait_for_url("**/change/")
    page.locator(".inline-related summary").first.click()
    page.wait_for_selector(".inline-related .prose-menubar button")
    results = Axe().run(page)
    desk.errors.clear()  # axe tries a style of its own
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in results.response["violations"]] == []


def test_a_photograph_stays_chosen_when_something_else_is_wrong(desk, tmp_path):
    photo = tmp_path / "photo.jpg"
    Image.linear_gradient("L").resize((2400, 1800)).convert("RGB").save(photo, quality=98)
    page = desk.new_page()
    page.goto("/admin/treatments/photo/add/")
    page.set_input_files("[name=file]", photo)
    page.fill("[name=alt_it]", "Una sfumatura")
    page.evaluate("document.querySelector('form').noValidate = true")
    page.click("[name=_save]")
    expect(page.locator(".field-alt_en .errorlist, .field-alt_en.errors, #id_alt_en_error")).to_be_visible()
    assert page.evaluate("document.querySelector('[name=file]').files.length") == 1
    expect(page.locator("[name=_save]")).to_be_enabled()
    page.fill("[name=alt_en]", "A shade")
    with page.expect_navigation():
        page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert desk.errors == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"]
    desk.errors.clear()
    page.close()


def test_what_is_typed_survives_leaving_and_the_end_of_the_session(site, browser):
    add_staff(site, "ezio", "editor")
    context = browser.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    sign_in(page, site, "ezio")
    page.goto(LIST)
    page.get_by_role("link", name="Micropigmentation", exact=True).click()
    page.wait_for_url("**/change/")
    address, summary = page.url, page.locator("[name=summary_it]")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    summary.fill("Scritto per tre quarti d'ora.")
    wait_until(lambda: page.evaluate("localStorage.length"))
    page.goto("/admin/")
    assert asked == ["beforeunload"]
    page.goto(address)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(summary).to_have_value("Scritto per tre quarti d'ora.")

    signed_in = context.cookies()
    context.clear_cookies(name="session")  # as when the session has ended
    page.click("[name=_save]")
    page.wait_for_selector("[name=login]")
    context.add_cookies(signed_in)  # as when signed in again; a code of the phone works once
    page.goto(address, wait_until="commit")  # it sends what was typed and goes on
    page.wait_for_selector(".messagelist .success")
    page.wait_for_load_state()
    assert page.evaluate("Object.keys(localStorage)") == []
    assert "Scritto per tre quarti d'ora." in site.python(
        "from treatments.models import Page; print(*Page.objects.values_list('summary_it', flat=True))"
    )
    context.close()


# Puts something on the real clipboard as another program does: a page that writes there itself has it cleaned.
COPY = """
({ html, text }) => {
  document.addEventListener("copy", (event) => {
    event.preventDefault();
    if (html) event.clipboardData.setData("text/html", html);
    event.clipboardData.setData("text/plain", text);
  }, { once: true });
  document.execCommand("copy");
}
"""


def test_what_is_pasted_keeps_what_it_says_and_what_is_dropped_is_said_before(desk):
    page = desk.new_page()
    page.goto(f"{LIST}add/")
    field = page.get_by_role("textbox", name=re.compile(r"In short \[it\]", re.I))
    stored = page.locator("[name=in_short_it]")
    words = json.loads(page.locator("#prose-editor-labels").text_content())["paste"]
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    got, wanted = {}, {}
    for paste in PASTES:
        for key in ("Control+a", "Delete") * 2:  # of a table, the first time only the text
            field.press(key)
        said.clear()
        page.evaluate(COPY, {"html": paste.html, "text": "plain"})
        field.press("Control+v")
        names = [name for name, words_of_it in words.items() if said and f"- {words_of_it}" in said[0]]
        got[paste.source] = (clean(stored.input_value()), sorted(names))
        wanted[paste.source] = (paste.stored, sorted(paste.dropped))
    assert got == wanted
    assert desk.errors == []
    page.close()


def test_a_paste_that_is_refused_or_too_long_leaves_the_text_alone(desk):
    page = desk.new_page()
    page.goto(f"{LIST}add/")
    field = page.get_by_role("textbox", name=re.compile(r"In short \[it\]", re.I))
    field.fill("Prima.")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.evaluate(COPY, {"html": "<p>x <u>y</u></p>", "text": "x y"})
    field.press("Control+v")
    for huge in ({"html": "<p>parola</p>" * 150_000, "text": ""}, {"html": "", "text": "parola " * 300_000}):
        page.once("dialog", lambda dialog: dialog.accept())
        page.evaluate(COPY, huge)
        field.press("Control+v")
    expect(page.locator("[name=in_short_it]")).to_have_value("<p>Prima.</p>")
    page.close()


def test_monday_to_friday_takes_four_times_one_copy_and_one_save(site, browser):
    """40 actions when each period was a row of its own."""
    add_staff(site, "elsa", "editor")
    context = browser.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    sign_in(page, site, "elsa")
    for scripts in (True, False):
        site.python("from clinic.models import OpeningHours; OpeningHours.objects.all().delete()")
        state = context.storage_state()
        one = browser.new_context(base_url=site.url, locale="en-GB", storage_state=state, java_script_enabled=scripts)
        page = one.new_page()
        page.goto("/admin/clinic/clinicprofile/?step=hours")
        times = page.get_by_role("group", name="Monday").locator("input[type=time]")
        for field, time in zip(times.all(), ["09:00", "13:00", "14:00", "19:00"], strict=True):
            field.fill(time)
        page.get_by_role("button", name="Copy Monday to all weekdays").click()
        expect(page.get_by_role("status")).to_contain_text("Nothing was saved yet.")
        friday = page.get_by_role("group", name="Friday").locator("input[type=time]")
        expect(friday.last).to_have_value("19:00")
        page.on("dialog", lambda dialog: pytest.fail(f"asks before saving: {dialog.message}"))
        friday.last.press("Enter")
        expect(page.locator(".messagelist .success")).to_be_visible()
        expect(page.locator(".shown [lang=it] .hours li").nth(4)).to_contain_text("Venerdì 09:00–13:00, 14:00–19:00")
        expect(page.locator(".shown [lang=en] .hours li").nth(5)).to_contain_text("Saturday closed")
        assert page.evaluate("Object.keys(localStorage)") == []
        one.close()
    context.close()
    site.python("from clinic.models import *; ClinicProfile.objects.all().delete(); ContentVersion.bump()")
