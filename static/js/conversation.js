/* The questionnaire as a conversation, to its end: questions, outcome, email, thanks. It only dresses the plain form:
   the radio buttons keep the answers, the same addresses answer the same posts, and whatever fails here gives the plain
   form back. No answer enters storage, history or the address: history knows how far the conversation went. */
(() => {
  "use strict";
  const root = document.documentElement;
  let added, listening, title, form, words, questions, end, closing, progress, send, trouble, thread, languages;
  // After the questions: the answers that were sent, the turns they brought, the way to write, the reply to "may we".
  let sent, turns, mail, reply;

  function plain() {
    root.classList.remove("talking");
    listening.abort();
    if (mail?.isConnected) form.after(mail);
    added.forEach((element) => element.remove());
    if (send) send.hidden = false;
    document.title = title;
  }

  const guarded = (act) => async (event) => {
    try {
      await act(event);
    } catch (error) {
      plain();
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

  // The centre's bubble, which can take the focus. A page's own heading is a section's heading here.
  function makeBubble(...content) {
    const bubble = make("div", "bubble");
    bubble.tabIndex = -1;
    bubble.append(...content);
    const heading = bubble.querySelector("h1");
    heading?.replaceWith(make("h2", "", heading.textContent));
    return bubble;
  }

  // The patient's bubble; with `change` it can be taken back.
  function makeMine(what, text, change) {
    const mine = make("p", "mine");
    mine.append(make("span", "visually-hidden", `${words.you}: `), make("b", "", text));
    if (change) {
      const button = makeButton("link", words.change, change);
      button.setAttribute("aria-label", `${words.change}: ${what}`);
      mine.append(button);
    }
    return mine;
  }

  const chosen = (question) => question.querySelector("input:checked");
  const labelOf = (input) => input.labels[0].textContent.trim();
  const textOf = (question) => question.querySelector("legend").textContent.trim();
  const given = () => new URLSearchParams(new FormData(form));

  // The first question still without an answer; past the last one when there is none.
  function firstOpen() {
    const index = questions.findIndex((question) => !chosen(question));
    return index < 0 ? end : index;
  }

  // The last step one can be at: a question, their end, the outcome, the email, the thanks.
  function furthest() {
    const open = firstOpen();
    return open === end && sent === `${given()}` ? Math.max(...turns.map((turn) => turn.step)) : open;
  }

  // The step that history remembers, as far as it can be reached now.
  const remembered = () => Math.min(history.state?.step ?? end, furthest());

  // A click or Space on an answer gives it and goes on. Arrow keys only move between the answers: Enter, or Continue,
  // goes on then, so that nothing advances before the patient says so.
  function prepare(question, index) {
    let isMoving = false;
    const { signal } = listening;
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
    const next = makeButton("next", words.next, () => go(firstOpen()));
    question.append(next, makeMine(textOf(question), "", () => go(index)));
  }

  // Show step `current`; every answer given, and every turn before it, stays in sight.
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
    spoken.textContent = current < end ? words.progress.replace("NUMBER", current + 1).replace("TOTAL", end) : "";
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

  // A turn of the thread, seen from step `step` until step `last`.
  function addTurn(step, last, about, ...content) {
    const turn = Object.assign(make("div", "turn"), { step, last }, about);
    turn.append(...content);
    turns.push(turn);
    thread.append(turn);
  }

  function dropTurns(step) {
    turns.filter((turn) => turn.step >= step).forEach((turn) => turn.remove());
    turns = turns.filter((turn) => turn.step < step);
  }

  async function load(address, body) {
    const answer = await fetch(address, body && { method: "POST", body });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  async function askOutcome(event) {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    trouble.textContent = "";
    try {
      const answers = given();
      const page = await load(form.action, answers);
      if (`${answers}` !== `${given()}`) return;
      takeOutcome(page);
      go(end + 1);
    } catch (error) {
      if (root.matches(".talking")) trouble.textContent = words.trouble;
    } finally {
      form.ariaBusy = null;
    }
  }

  // The outcome's page becomes the centre's next turns.
  function takeOutcome(page) {
    const find = (selector) => page.querySelector(selector);
    const outcome = makeBubble(find(".outcome"), ...page.querySelectorAll(".meaning p"));
    const newMail = find(".write-turn");
    if (mail) carry(mail, newMail);
    mail = newMail;
    mail.classList.add("bubble");
    mail.tabIndex = -1;
    dropTurns(end + 1);
    reply = undefined;
    sent = `${given()}`;
    const rest = [".safety-net", ".answers", ".to-ask", ".for-paper"].map(find);
    addTurn(end + 1, Infinity, { title: page.title }, outcome, ...rest);
    addTurn(end + 1, Infinity, {}, makeBubble(make("p", "ask", words.ask)));
    const choices = make("div", "choices");
    choices.append(...[true, false].map((yes) => makeButton("next", yes ? words.yes : words.no, () => {
      takeReply(yes);
      go(end + 2);
    })));
    addTurn(end + 1, end + 1, {}, choices);
  }

  function takeReply(yes) {
    const { title } = turns[0];
    dropTurns(end + 2);
    reply = yes;
    addTurn(end + 2, Infinity, {}, makeMine(words.ask, yes ? words.yes : words.no, () => go(end + 1)));
    if (yes) addTurn(end + 2, end + 2, { title }, mail);
    else addTurn(end + 2, Infinity, { title }, makeBubble(make("p", "", words.declined)));
  }

  function takeThanks(event) {
    const { page, address } = event.detail;
    event.preventDefault();
    try {
      dropTurns(end + 3);
      const about = { title: page.title, languages: page.querySelector(".languages") };
      const mine = makeMine("", event.target.elements.email.value);
      addTurn(end + 3, Infinity, about, mine, makeBubble(...page.querySelector("main").children));
      go(end + 3);
    } catch {
      location.assign(address);
    }
  }

  // Take what was typed in one form over into its twin.
  function carry(from, to) {
    for (const field of from.querySelectorAll("[name]:not([type=hidden])")) {
      const twin = to.querySelector(`[name="${field.name}"]`);
      if (twin) Object.assign(twin, { value: field.value, checked: field.checked });
    }
    const [was, is] = [from, to].map((form) => form.querySelector("details"));
    if (was && is) is.open = was.open;
  }

  // The same conversation in the other language: the page changes, what was answered and typed stays.
  async function switchLanguage(event) {
    const link = event.target.closest(".languages a");
    if (!link || !languages.contains(link)) return;
    event.preventDefault();
    const before = { step: remembered(), answers: given(), mail, reply };
    let page, outcome;
    try {
      page = await load(link.href);
      const again = new URLSearchParams([...before.answers, ["again", ""]]);
      if (before.step > end) outcome = await load(page.querySelector(".self-check").action, again);
    } catch {
      // The button beside the link sends the answers along, without a script.
      link.nextElementSibling.click();
      return;
    }
    listening.abort();
    document.body.replaceWith(page.body);
    root.lang = page.documentElement.lang;
    document.title = page.title;
    history.replaceState({ step: before.step }, "", link.href);
    start();
    before.answers.forEach((value, name) => { form.querySelector(`[name="${name}"][value="${value}"]`).checked = true; });
    if (outcome) takeOutcome(outcome);
    if (outcome) carry(before.mail, mail);
    if (outcome && before.reply !== undefined) takeReply(before.reply);
    show(remembered(), true);
  }

  function start() {
    [added, turns, listening, title] = [[], [], new AbortController(), document.title];
    sent = mail = reply = undefined;
    const { signal } = listening;
    form = document.querySelector(".self-check");
    languages = document.querySelector(".languages");
    words = form.dataset;
    questions = [...form.querySelectorAll(".question")];
    end = questions.length;
    send = form.querySelector("[type=submit]");
    progress = make("p", "progress");
    progress.setAttribute("role", "status");
    progress.append(make("span", "patches"), make("span", ""));
    progress.firstChild.append(...questions.map(() => make("i", "")));
    closing = make("p", "bubble closing", words.closing);
    closing.tabIndex = -1;
    trouble = make("p", "trouble invalid-feedback");
    trouble.setAttribute("role", "alert");
    thread = make("div", "thread");
    form.prepend(progress);
    send.before(closing, trouble);
    form.after(thread);
    questions.forEach(prepare);
    const opened = questions.findIndex((question) => "open" in question.dataset);
    show(opened < 0 ? remembered() : opened, opened >= 0);
    form.classList.add("is-ready");
    form.addEventListener("submit", askOutcome, { signal });
    document.addEventListener("sent", takeThanks, { signal });
    document.addEventListener("click", guarded(switchLanguage), { signal });
    addEventListener("popstate", guarded((event) => {
      if (!event.state) return;
      // Every step is at the address of the language spoken now.
      history.replaceState(event.state, "", form.action);
      show(remembered(), true);
    }), { signal });
    // After Back or a reload browsers fill the answers in again, by now: the conversation follows them.
    addEventListener("pageshow", guarded(() => {
      const step = opened < 0 ? remembered() : opened;
      history.replaceState({ step }, "");
      show(step, false);
    }), { signal });
  }

  root.classList.add("talking");
  document.addEventListener("DOMContentLoaded", guarded(start));
})();
