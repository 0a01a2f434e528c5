"""From the three questions to a request: by keyboard, without JavaScript, and when a script fails."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

QUESTIONS, CONTACT = "/en/questionnaire/", "/en/contact/"
ADDRESS = {"en": QUESTIONS, "it": "/it/questionario/"}
FIELDS = ("diagnosed", "family", "patches")


@pytest.fixture
def visit(browser, public_site):
    """Open a page in a new browser context: visit(path, **options of the context)."""
    contexts = []

    def open_page(path, **options):
        contexts.append(browser.new_context(base_url=public_site.url, **options))
        page = contexts[-1].new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def reply(page, *answers):
    for value in answers:
        page.check(f".is-current [value={value}]")


def ask_outcome(page):
    page.click(".self-check > [type=submit]")
    page.wait_for_selector(".safety-net")


def ask_for_an_email(page):
    page.click(".turn .choices button >> nth=0")
    page.wait_for_selector(".contact-form")


def wrap_every_text(page):
    """Do to the page what the browser's own translation does: put every text into elements of its own."""
    page.evaluate(
        """() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
          while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
          for (const text of texts) {
            if (text.parentElement.closest("script, style, textarea, svg, font")) continue;
            const [outer, inner] = [document.createElement("font"), document.createElement("font")];
            text.replaceWith(outer);
            outer.append(inner);
            inner.append(text);
          }
        }"""
    )


def expect_no_overflow(page):
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
          .filter((element) => element.getBoundingClientRect().right > innerWidth)
          .map((element) => element.outerHTML.slice(0, 80)).slice(0, 5)"""
    )
    assert wide == []


def expect_question(page, number):
    expect(page.locator(".progress")).to_have_text(f"Question {number} of 3")


def expect_answers(page, *answers):
    for name, value in zip(FIELDS, answers, strict=True):
        expect(page.locator(f".self-check [type=radio][name={name}][value={value}]")).to_be_checked()


def tab_to(page, selector, most=80):
    """Press Tab until `selector` has the focus; every focus before it must have an outline and be in the viewport."""
    for _ in range(most):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """(selector) => {
              const element = document.activeElement, box = element.getBoundingClientRect();
              const bar = document.querySelector(".phone-bar");
              const isCovering = bar && bar.offsetHeight && !bar.contains(element);
              const bottom = isCovering ? bar.getBoundingClientRect().top : innerHeight;
              return {
                found: element.matches(selector),
                where: element.outerHTML.slice(0, 80),
                isRinged: getComputedStyle(element).outlineStyle !== "none",
                isInSight: box.bottom > 0 && box.top < bottom,
              };
            }""",
            selector,
        )
        assert state["isRinged"], f"no focus ring on {state['where']}"
        assert state["isInSight"], f"focus out of sight on {state['where']}"
        if state["found"]:
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


@pytest.mark.parametrize(
    ("language", "size", "text_size", "options"),
    [
        ("en", (1280, 900), "100%", {}),
        ("it", (390, 700), "100%", {"forced_colors": "active"}),
        ("it", (320, 568), "200%", {"color_scheme": "dark"}),
    ],
)
def test_with_the_keyboard_alone_a_patient_gets_from_the_first_question_to_the_thanks(
    visit, language, size, text_size, options
):
    viewport = {"width": size[0], "height": size[1]}
    page = visit(ADDRESS[language], viewport=viewport, reduced_motion="reduce", **options)
    page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", text_size)
    tab_to(page, ".skip")
    page.keyboard.press("Enter")
    for number, value in enumerate(("no", "yes", "no")):
        expect(page.locator(".is-answered")).to_have_count(number)
        expect_no_overflow(page)
        tab_to(page, ".is-current [value=yes]")
        # Space chooses an answer and continues; an arrow only moves to the other answer, then Enter continues.
        for key in ["Space"] if value == "yes" else ["ArrowDown", "Enter"]:
            page.keyboard.press(key)
    expect(page.locator(".closing")).to_be_focused()
    tab_to(page, ".self-check > [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .bubble").first).to_be_focused()
    expect_no_overflow(page)
    tab_to(page, ".turn .choices button")
    page.keyboard.press("Enter")
    expect(page.locator(".write-turn")).to_be_focused()
    tab_to(page, "[name=email]")
    page.keyboard.type("maria@")
    tab_to(page, ".contact-form > [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^(Error|Errore): "))
    expect_no_overflow(page)
    tab_to(page, "[name=email]")
    page.keyboard.press("End")
    page.keyboard.type("example.org")
    for box in ("attach_answers", "consent"):
        tab_to(page, f"[name={box}]")
        page.keyboard.press("Space")
    tab_to(page, ".contact-form > [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .reference")).to_have_text(re.compile(r"^\w{3}-\w{3}"))
    expect(page.locator(".mine b").last).to_have_text("maria@example.org")
    expect_no_overflow(page)
    expect(page).to_have_url(re.compile(f"{ADDRESS[language]}#main$"))


@pytest.mark.parametrize(("language", "other"), [("en", "it"), ("it", "en")])
def test_without_javascript_an_error_and_the_language_switch_keep_outcome_answers_and_text(visit, language, other):
    page = visit(ADDRESS[language], java_script_enabled=False, viewport={"width": 1280, "height": 900})
    switch = page.locator(".languages button")
    expect(switch).to_be_hidden()
    for name, value in zip(FIELDS, ("no", "yes", "no"), strict=True):
        page.check(f"[name={name}][value={value}]")
    switch.click()
    expect(page).to_have_url(re.compile(f"{ADDRESS[other]}$"))
    expect_answers(page, "no", "yes", "no")
    page.click(".self-check > [type=submit]")
    # The email stands right under the outcome's sentence.
    expect(page.locator(".outcome + .write-turn .contact-form")).to_be_visible()
    page.fill("[name=email]", "maria@")
    page.click(".optional summary")
    page.fill("[name=message]", "One line\nand another")
    page.fill("[name=phone]", "02 1234567")
    page.check("[name=attach_answers]")
    page.click(".contact-form > [type=submit]")
    for then in ("an error", "a switch"):
        if then == "an error":
            expect(page.locator(".error-summary")).to_be_visible()
        else:
            switch.click()
            expect(page.locator(f"html[lang={language}]")).to_be_visible()
        expect(page.locator(".outcome")).to_be_visible()
        no, yes = re.compile("^No"), re.compile("^(Yes|Sì)")
        expect(page.locator(".answers dd")).to_have_text([no, yes, no])
        expect(page.locator("[name=email]")).to_have_value("maria@")
        expect(page.locator("[name=message]")).to_have_value("One line\nand another")
        expect(page.locator("[name=phone]")).to_have_value("02 1234567")
        expect(page.locator("[name=attach_answers]")).to_be_checked()
    page.fill("[name=email]", "maria@example.org")
    page.check("[name=consent]")
    page.click(".contact-form > [type=submit]")
    expect(page.locator(".reference")).to_be_visible()


def test_back_and_forward_show_every_turn_even_in_a_page_that_the_browser_translated(visit):
    page = visit(QUESTIONS)
    for value in ("no", "yes", "no"):
        wrap_every_text(page)
        reply(page, value)
    wrap_every_text(page)
    ask_outcome(page)
    wrap_every_text(page)
    ask_for_an_email(page)
    wrap_every_text(page)
    page.fill("[name=email]", "maria@example.org")
    page.check("[name=consent]")
    page.click(".contact-form > [type=submit]")
    reference = page.locator(".turn .reference")
    expect(reference).to_be_visible()
    expect(page.locator(".mine b")).to_have_text(["No", "Yes", "No", "Yes", "maria@example.org"])
    page.go_back()
    expect(page.locator("[name=email]")).to_have_value("maria@example.org")
    expect(reference).to_be_hidden()
    page.go_back()
    expect(page.locator(".turn .choices")).to_be_visible()
    expect(page.locator(".contact-form")).to_be_hidden()
    page.go_back()
    expect(page.get_by_role("button", name="See the outcome")).to_be_visible()
    expect(page.locator(".outcome")).to_be_hidden()
    page.go_back()
    expect_question(page, 3)
    for _step in range(4):
        page.go_forward()
    expect(reference).to_be_visible()
    # "No" is an answer too, and can be changed; an answer changed later asks for the outcome anew.
    page.get_by_role("button", name="Change: Would you like us to write to you?").click()
    page.click(".turn .choices button >> nth=1")
    expect(page.locator(".turn:not([hidden]) .bubble").last).to_contain_text("nothing is kept")
    page.get_by_role("button", name="Change: Do you have white patches").click()
    expect(page.locator(".outcome")).to_be_hidden()
    reply(page, "yes")
    ask_outcome(page)
    expect(page.locator(".outcome")).to_contain_text("We suggest that you show your patches")
    ask_for_an_email(page)
    expect(page.locator("[name=email]")).to_have_value("maria@example.org")


def test_the_language_switch_keeps_answers_and_text_at_every_step(visit):
    page = visit(QUESTIONS, viewport={"width": 1280, "height": 900})

    def switch(language):
        page.click(".languages a")
        expect(page.locator(f"html[lang={language}] .self-check.is-ready")).to_be_visible()
        expect(page).to_have_url(re.compile(f"{ADDRESS[language]}$"))

    reply(page, "no", "yes")
    switch("it")
    expect(page.locator(".progress")).to_have_text("Domanda 3 di 3")
    expect(page.locator(".is-answered b")).to_have_text(["No", "Sì"])
    reply(page, "no")
    ask_outcome(page)
    switch("en")
    expect(page.locator(".outcome")).to_contain_text("If you wish, talk about it")
    ask_for_an_email(page)
    page.click(".optional summary")
    page.fill("[name=email]", "maria@")
    page.fill("[name=message]", "Good morning.")
    page.fill("[name=phone]", "02 1234567")
    page.check("[name=consent]")
    for language in ("it", "en"):
        switch(language)
        expect(page.locator("[name=email]")).to_have_value("maria@")
        expect(page.locator("[name=message]")).to_have_value("Good morning.")
        expect(page.locator("[name=consent]")).to_be_checked()
    page.go_back()
    expect(page.locator(".turn .choices")).to_be_visible()
    expect(page).to_have_url(re.compile(f"{QUESTIONS}$"))
    # Also from an earlier question, while the form is not shown.
    page.get_by_role("button", name="Change: Do you have white patches").click()
    switch("it")
    reply(page, "yes")
    ask_outcome(page)
    ask_for_an_email(page)
    expect(page.locator("[name=message]")).to_have_value("Good morning.")
    expect(page.locator("[name=phone]")).to_have_value("02 1234567")


def test_while_the_site_is_unreachable_answers_and_text_stay(visit):
    page = visit(QUESTIONS)
    reply(page, "no", "yes", "no")
    page.context.set_offline(True)
    page.click(".self-check > [type=submit]")
    expect(page.locator(".self-check .trouble")).to_contain_text("Your answers are still here")
    page.context.set_offline(False)
    ask_outcome(page)
    ask_for_an_email(page)
    page.fill("[name=email]", "maria@example.org")
    page.check("[name=consent]")
    page.context.set_offline(True)
    page.click(".contact-form > [type=submit]")
    expect(page.locator(".contact-form .trouble")).to_contain_text("What you wrote is still here")
    page.context.set_offline(False)
    page.click(".contact-form > [type=submit]")
    expect(page.locator(".reference")).to_be_visible()


@pytest.mark.parametrize(("start", "translated"), [(CONTACT, "/it/contatti/"), ("/en/vitiligo/", "/it/vitiligine/")])
def test_typed_text_stays_after_the_notice_an_error_back_and_the_language_switch(visit, start, translated):
    page = visit(start, viewport={"width": 1280, "height": 900})
    page.fill("[name=email]", "maria@")
    page.fill("[name=message]", "Good morning.")
    page.fill("[name=phone]", "02 1234567")
    with page.context.expect_page() as notice:
        page.click(".contact-form .small a")
    notice.value.close()
    page.click(".contact-form > [type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_url(re.compile(f"{start}$"))
    page.fill("[name=email]", "maria@example.org")
    page.check("[name=consent]")
    page.click(".contact-form > [type=submit]")
    page.wait_for_url("**/contact/sent/**")
    page.go_back()
    expect(page.locator("[name=message]")).to_have_value("Good morning.")
    expect(page.locator("[name=phone]")).to_have_value("02 1234567")
    page.click(".languages button")
    page.wait_for_url(f"**{translated}")
    expect(page.get_by_label("Il suo messaggio")).to_have_value("Good morning.")
    page.go_back()
    expect(page.get_by_label("Your message")).to_have_value("Good morning.")
    page.go_forward()
    expect(page.get_by_label("Il suo messaggio")).to_have_value("Good morning.")
    page.click(".site-name")
    page.wait_for_url("**/it/")
    page.go_back()
    page.wait_for_url(f"**{translated}")
    expect(page.get_by_label("Il suo messaggio")).to_have_value("Good morning.")


def test_with_reduced_motion_nothing_moves(visit):
    page = visit(QUESTIONS, reduced_motion="reduce")
    reply(page, "no")
    moving = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("body *")].filter((element) => {
          const style = getComputedStyle(element);
          const isMoving = style.transitionDuration !== "0s" || style.animationName !== "none";
          return isMoving || style.scrollBehavior === "smooth";
        }).length"""
    )
    assert moving == 0
    expect_question(page, 2)
    page.emulate_media(reduced_motion="no-preference")
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("body *")].flatMap((element) => {
          const style = getComputedStyle(element);
          return [...style.animationDuration.split(", "), ...style.transitionDuration.split(", ")].map(parseFloat);
        }))"""
    )
    assert longest <= 0.16


def test_each_answer_changes_title_focus_and_the_status_message(visit):
    page = visit(QUESTIONS)
    expect(page.locator("[role=status].progress")).to_have_text("Question 1 of 3")
    assert page.evaluate("document.activeElement === document.body")
    reply(page, "no")
    expect(page).to_have_title(re.compile(r"^Question 2 of 3 · "))
    expect(page.get_by_role("group", name="Does a member of your family have vitiligo").first).to_be_focused()
    reply(page, "yes", "no")
    expect(page.locator(".closing")).to_be_focused()
    expect(page.get_by_role("button", name="See the outcome")).to_be_visible()


def test_an_answer_can_be_changed_on_the_way_and_from_the_outcome(visit):
    page = visit(QUESTIONS)
    reply(page, "no", "no", "no")
    page.get_by_role("button", name="Change: Have you ever been diagnosed").click()
    expect_question(page, 1)
    expect(page.get_by_role("button", name="See the outcome")).to_be_hidden()
    reply(page, "yes")
    page.click(".self-check > [type=submit]")
    expect(page.locator(".answers dd").first).to_have_text(re.compile("^Yes"))
    page.get_by_role("button", name="Change: Do you have white patches").click()
    expect_question(page, 3)
    expect_answers(page, "yes", "no", "no")


def test_arrow_keys_do_not_advance_to_the_next_question(visit):
    page = visit(QUESTIONS)
    tab_to(page, ".is-current [value=yes]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect_question(page, 1)
    page.get_by_role("button", name="Continue").click()
    expect_question(page, 2)


def test_back_returns_to_the_previous_question_and_from_the_outcome_to_the_answers(visit):
    page = visit(CONTACT)
    page.goto(QUESTIONS)
    reply(page, "no", "yes")
    page.go_back()
    expect_question(page, 2)
    expect(page.locator(".is-current [value=yes]")).to_be_checked()
    page.go_forward()
    expect_question(page, 3)
    reply(page, "no")
    page.click(".self-check > [type=submit]")
    page.wait_for_selector(".safety-net")
    page.go_back()
    expect(page.locator(".mine b")).to_have_text(["No", "Yes", "No"])
    for _ in range(4):
        page.go_back()
    expect(page).to_have_url(re.compile(f"{CONTACT}$"))


def test_after_a_reload_the_conversation_shows_the_answers_that_the_browser_restored(visit):
    page = visit(QUESTIONS)
    reply(page, "no", "yes")
    page.reload()
    expect_question(page, 1)  # Chromium restores nothing
    reply(page, "no", "yes")
    page.add_init_script(
        """addEventListener("load", () => {
          for (const name of ["diagnosed", "family"]) document.querySelector(`[name=${name}]`).checked = true;
        });"""
    )
    page.reload()  # as in browsers that restore the answers
    expect_question(page, 3)
    expect(page.locator(".is-answered b")).to_have_text(["Yes", "Yes"])


def test_no_answer_enters_history_storage_or_the_address(visit):
    page = visit(QUESTIONS)
    reply(page, "no", "yes", "no")
    expect(page.locator(".closing")).to_be_focused()
    kept = page.evaluate("JSON.stringify([history.state, {...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{"step":3},{},{},""]'
    ask_outcome(page)
    ask_for_an_email(page)
    expect(page.locator(".write-turn")).to_be_focused()
    expect(page).to_have_url(re.compile(f"{QUESTIONS}$"))
    kept = page.evaluate("JSON.stringify([history.state, {...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{"step":5},{},{},""]'


FAILS_AT_START = "Element.prototype.prepend = () => { throw new Error('broken on purpose'); };"
FAILS_LAST = """History.prototype.pushState = new Proxy(History.prototype.pushState, {
  apply(push, history, [state, ...rest]) {
    if (state.step === 4) throw new Error('broken on purpose');
    return push.call(history, state, ...rest);
  },
});"""
FAILS_LATER = "History.prototype.pushState = () => { throw new Error('broken on purpose'); };"


@pytest.mark.parametrize("failure", ["script is not loaded", FAILS_AT_START, FAILS_LATER, FAILS_LAST])
def test_if_the_script_fails_the_plain_form_remains(browser, public_site, failure):
    page = browser.new_page(base_url=public_site.url)
    if failure in (FAILS_AT_START, FAILS_LATER, FAILS_LAST):
        page.add_init_script(failure)
    else:
        page.route("**/conversation*.js", lambda route: route.abort())
    page.goto(QUESTIONS)
    if failure == FAILS_LATER:
        page.check(".is-current [value=no]")
        expect(page.locator("[name=diagnosed][value=no]")).to_be_checked()
    if failure == FAILS_LAST:
        reply(page, "no", "no", "no")
    else:
        expect(page.locator(".mine")).to_have_count(0)
        for name in FIELDS:
            page.check(f"[name={name}][value=no]")
    page.click(".self-check > [type=submit]")
    expect(page.locator("main > .safety-net")).to_be_visible()
    page.close()


def test_errors_take_the_focus_and_link_to_their_fields(visit):
    page = visit(CONTACT)
    page.fill("[name=email]", "maria@")
    page.fill("[name=message]", "Good morning.")
    page.click(".contact-form > [type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("[name=message]")).to_have_value("Good morning.")
    page.click(".error-summary a >> nth=0")
    expect(page.locator("[name=email]")).to_be_focused()
    expect(page.locator("[name=email]")).to_have_accessible_description(re.compile("whole email address"))


def test_a_pasted_message_is_not_truncated(visit):
    page = visit(CONTACT)
    page.focus("[name=message]")
    page.evaluate("document.execCommand('insertText', false, 'a'.repeat(5000))")
    expect(page.locator("[name=message]")).to_have_value("a" * 5000)
    page.click(".contact-form > [type=submit]")
    expect(page.locator(".error-summary")).to_contain_text("shorten the message to 4000 characters")
    expect(page.locator("[name=message]")).to_have_value("a" * 5000)


def test_a_mistyped_domain_gets_a_suggestion_that_can_be_accepted_or_ignored(visit):
    page = visit(CONTACT)
    hints = {}
    for address in (
        "maria@gmial.com", "m@gmail.con", "m@gmail.it", "m@hotmial.it", "m@libero.itt", "m@yaho.it",
        "m@gmail.com", "m@mail.com", "m@tim.it", "m@example.org", "m@ospedale.mi.it", "m@", "", "<b>@gmial.com",
    ):  # fmt: skip
        page.fill("[name=email]", address)
        page.dispatch_event("[name=email]", "change")
        hints[address] = page.evaluate("document.querySelector('.mail-hint')?.innerText") or ""
    assert [address for address, hint in hints.items() if hint] == [*list(hints)[:6], "<b>@gmial.com"]
    assert hints["maria@gmial.com"] == "Did you mean maria@gmail.com?"
    page.fill("[name=email]", "maria@gmial.com")
    page.press("[name=email]", "Tab")
    page.click(".mail-hint button")
    expect(page.locator("[name=email]")).to_have_value("maria@gmail.com")
    expect(page.locator("[name=email]")).to_be_focused()


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("2026-11-23T08:59:00+01:00", "Closed now. We open again on Monday 23 November at 09:00."),
        ("2026-11-23T09:00:00+01:00", "Open now, until 13:00."),
        ("2026-11-23T13:00:00+01:00", "Closed now. We open again on Monday 23 November at 14:00."),
        ("2026-11-25T19:00:00+01:00", "Closed now. We open again on Monday 30 November at 09:00."),  # closed two days
        ("2026-12-07T10:00:00+01:00", "Closed now. We open again on Wednesday 9 December at 09:00."),  # holidays
        ("2026-07-06T09:30:00+02:00", "Open now, until 13:00."),  # summer time
    ],
)
def test_open_now_follows_romes_clock_closures_and_holidays(browser, public_site, moment, says):
    page = browser.new_page(base_url=public_site.url, timezone_id="America/New_York")

    def with_fixed_days(route):
        html = re.sub('data-holidays="[^"]*"', 'data-holidays="2026-12-07 2026-12-08"', route.fetch().text())
        html = re.sub('data-first="[^"]*" data-last="[^"]*"', 'data-first="2026-11-26" data-last="2026-11-27"', html)
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route(f"**{CONTACT}", with_fixed_days)
    page.clock.set_fixed_time(moment)
    page.goto(CONTACT)
    expect(page.locator(".open-now")).to_have_text(says)
    page.close()


def test_the_phone_bar_links_to_phone_and_form_and_does_not_cover_the_form(visit):
    page = visit("/en/", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    links = page.locator(".phone-bar a")
    assert [link.get_attribute("href") for link in links.all()] == ["tel:+390200000000", "#contact-form"]
    expect(page.locator(".phone-bar")).to_be_in_viewport()
    links.last.click()
    expect(page.locator("[name=email]")).to_be_in_viewport()
    expect(page.locator(".phone-bar")).not_to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".phone-bar")).to_be_hidden()


def test_the_menu_of_small_screens_needs_no_script(visit):
    page = visit("/it/", viewport={"width": 390, "height": 844}, java_script_enabled=False)
    expect(page.locator(".site-nav").get_by_role("link", name="Trattamenti", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.locator(".site-nav").get_by_role("link", name="Trattamenti", exact=True).click()
    expect(page).to_have_url(re.compile("/it/trattamenti/$"))
