// Typing in a form keeps the session: a request every five minutes while there is input.
for (const form of document.querySelectorAll("[data-keep-awake]")) {
  let next = Date.now() + 300000;
  form.addEventListener("input", () => {
    if (Date.now() < next) return;
    next = Date.now() + 300000;
    fetch(form.dataset.keepAwake, { method: "HEAD" });
  });
}
