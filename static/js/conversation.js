/* Shows the questionnaire as a conversation. It enhances the plain form: the radio buttons hold the answers, the form
   sends them, and any error here restores the plain form. No answer is written to storage, history or the URL: the
   history state holds the number of the question only. */
(() => {
  "use strict";
  const root = document.documentElement;
  const added = [];
  const listeners = new AbortController();
  const title = document.title;
  let form, texts, questions, closing, progress, send;

  function restorePlainForm() {
    root.classList.remove("talking");
    listeners.abort();
    added.forEach((element) => element.remove());
    if (send) send.hidden = false;
    document.title = title;
  }

  const guarded = (act) => (event) => {
    try {
      act(event);
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

  const chosen = (question) => question.querySelector("input:checked");
  const labelOf = (input) => input.labels[0].textContent.trim();
  const textOf = (question) => question.querySelector("legend").firstChild.textContent.trim();

  // The index of the first question without an answer; the number of questions if all are answered.
  function firstOpen() {
    const index = questions.findIndex((question) => !chosen(question));
    return index < 0 ? questions.length : index;
  }

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
    const next = makeButton("next", texts.next, () => go(firstOpen()));
    const mine = make("p", "mine");
    const change = makeButton("link", texts.change, () => go(index));
    change.setAttribute("aria-label", `${texts.change}: ${textOf(question)}`);
    mine.append(make("span", "visually-hidden", `${texts.you}: `), make("b", ""), change);
    const group = question.querySelector("fieldset");
    group.tabIndex = -1;
    group.parentElement.after(next, mine);
  }

  // Show question number `current`, or the end; answered questions stay visible.
  function show(current, moveFocus) {
    questions.forEach((question, index) => {
      const answer = chosen(question);
      question.classList.toggle("is-current", index === current);
      question.classList.toggle("is-answered", Boolean(answer));
      question.querySelector(".mine b").textContent = answer ? labelOf(answer) : "";
    });
    const isFinished = current === questions.length;
    closing.hidden = send.hidden = !isFinished;
    progress.textContent = isFinished
      ? ""
      : texts.progress.replace("NUMBER", current + 1).replace("TOTAL", questions.length);
    document.title = isFinished ? title : `${progress.textContent} · ${title}`;
    if (!moveFocus) return;
    const spoken = isFinished ? closing : questions[current].querySelector("fieldset");
    spoken.focus({ preventScroll: true });
    (isFinished ? send : spoken).scrollIntoView({ block: "nearest" });
  }

  function go(index) {
    history.pushState({ question: index }, "");
    show(index, true);
  }

  // The question in the history state, unless an earlier one has no answer.
  const fromHistory = () => Math.min(history.state?.question ?? questions.length, firstOpen());

  function start() {
    form = document.querySelector(".self-check");
    texts = form.dataset;
    questions = [...form.querySelectorAll(".question")];
    send = form.querySelector("[type=submit]");
    progress = make("p", "progress");
    progress.setAttribute("role", "status");
    closing = make("p", "closing", texts.closing);
    closing.tabIndex = -1;
    form.prepend(progress);
    send.before(closing);
    questions.forEach(prepare);
    const opened = questions.findIndex((question) => "open" in question.dataset);
    show(opened < 0 ? fromHistory() : opened, opened >= 0);
    form.classList.add("is-ready");
    addEventListener("popstate", guarded((event) => event.state && show(fromHistory(), true)));
    // After Back or a reload, browsers have restored the answers by now: show the conversation from them.
    addEventListener("pageshow", guarded(() => {
      const index = opened < 0 ? fromHistory() : opened;
      history.replaceState({ question: index }, "");
      show(index, false);
    }));
  }

  root.classList.add("talking");
  document.addEventListener("DOMContentLoaded", guarded(start));
})();
