/* Posts the contact form with fetch, so that errors, Back and the language switch keep what was typed, and suggests a
   correction if the domain of an email address looks mistyped. Without this script the browser posts the form. */
(() => {
  "use strict";
  const KNOWN = `gmail.com googlemail.com hotmail.com hotmail.it outlook.com outlook.it live.com live.it msn.com icloud.com
    me.com mac.com yahoo.com yahoo.it ymail.com libero.it virgilio.it alice.it tim.it tin.it tiscali.it fastwebnet.it
    inwind.it iol.it email.it mail.com mail.it aol.com gmx.com gmx.net proton.me protonmail.com`.split(/\s+/);
  const LONGEST_WAIT = 30_000;
  let title = document.title;
  let shown = location.pathname;

  // One letter added, missing or wrong, or two adjacent letters swapped.
  function isOneTypo(typed, known) {
    let start = 0;
    while (start < typed.length && typed[start] === known[start]) start += 1;
    let a = typed.length;
    let b = known.length;
    while (a > start && b > start && typed[a - 1] === known[b - 1]) [a, b] = [a - 1, b - 1];
    const [left, right] = [typed.slice(start, a), known.slice(start, b)];
    return (left.length < 2 && right.length < 2) || (left.length === 2 && left === [...right].reverse().join(""));
  }

  function suggestion(address) {
    const [, local, domain] = address.trim().toLowerCase().match(/^([^@\s]+)@([^@\s]+)$/) || [];
    if (!domain || KNOWN.includes(domain)) return null;
    const guess = /^gmail\.[a-z]+$/.test(domain) ? "gmail.com" : KNOWN.find((known) => isOneTypo(domain, known));
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
    const guess = suggestion(input.value);
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

  async function load(address, body) {
    const options = { method: body ? "POST" : "GET", body, signal: AbortSignal.timeout?.(LONGEST_WAIT) };
    const answer = await fetch(address, options);
    return [answer, new DOMParser().parseFromString(await answer.text(), "text/html")];
  }

  // Give `form` the content of `given`, but keep its own fields: browsers restore the text of these after Back.
  function become(form, given) {
    for (const field of given.querySelectorAll("[name]")) {
      const own = form.elements[field.name];
      if (!own) continue;
      own.removeAttribute("aria-invalid");
      for (const { name, value } of field.attributes) {
        // Browsers restore no text that is the field's default one.
        if (name !== "value" || field.type === "hidden") own.setAttribute(name, value);
      }
      field.replaceWith(own);
    }
    for (const { name, value } of given.attributes) form.setAttribute(name, value);
    form.replaceChildren(...given.childNodes);
  }

  // The response is the thanks page after a redirect, or a page with the form and its errors.
  async function send(form) {
    const [answer, page] = await load(form.action, new URLSearchParams(new FormData(form)));
    if (answer.redirected && answer.ok) {
      const detail = { page, address: answer.url };
      const isFree = form.dispatchEvent(new CustomEvent("sent", { bubbles: true, cancelable: true, detail }));
      if (isFree) location.assign(answer.url);
      return;
    }
    const given = page.querySelector(".contact-form");
    given.querySelector("[autofocus]").removeAttribute("autofocus");
    for (const { name, checked } of given.querySelectorAll("[type=checkbox]")) form.elements[name].checked = checked;
    become(form, given);
    document.title = `${form.dataset.error}: ${title}`;
    form.querySelector(".error-summary").focus();
  }

  // Show the page at `address`, the same page in the other language, with the form as it is filled in.
  async function translate(form, address) {
    const [answer, page] = await load(address);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const given = page.querySelector(".contact-form");
    become(form, given);
    given.replaceWith(form);
    document.body.replaceWith(page.body);
    document.documentElement.lang = page.documentElement.lang;
    document.title = title = page.title;
    shown = location.pathname;
  }

  async function act(form, what) {
    form.ariaBusy = "true";
    form.querySelector(".trouble")?.remove();
    try {
      await what();
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
    const [form, button] = [event.target, event.submitter];
    if (!form.matches(".contact-form")) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    act(form, async () => {
      // The button of the language switch follows the link to the same page; without this script it posts the form.
      const link = button?.hasAttribute("formaction") && button.previousElementSibling;
      if (!link) return send(form);
      await translate(form, link.href);
      history.pushState(null, "", link.href);
      shown = location.pathname;
      form.scrollIntoView({ block: "nearest" });
      form.elements.email.focus({ preventScroll: true });
    });
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) print();
  });
  addEventListener("popstate", () => {
    const form = document.querySelector(".contact-form");
    // The conversation handles its own history.
    if (form && location.pathname !== shown && !document.querySelector(".self-check")) {
      act(form, () => translate(form, location.href));
    }
  });
})();
