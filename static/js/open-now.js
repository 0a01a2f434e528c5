/* Shows whether the centre is open now (Rome time), from the opening hours, closures and holidays in the page. */
(() => {
  "use strict";
  const line = document.querySelector("[data-open-now]");
  if (!line) return;
  const data = line.dataset;
  const [today, time] = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Rome", dateStyle: "short", timeStyle: "short" })
    .format(new Date())
    .split(" ");
  const closures = [...document.querySelectorAll("[data-first]")].map((element) => element.dataset);
  const isClosed = (day) =>
    data.holidays.split(" ").includes(day) || closures.some(({ first, last }) => first <= day && day <= last);

  for (let ahead = 0; ahead < 60; ahead += 1) {
    const date = new Date(`${today}T12:00:00Z`);
    date.setUTCDate(date.getUTCDate() + ahead);
    if (isClosed(date.toISOString().slice(0, 10))) continue;
    // Monday is day 0 in the page, day 1 in JavaScript.
    const row = document.querySelector(`[data-day="${(date.getUTCDay() + 6) % 7}"]`);
    for (const { dataset } of row?.querySelectorAll("[data-opens]") ?? []) {
      if (ahead === 0 && dataset.closes <= time) continue;
      const isOpen = ahead === 0 && dataset.opens <= time;
      const format = { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" };
      const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
      const day = new Intl.DateTimeFormat(language, format).format(date);
      line.textContent = isOpen
        ? data.open.replace("TIME", dataset.closes)
        : data.closed.replace("DAY", day).replace("TIME", dataset.opens);
      return;
    }
  }
})();
