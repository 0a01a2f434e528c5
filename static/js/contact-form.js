/* Sends the contact form in place, so that nothing typed is lost to an error, to Back or to a reload. What fails here
   leaves the plain form. It also offers a correction when the domain of an address looks mistyped: a hint only. */
(() => {
  "use strict";
  const KNOWN = `gmail.com googlemail.com hotmail.com hotmail.it outlook.com outlook.it live.com live.it msn.com icloud.com
    me.com mac.com yahoo.com yahoo.it ymail.com libero.it virgilio.it alice.it tim.it tin.it tiscali.it fastwebnet.it
    inwind.it iol.it email.it mail.com mail.it aol.com gmx.com gmx.net proton.me protonmail.com`.split(/\s+/);
  const LONGEST_WAIT = 30_000;
  const title = document.title;

  // One letter too many, too few or wrong, or two neighbours swapped.
  function isOneSlip(typed, known) {
    let start = 0;
    while (start < typed.length && typed[start] === known[start]) start += 1;
    let a = typed.length;
    let b = known.length;
    while (a > start && b > start && typed[a - 1] === known[b - 1]) [a, b] = [a - 1, b - 1];
    const [left, right] = [typed.slice(start, a), known.slice(start, b)];
    return (left.length < 2 && right.length < 2) || (left.length === 2 && left === [...right].reverse().join(""));
  }

  function meant(address) {
    const [, local, domain] = address.trim().toLowerCase().match(/^([^@\s]+)@([^@\s]+)$/) || [];
    if (!domain || KNOWN.includes(domain)) return null;
    const guess = /^gmail\.[a-z]+$/.test(domain) ? "gmail.com" : KNOWN.find((known) => isOneSlip(domain, known));
    return guess ? `${local}@${guess}` : null;
  }

  function line(className, role) {
    const element = document.createElement("p");
    element.className = className;
    element.setAttribute("role", role);
    return element;
  }

  function hint({ target: input }) {
    const form = input.form;
    if (input.type !== "email" || !form.dataset.mailHint) return;
    form.querySelector(".mail-hint")?.remove();
    const guess = meant(input.value);
    if (!guess) return;
    const place = line("mail-hint", "status");
    input.after(place);
    const accept = document.createElement("button");
    accept.type = "button";
    accept.className = "link";
    accept.textContent = form.dataset.mailHint.replace("ADDRESS", () => guess);
    accept.addEventListener("click", () => {
      input.value = guess;
      place.remove();
      input.focus();
    });
    place.append(accept);
  }

  // The answer is a page: the thanks, or the form again with what is wrong.
  async function send(form) {
    form.ariaBusy = "true";
    form.querySelector(".trouble")?.remove();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(LONGEST_WAIT) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const detail = { page, address: answer.url };
      if (answer.redirected && answer.ok) {
        if (form.dispatchEvent(new CustomEvent("sent", { bubbles: true, cancelable: true, detail }))) {
          location.assign(answer.url);
        }
        return;
      }
      const again = page.querySelector(".contact-form");
      again.querySelector("[autofocus]").removeAttribute("autofocus");
      form.replaceWith(again);
      document.title = `${form.dataset.error}: ${title}`;
      again.querySelector(".error-summary").focus();
    } catch {
      const trouble = line("trouble invalid-feedback", "alert");
      trouble.textContent = form.dataset.trouble;
      form.querySelector("[type=submit]").before(trouble);
    } finally {
      form.ariaBusy = null;
    }
  }

  document.addEventListener("change", hint);
  document.addEventListener("submit", (event) => {
    // The language switch sends the form too, but leads to a page of its own.
    if (!event.target.matches(".contact-form") || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (event.target.ariaBusy !== "true") send(event.target);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) print();
  });
  // A page that answered a form comes back by Back or a reload without asking whether to send the form again.
  if (document.querySelector("[data-posted]")) history.replaceState(null, "");
})();
