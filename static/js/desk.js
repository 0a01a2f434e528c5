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
