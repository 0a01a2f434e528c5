// Writing counts as being there: while somebody types, the session of the desk does not run out.
for (const form of document.querySelectorAll("[data-keep-awake]")) {
  let next = Date.now() + 300000;
  form.addEventListener("input", () => {
    if (Date.now() < next) return;
    next = Date.now() + 300000;
    fetch(form.dataset.keepAwake, { method: "HEAD" });
  });
}
