// Gives the admin's prose editors names that screen readers can read, in the staff's language.
(() => {
  const words = JSON.parse(document.getElementById("prose-editor-words").textContent);

  // The editor takes its dialogs' words from here when it loads, after this script.
  const gettext = window.gettext || ((text) => text);
  window.gettext = (text) => words.dialogs[text] || gettext(text);

  // It would add a <style>, which our policy refuses, unless one is there; its few rules are in prose-editor.css.
  const rules = document.createElement("style");
  rules.type = "text/plain";
  rules.dataset.tiptapStyle = "";
  document.head.append(rules);

  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    const text = editor.view.dom;
    const label = document.querySelector(`label[for="${textarea.id}"]`);
    const help = document.getElementById(`${textarea.id}_helptext`);
    text.lang = textarea.id.slice(-2);
    text.setAttribute("aria-multiline", "true");
    if (help) text.setAttribute("aria-describedby", help.id);
    if (label) {
      label.id = `${textarea.id}_label`;
      text.setAttribute("aria-labelledby", label.id);
      label.addEventListener("click", () => editor.commands.focus());
    }
    editor.on("transaction", () => nameButtons(text.parentElement, label));
    nameButtons(text.parentElement, label);
  });

  function nameButtons(frame, label) {
    const menu = frame.querySelector(".prose-menubar");
    if (!menu) return;
    menu.role = "group";
    menu.ariaLabel = `${words.formatting}: ${label ? label.textContent : ""}`;
    for (const button of menu.querySelectorAll("button")) {
      button.title = button.ariaLabel = words.buttons[button.dataset.name];
      button.ariaPressed = button.classList.contains("active");
      button.ariaDisabled = button.classList.contains("disabled");
    }
  }
})();
