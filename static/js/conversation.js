/* The questionnaire as a conversation. It only dresses the plain form: the radio buttons keep the answers, the form
   sends them, and whatever fails here gives the plain form back. No answer enters storage, history or the address:
   history knows which question was asked, nothing else. */
(() => {
  "use strict";
  const root = document.documentElement;
  const added = [];
  const listening = new AbortController();
  const title = document.title;
  let form, words, questions, closing, progress, send;

  function plain() {
    root.classList.remove("talking");
    listening.abort();
    added.forEach((element) => element.remove());
    if (send) send.hidden = false;
    document.title = title;
  }

  const guarded = (act) => (event) => {
    try {
      act(event);
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

  const chosen = (question) => question.querySelector("input:checked");
  const labelOf = (input) => input.labels[0].textContent.trim();
  const textOf = (question) => question.querySelector("legend").firstChild.textContent.trim();

  // The first question still without an answer; past the last one when there is none.
  function firstOpen() {
    const index = questions.findIndex((question) => !chosen(question));
    return index < 0 ? questions.length : index;
  }

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
    const next = makeButton("next", words.next, () => go(firstOpen()));
    const mine = make("p", "mine");
    const change = makeButton("link", words.change, () => go(index));
    change.setAttribute("aria-label", `${words.change}: ${textOf(question)}`);
    mine.append(make("span", "visually-hidden", `${words.you}: `), make("b", ""), change);
    const group = question.querySelector("fieldset");
    group.tabIndex = -1;
    group.parentElement.after(next, mine);
  }

  // Show question number `current`, or the end; every question with an answer stays in sight.
  function show(current, moveFocus) {
    questions.forEach((question, index) => {
      const answer = chosen(question);
      question.classList.toggle("is-current", index === current);
      question.classList.toggle("is-answered", Boolean(answer));
      question.querySelector(".mine b").textContent = answer ? labelOf(answer) : "";
    });
    const isOver = current === questions.length;
    closing.hidden = send.hidden = !isOver;
    progress.textContent = isOver
      ? ""
      : words.progress.replace("NUMBER", current + 1).replace("TOTAL", questions.length);
    document.title = isOver ? title : `${progress.textContent} · ${title}`;
    if (!moveFocus) return;
    const spoken = isOver ? closing : questions[current].querySelector("fieldset");
    spoken.focus({ preventScroll: true });
    (isOver ? send : spoken).scrollIntoView({ block: "nearest" });
  }

  function go(index) {
    history.pushState({ question: index }, "");
    show(index, true);
  }

  // The question that history remembers, unless an earlier one is still without an answer.
  const remembered = () => Math.min(history.state?.question ?? questions.length, firstOpen());

  function start() {
    form = document.querySelector(".self-check");
    words = form.dataset;
    questions = [...form.querySelectorAll(".question")];
    send = form.querySelector("[type=submit]");
    progress = make("p", "progress");
    progress.setAttribute("role", "status");
    closing = make("p", "closing", words.closing);
    closing.tabIndex = -1;
    form.prepend(progress);
    send.before(closing);
    questions.forEach(prepare);
    const opened = questions.findIndex((question) => "open" in question.dataset);
    show(opened < 0 ? remembered() : opened, opened >= 0);
    form.classList.add("is-ready");
    addEventListener("popstate", guarded((event) => event.state && show(remembered(), true)));
    // After Back or a reload browsers fill the answers in again, by now: the conversation follows them.
    addEventListener("pageshow", guarded(() => {
      const index = opened < 0 ? remembered() : opened;
      history.replaceState({ question: index }, "");
      show(index, false);
    }));
  }

  root.classList.add("talking");
  document.addEventListener("DOMContentLoaded", guarded(start));
})();
