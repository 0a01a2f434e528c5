// Starts the admin's prose editors when their part is opened, and labels them in the language of the staff.
(() => {
  const EDITOR = "data-django-prose-editor-configurable";
  const labels = JSON.parse(document.getElementById("prose-editor-labels").textContent);

  // The editor's module runs after this one and takes the words of its dialogs from here.
  const gettext = window.gettext || ((text) => text);
  window.gettext = (text) => labels.dialogs[text] || gettext(text);

  // It adds a <style> element, which the CSP blocks, unless it finds one; its rules are in page-form.css.
  const rules = document.createElementNS("inert", "style");
  rules.setAttribute("data-tiptap-style", "");
  document.head.append(rules);

  // A long page has a hundred editors: those in closed parts start when the part is opened.
  for (const part of document.querySelectorAll("details:not([open])")) {
    const waiting = [...part.querySelectorAll(`textarea[${EDITOR}]`)];
    const settings = waiting.map((textarea) => textarea.getAttribute(EDITOR));
    waiting.forEach((textarea) => textarea.removeAttribute(EDITOR));
    part.addEventListener("toggle", async () => {
      const { createEditor } = await import("django-prose-editor/configurable");
      waiting.forEach((textarea, i) => textarea.setAttribute(EDITOR, settings[i]));
      waiting.splice(0).forEach((textarea) => createEditor(textarea));
    }, { once: true });
  }

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
    // The editor sets the state of a button as a class, sometimes after its ready event.
    new MutationObserver(() => labelButtons(text.parentElement, label))
      .observe(text.parentElement, { subtree: true, childList: true, attributeFilter: ["class"] });
    labelButtons(text.parentElement, label);
  });

  function labelButtons(frame, label) {
    // The editor compares an option's value with its own English word.
    for (const option of frame.querySelectorAll("dialog option:not([value])")) {
      option.setAttribute("value", option.text);
      option.text = labels.dialogs[option.text] || option.text;
    }
    const menu = frame.querySelector(".prose-menubar");
    if (!menu) return;
    menu.role = "group";
    menu.ariaLabel = `${labels.formatting}: ${label ? label.textContent : ""}`;
    for (const button of menu.querySelectorAll("button")) {
      button.title = button.ariaLabel = labels.buttons[button.dataset.name];
      button.ariaPressed = button.classList.contains("active");
      button.ariaDisabled = button.classList.contains("disabled");
    }
  }
})();
