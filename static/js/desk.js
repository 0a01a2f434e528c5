// Typing in any form keeps the session: a request every five minutes while there is input.
{
  const { keepAwake } = document.currentScript.dataset;
  let next = Date.now() + 300000;
  document.addEventListener("input", () => {
    if (Date.now() < next) return;
    next = Date.now() + 300000;
    fetch(keepAwake, { method: "HEAD" });
  });
}
// The reply to a patient: the link to the mail program holds what is typed, address and text are copied, and the
// browser asks before a text that was not sent is lost.
{
  const form = document.querySelector("#reply-form");
  if (form) {
    const text = form.elements.text;
    const link = document.querySelector("[data-mailto]");
    const warning = document.querySelector("[data-longest]");
    const copied = document.querySelector("[data-copied]");
    const begin = link.href.replace(/&body=.*/, "&body=");
    let isUnsent = "unsaved" in form.dataset;
    form.addEventListener("input", () => {
      isUnsent = true;
      link.href = begin + encodeURIComponent(text.value.trim().replace(/\n/g, "\r\n"));
      warning.hidden = link.href.length <= Number(warning.dataset.longest);
    });
    document.addEventListener("submit", () => { isUnsent = false; });
    link.addEventListener("click", () => { setTimeout(() => { isUnsent = false; }); });
    window.addEventListener("beforeunload", (event) => { if (isUnsent) event.preventDefault(); });
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(button.dataset.copy || text.value);
        copied.textContent = copied.dataset.copied;
      });
    }
  }
}
