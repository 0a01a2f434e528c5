// Sends a photograph with its progress, and keeps the chosen file when something is wrong with the form.
(() => {
  const input = document.querySelector("[data-upload]");
  if (!input) return;
  const words = JSON.parse(input.dataset.upload);
  const { form } = input;
  const buttons = form.querySelectorAll("[type=submit]");
  const bar = document.createElement("progress");
  const status = document.createElement("p");
  status.role = "status";
  bar.ariaLabel = words.sending;
  bar.hidden = true;
  input.closest(".form-row").append(bar, status);

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
    request.upload.onload = () => { status.textContent = words.preparing; };
    request.onerror = () => finish({ file: [{ message: words.failed }] });
    request.onload = () => {
      if (request.response?.location) return location.assign(request.response.location);
      finish(request.response?.errors || { file: [{ message: words.failed }] });
    };
    form.querySelectorAll(".errorlist").forEach((list) => list.remove());
    const data = new FormData(form, event.submitter);
    buttons.forEach((button) => { button.disabled = true; });
    bar.hidden = false;
    status.textContent = words.sending;
    request.send(data);
  });

  function finish(errors) {
    bar.hidden = true;
    bar.removeAttribute("value");
    buttons.forEach((button) => { button.disabled = false; });
    status.textContent = words.kept;
    for (const [name, messages] of Object.entries(errors).reverse()) {
      const field = form.elements[name] || input;
      const list = document.createElement("ul");
      list.className = "errorlist";
      list.id = `${field.id}_error`;
      for (const { message } of messages) list.append(Object.assign(document.createElement("li"), { textContent: message }));
      field.closest(".form-row").prepend(list);
      field.setAttribute("aria-describedby", list.id);
      field.focus();
    }
  }
})();
