// Keeps what is typed into a content form: asks before leaving, holds a copy in this browser until it is saved, and
// sends it again after signing in. The copy is never made of forms with personal data; signing out deletes it.
(() => {
  const script = document.currentScript;
  const { user, unsaved, putBack, discard } = script.dataset;
  const form = document.querySelector("form:has([name=opened])");
  const key = `unsaved ${user} ${location.pathname}`;
  const submitted = `submitted ${user}`;
  const read = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const write = (name, value) => { try { localStorage.setItem(name, value); } catch { /* full or forbidden */ } };

  // The page after a save: its message says that it was made.
  if (read(submitted) && document.querySelector(".messagelist .success, .messagelist .warning")) {
    localStorage.removeItem(read(submitted));
    localStorage.removeItem(submitted);
  }
  if (!form) return;

  const hasErrors = Boolean(form.querySelector(".errornote"));
  let isDirty = hasErrors;
  let timer;
  const isPersonal = Boolean(form.querySelector("[name=opened][data-personal]"));
  const copy = (button) => {
    if (isPersonal) return;
    const data = new FormData(form, button);
    const entries = [...data].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
    write(key, JSON.stringify({ at: Date.now(), entries }));
  };
  const changed = () => {
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(copy, 1000);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("click", (event) => { if (event.target.closest(".add-row, .move, .inline-deletelink")) changed(); });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    clearTimeout(timer);
    copy(event.submitter);
    write(submitted, key);
    isDirty = false;
  });
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  const found = JSON.parse(read(key) || "null");
  if (!found || hasErrors) return;
  if (read(submitted) === key) send(found.entries); // the session had ended: it goes on
  else offer(found);

  function send(entries) {
    const again = document.createElement("form");
    again.method = "post";
    again.hidden = true;
    for (const [name, value] of [...entries, ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value]]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      again.append(field);
    }
    document.body.append(again);
    isDirty = false;
    again.submit();
  }

  function offer({ at, entries }) {
    const box = document.createElement("p");
    box.className = "notice unsaved";
    box.role = "status";
    const { lang } = document.documentElement;
    const time = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "short", timeStyle: "short" });
    const button = (text, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      made.addEventListener("click", act);
      return made;
    };
    box.append(unsaved.replace("TIME", time.format(at)), " ",
      button(putBack, () => send([...entries.filter(([name]) => !name.startsWith("_")), ["_put_back", "1"]])), " ",
      button(discard, () => { localStorage.removeItem(key); box.remove(); }));
    form.prepend(box);
  }
})();
