/* Shows the questionnaire, the outcome, the email form and the thanks as one conversation. It enhances the plain form:
   the radio buttons hold the answers, fetch posts to the same addresses, and any error here restores the plain form.
   No answer is written to storage, history or the URL: the history state holds the number of the step only. */
(() => {
  "use strict";
  const root = document.documentElement;
  const LONGEST_WAIT = 30_000;
  let added, listeners, title, form, texts, questions, end, closing, progress, send, trouble, thread, languages;
  // After the questions: the answers that were posted, the turns that followed, the email section, whether it is wanted.
  let sent, turns, mail, reply;

  function restorePlainForm() {
    root.classList.remove("talking");
    listeners.abort();
    if (mail?.isConnected) form.after(mail);
    added.forEach((element) => element.remove());
    if (send) send.hidden = false;
    document.title = title;
  }

  const guarded = (act) => async (event) => {
    try {
      await act(event);
    } catch (error) {
      restorePlainForm();
      throw error;
    }
  };

  function make(tag, className, text = "") {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    added.push(element);
    return element;
  }

  function makeButton(className, text, act) {
    const button = make("button", className, text);
    button.type = "button";
    button.addEventListener("click", guarded(act));
    return button;
  }

  // A bubble of the centre, which can have the focus. The h1 of another page becomes an h2.
  function makeBubble(...content) {
    const bubble = make("div", "bubble");
    bubble.tabIndex = -1;
    bubble.append(...content);
    const heading = bubble.querySelector("h1");
    heading?.replaceWith(make("h2", "", heading.textContent));
    return bubble;
  }

  // A bubble of the patient, with a Change button that calls `change`.
  function makeMine(what, text, change) {
    const mine = make("p", "mine");
    mine.append(make("span", "visually-hidden", `${texts.you}: `), make("b", "", text));
    if (change) {
      const button = makeButton("link", texts.change, change);
      button.setAttribute("aria-label", `${texts.change}: ${what}`);
      mine.append(button);
    }
    return mine;
  }

  const chosen = (question) => question.querySelector("input:checked");
  const labelOf = (input) => input.labels[0].textContent.trim();
  const textOf = (question) => question.querySelector("legend").textContent.trim();
  const given = () => new URLSearchParams(new FormData(form));

  // The index of the first question without an answer; the number of questions if all are answered.
  function firstOpen() {
    const index = questions.findIndex((question) => !chosen(question));
    return index < 0 ? end : index;
  }

  // The last step that can be shown: a question, the end of the questions, the outcome, the email form, the thanks.
  function furthest() {
    const open = firstOpen();
    return open === end && sent === `${given()}` ? Math.max(...turns.map((turn) => turn.step)) : open;
  }

  // The step in the history state, unless it cannot be shown any more.
  const fromHistory = () => Math.min(history.state?.step ?? end, furthest());

  // A click or Space on an answer chooses it and shows the next question. Arrow keys only move between the answers:
  // then Enter or Continue shows the next question, so that nothing advances unasked.
  function prepare(question, index) {
    let isMoving = false;
    const { signal } = listeners;
    question.addEventListener("keydown", guarded((event) => {
      isMoving = event.key.startsWith("Arrow");
      if (event.key !== "Enter" || !event.target.matches("input:checked")) return;
      event.preventDefault();
      go(firstOpen());
    }), { signal });
    question.addEventListener("click", guarded((event) => {
      if (!event.target.matches("input")) return;
      if (isMoving) show(index, false);
      else go(firstOpen());
      isMoving = false;
    }), { signal });
    question.querySelector("fieldset").tabIndex = -1;
    const next = makeButton("next", texts.next, () => go(firstOpen()));
    question.append(next, makeMine(textOf(question), "", () => go(index)));
  }

  // Show step `current`; answered questions and the turns before it stay visible.
  function show(current, moveFocus) {
    questions.forEach((question, index) => {
      const answer = chosen(question);
      question.classList.toggle("is-current", index === current);
      question.classList.toggle("is-answered", Boolean(answer));
      question.querySelector(".mine b").textContent = answer ? labelOf(answer) : "";
    });
    closing.hidden = send.hidden = current !== end;
    progress.hidden = current > end;
    const [patches, spoken] = progress.children;
    [...patches.children].forEach((patch, index) => patch.classList.toggle("is-full", index <= current));
    spoken.textContent = current < end ? texts.progress.replace("NUMBER", current + 1).replace("TOTAL", end) : "";
    turns.forEach((turn) => { turn.hidden = current < turn.step || current > turn.last; });
    const turn = turns.find((one) => one.step === current && one.title);
    showLanguages(turn?.languages ?? languages);
    document.title = turn ? turn.title : spoken.textContent ? `${spoken.textContent} · ${title}` : title;
    if (!moveFocus) return;
    const question = questions[current]?.querySelector("fieldset");
    const place = turn?.querySelector(".bubble") ?? question ?? closing;
    place.focus({ preventScroll: true });
    (current === end ? send : place).scrollIntoView({ block: turn ? "start" : "nearest" });
  }

  function showLanguages(list) {
    const shown = document.querySelector(".languages");
    if (shown !== list) shown.replaceWith(list);
  }

  function go(step) {
    history.pushState({ step }, "");
    show(step, true);
  }

  // Add a turn that is visible from step `step` to step `last`.
  function addTurn(step, last, about, ...content) {
    const turn = Object.assign(make("div", "turn"), { step, last }, about);
    turn.append(...content);
    turns.push(turn);
    thread.append(turn);
  }

  function removeTurns(step) {
    turns.filter((turn) => turn.step >= step).forEach((turn) => turn.remove());
    turns = turns.filter((turn) => turn.step < step);
  }

  async function load(address, body) {
    const options = { method: body ? "POST" : "GET", body, signal: AbortSignal.timeout?.(LONGEST_WAIT) };
    const answer = await fetch(address, options);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  async function postAnswers(event) {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    trouble.textContent = "";
    const answers = given();
    let page;
    try {
      page = await load(form.action, answers);
    } catch {
      trouble.textContent = texts.trouble;
      return;
    } finally {
      form.ariaBusy = null;
    }
    if (`${answers}` !== `${given()}`) return;
    try {
      addOutcome(page);
      go(end + 1);
    } catch (error) {
      restorePlainForm();
      form.submit();
      throw error;
    }
  }

  // Add the parts of the outcome page as turns.
  function addOutcome(page) {
    const find = (selector) => page.querySelector(selector);
    const outcome = makeBubble(find(".outcome"), ...page.querySelectorAll(".meaning p"));
    const newMail = find(".write-turn");
    if (mail) copyFields(mail, newMail);
    mail = newMail;
    mail.classList.add("bubble");
    mail.tabIndex = -1;
    removeTurns(end + 1);
    reply = undefined;
    sent = `${given()}`;
    const rest = [".safety-net", ".answers", ".to-ask", ".for-paper"].map(find);
    addTurn(end + 1, Infinity, { title: page.title }, outcome, ...rest);
    addTurn(end + 1, Infinity, {}, makeBubble(make("p", "ask", texts.ask)));
    const choices = make("div", "choices");
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", texts.ask);
    choices.append(...[true, false].map((yes) => makeButton("next", yes ? texts.yes : texts.no, () => {
      addReply(yes);
      go(end + 2);
    })));
    addTurn(end + 1, end + 1, {}, choices);
  }

  function addReply(yes) {
    const { title } = turns[0];
    removeTurns(end + 2);
    reply = yes;
    addTurn(end + 2, Infinity, {}, makeMine(texts.ask, yes ? texts.yes : texts.no, () => go(end + 1)));
    if (yes) addTurn(end + 2, end + 2, { title }, mail);
    else addTurn(end + 2, Infinity, { title }, makeBubble(make("p", "", texts.declined)));
  }

  function addThanks(event) {
    const { page, address } = event.detail;
    event.preventDefault();
    try {
      removeTurns(end + 3);
      const about = { title: page.title, languages: page.querySelector(".languages") };
      const mine = makeMine("", event.target.elements.email.value);
      addTurn(end + 3, Infinity, about, mine, makeBubble(...page.querySelector("main").children));
      go(end + 3);
    } catch {
      location.assign(address);
    }
  }

  // Copy what was typed from one form to the same form of another page.
  function copyFields(from, to) {
    for (const field of from.querySelectorAll("[name]:not([type=hidden])")) {
      const twin = to.querySelector(`[name="${field.name}"]`);
      if (twin) Object.assign(twin, { value: field.value, checked: field.checked });
    }
    const [was, is] = [from, to].map((form) => form.querySelector("details"));
    if (was && is) is.open = was.open;
  }

  // Show the conversation in the other language, with the same answers and text.
  async function switchLanguage(event) {
    const link = event.target.closest(".languages a");
    if (!link || !languages.contains(link)) return;
    event.preventDefault();
    const before = { step: fromHistory(), answers: given(), mail, reply };
    let page, outcome;
    try {
      page = await load(link.href);
      const again = new URLSearchParams([...before.answers, ["again", ""]]);
      if (before.step > end) outcome = await load(page.querySelector(".self-check").action, again);
    } catch {
      // The button after the link posts the answers without this script.
      link.nextElementSibling.click();
      return;
    }
    listeners.abort();
    document.body.replaceWith(page.body);
    root.lang = page.documentElement.lang;
    document.title = page.title;
    history.replaceState({ step: before.step }, "", link.href);
    start();
    before.answers.forEach((value, name) => { form.querySelector(`[name="${name}"][value="${value}"]`).checked = true; });
    mail = before.mail;
    if (outcome) addOutcome(outcome);
    if (outcome && before.reply !== undefined) addReply(before.reply);
    show(fromHistory(), true);
  }

  function start() {
    [added, turns, listeners, title] = [[], [], new AbortController(), document.title];
    sent = mail = reply = undefined;
    const { signal } = listeners;
    form = document.querySelector(".self-check");
    languages = document.querySelector(".languages");
    texts = form.dataset;
    questions = [...form.querySelectorAll(".question")];
    end = questions.length;
    send = form.querySelector("[type=submit]");
    progress = make("p", "progress");
    progress.setAttribute("role", "status");
    progress.append(make("span", "patches"), make("span", ""));
    progress.firstChild.append(...questions.map(() => make("i", "")));
    closing = make("p", "bubble closing", texts.closing);
    closing.tabIndex = -1;
    trouble = make("p", "trouble invalid-feedback");
    trouble.setAttribute("role", "alert");
    thread = make("div", "thread");
    form.prepend(progress);
    send.before(closing, trouble);
    form.after(thread);
    questions.forEach(prepare);
    const opened = questions.findIndex((question) => "open" in question.dataset);
    show(opened < 0 ? fromHistory() : opened, opened >= 0);
    form.classList.add("is-ready");
    form.addEventListener("submit", postAnswers, { signal });
    document.addEventListener("sent", addThanks, { signal });
    document.addEventListener("click", guarded(switchLanguage), { signal });
    addEventListener("popstate", guarded((event) => {
      if (!event.state) return;
      // Every step has the address of the current language.
      history.replaceState(event.state, "", form.action);
      show(fromHistory(), true);
    }), { signal });
    // After Back or a reload, browsers have restored the answers by now: show the conversation from them.
    addEventListener("pageshow", guarded(() => {
      const step = opened < 0 ? fromHistory() : opened;
      history.replaceState({ step }, "");
      show(step, false);
    }), { signal });
  }

  root.classList.add("talking");
  document.addEventListener("DOMContentLoaded", guarded(start));
})();
