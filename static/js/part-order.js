// Moves the parts of a page by buttons and by dragging, and numbers them in their order; the number itself is hidden.
(() => {
  const { up, down } = document.currentScript.dataset;

  for (const group of document.querySelectorAll(".inline-group:has(.field-position)")) {
    const parts = () => [...group.querySelectorAll(".inline-related:not(.empty-form)")];
    const position = (part) => part.querySelector("[name$=-position]");
    const number = () => parts().forEach((part, index) => {
      const field = position(part);
      if (field.value === String(index + 1)) return;
      field.value = index + 1;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const prepare = (part) => {
      const summary = part.querySelector("summary");
      const buttons = Object.assign(document.createElement("div"), { className: "part-moves" });
      part.prepend(buttons);
      position(part).closest(".form-row").hidden = true;
      for (const [label, sign, step] of [[up, "↑", -1], [down, "↓", 1]]) {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "move", textContent: sign, title: label });
        button.ariaLabel = `${label}: ${part.querySelector(".inline_label").textContent}`;
        button.addEventListener("click", () => {
          const all = parts();
          const other = all[all.indexOf(part) + step];
          if (!other) return;
          if (step < 0) other.before(part);
          else other.after(part);
          number();
          button.focus();
        });
        buttons.append(button);
      }
      summary.draggable = true;
      summary.addEventListener("dragstart", (event) => {
        group.dragged = part;
        event.dataTransfer.setData("text/plain", ""); // without data Firefox drags nothing
      });
      summary.addEventListener("dragend", () => { group.dragged = null; number(); });
      part.addEventListener("drop", (event) => { if (group.dragged) event.preventDefault(); });
      part.addEventListener("dragover", (event) => {
        if (!group.dragged || group.dragged === part) return;
        event.preventDefault();
        const { top, height } = part.getBoundingClientRect();
        if (event.clientY < top + height / 2) part.before(group.dragged);
        else part.after(group.dragged);
      });
    };
    const sorted = parts().sort((one, other) => position(one).value - position(other).value);
    const first = parts()[0];
    if (first) sorted.forEach((part) => { first.parentElement.insertBefore(part, group.querySelector(".empty-form")); });
    parts().forEach(prepare);
    group.addEventListener("formset:added", ({ target }) => { prepare(target); number(); });
  }
})();
