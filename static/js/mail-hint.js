/* Suggests a correction if the domain of an email address looks mistyped. Nothing is refused or changed by itself. */
(() => {
  "use strict";
  const KNOWN = `gmail.com googlemail.com hotmail.com hotmail.it outlook.com outlook.it live.com live.it msn.com icloud.com
    me.com mac.com yahoo.com yahoo.it ymail.com libero.it virgilio.it alice.it tim.it tin.it tiscali.it fastwebnet.it
    inwind.it iol.it email.it mail.com mail.it aol.com gmx.com gmx.net proton.me protonmail.com`.split(/\s+/);

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

  for (const form of document.querySelectorAll("form[data-mail-hint]")) {
    const input = form.querySelector("[type=email]");
    const hint = document.createElement("p");
    hint.className = "mail-hint";
    hint.setAttribute("role", "status");
    input.after(hint);
    input.addEventListener("change", () => {
      const guess = suggestion(input.value);
      hint.textContent = "";
      if (!guess) return;
      const accept = document.createElement("button");
      accept.type = "button";
      accept.className = "link";
      accept.textContent = form.dataset.mailHint.replace("ADDRESS", () => guess);
      accept.addEventListener("click", () => {
        input.value = guess;
        hint.textContent = "";
        input.focus();
      });
      hint.append(accept);
    });
  }
})();
