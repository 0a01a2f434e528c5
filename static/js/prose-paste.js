// Prepares what is pasted into the prose editor. Programs state formatting in styles, which the strict policy keeps from
// being applied: their text is read here and becomes elements. What the editor cannot hold is said before it is dropped.
(() => {
  const words = JSON.parse(document.getElementById("prose-editor-labels").textContent).paste;
  const LONGEST = 400000;
  const TAGS = { B: "strong", STRONG: "strong", I: "em", EM: "em", S: "s", STRIKE: "s", DEL: "s", SUP: "sup", SUB: "sub", U: "u", INS: "u" };
  const KEPT = ["strong", "em", "s", "sup", "sub"];
  const HEADINGS = "h1, h2, h3, h4, h5, h6, .MsoTitle, [role=heading]";
  // What each thing that is dropped looks like, by its name in `words`.
  const DROPPED = {
    pictures: "img, svg, picture, video, audio, iframe, object, embed, canvas",
    fields: "input, select, textarea, button",
    quotations: "blockquote",
    lines: "hr",
    comments: "[data-style*='mso-element:comment-list' i], [class*=MsoCommentReference]",
  };
  const { style } = document.createElement("i");

  document.addEventListener("prose-editor:ready", ({ detail: { editor } }) => {
    let dropped = new Set();
    const isRefused = (slice) => {
      const names = [...dropped];
      dropped = new Set();
      if (slice.size > LONGEST) alert(words.long);
      else if (!names.length || confirm([words.dropped, ...names.map((name) => `- ${words[name]}`)].join("\n"))) return false;
      return true;
    };
    editor.setOptions({
      editorProps: {
        transformPastedHTML(html) {
          if (html.includes("data-pm-slice")) return html; // from an editor like this one
          const { body } = new DOMParser().parseFromString(setStylesAside(html), "text/html");
          dropped = new Set();
          prepare(body, (name) => dropped.add(name));
          return body.innerHTML;
        },
        handlePaste: (view, event, slice) => isRefused(slice),
        handleDrop: (view, event, slice, moved) => !moved && isRefused(slice),
      },
    });
  });

  // The policy looks at every document that is parsed, also at one that nobody sees.
  function setStylesAside(html) {
    return html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(\s)style\s*=/gi, "$1data-style="));
  }

  function prepare(body, drop) {
    body.querySelectorAll("style, script, title, meta, link, xml").forEach((element) => element.remove());
    makeLists(body, drop);
    for (const element of body.querySelectorAll("[data-style]")) {
      if (/display:\s*none|mso-hide:\s*all/i.test(element.getAttribute("data-style"))) element.remove();
    }
    for (const [name, selector] of Object.entries(DROPPED)) {
      const found = body.querySelectorAll(selector);
      if (found.length) drop(name);
      if (name !== "quotations") found.forEach((element) => element.remove());
    }
    for (const link of body.querySelectorAll("a[href]")) {
      const href = link.getAttribute("href").replace(/^https:\/\/www\.google\.com\/url\?(?:.*&)?q=([^&]+).*/, (whole, to) => decodeURIComponent(to));
      if (/^(https?:|mailto:|tel:|\/)/i.test(href)) link.setAttribute("href", href);
      else {
        if (link.textContent) drop("links");
        link.removeAttribute("href");
      }
    }
    for (const list of body.querySelectorAll("ol")) {
      const styles = [list, ...list.children].map((element) => element.getAttribute("data-style")).join();
      if (/^[aAiI]$/.test(list.type) || /list-style-type:\s*\w+-(alpha|roman|latin)/i.test(styles)) drop("letters");
    }
    makeMarks(body, drop);
    body.querySelectorAll("pre").forEach(keepLines);
    body.querySelectorAll("caption").forEach((caption) => caption.closest("table").before(become(caption, "p")));
    body.querySelectorAll(HEADINGS).forEach((heading) => heading.replaceWith(become(heading, "h3")));
  }

  function become(element, name) {
    const other = element.ownerDocument.createElement(name);
    other.append(...element.childNodes);
    return other;
  }

  function keepLines(element) {
    const lines = element.textContent.split("\n").flatMap((line) => [line, element.ownerDocument.createElement("br")]);
    element.replaceChildren(...lines.slice(0, -1));
  }

  // Word writes a list as paragraphs with their level and a typed mark; its web form, as many lists of one item.
  function makeLists(body, drop) {
    for (const item of body.querySelectorAll("li[data-aria-level]")) {
      const frame = item.closest(".ListContainerWrapper") || item.parentElement;
      const paragraph = become(item.querySelector("p") || item, "p");
      paragraph.dataset.level = item.dataset.ariaLevel;
      paragraph.dataset.kind = item.parentElement.localName;
      frame.before(paragraph);
      item.remove();
      if (!frame.textContent.trim()) frame.remove();
    }
    let open = []; // the lists that the next item may stand in, outermost first
    for (const item of body.querySelectorAll("[data-style*='mso-list' i], p[data-level]")) {
      const level = Number(item.dataset.level || /mso-list:\s*\w+\s+level(\d+)/i.exec(item.getAttribute("data-style"))?.[1]);
      if (!level) continue;
      const typed = item.querySelector("[data-style*='mso-list:Ignore' i], [data-style*='mso-list: Ignore' i]");
      const mark = typed?.textContent.trim() || "";
      if (item.matches(HEADINGS)) {
        typed?.replaceWith(`${mark} `);
        continue;
      }
      typed?.remove();
      const number = /^\(?(?:(\d+)|[a-z]+)[.)]/i.exec(mark);
      const kind = number || item.dataset.kind === "ol" ? "ol" : "ul";
      if (number && !number[1]) drop("letters");
      if (item.previousElementSibling !== open[0]?.list) open = [];
      while (open.length && (open.at(-1).level > level || (open.at(-1).level === level && open.at(-1).list.localName !== kind))) open.pop();
      if (open.at(-1)?.level !== level) {
        const list = body.ownerDocument.createElement(kind);
        if (number?.[1] > 1) list.setAttribute("start", number[1]);
        if (open.length) open.at(-1).list.lastElementChild.append(list);
        else item.before(list);
        open.push({ list, level });
      }
      open.at(-1).list.append(become(item, "li"));
      item.remove();
    }
  }

  // What is said of the text nearest to it counts: a style, else the element itself.
  function makeMarks(body, drop) {
    const known = new Map([[body, {}]]);
    const marksOf = (element) => {
      if (!known.has(element)) known.set(element, { ...marksOf(element.parentElement), ...saidBy(element) });
      return known.get(element);
    };
    const texts = [];
    const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push([walker.currentNode, marksOf(walker.currentNode.parentElement)]);
    const inline = body.querySelectorAll(Object.keys(TAGS).join());
    const colours = new Set();
    for (const [text, marks] of texts) {
      if (!marks.own) colours.add(`${marks.colour || ""} ${marks.background || ""}`);
      if (marks.u && !marks.own) drop("underlining");
      let wrapped = text.cloneNode();
      for (const name of KEPT) {
        if (!marks[name]) continue;
        const mark = body.ownerDocument.createElement(name);
        mark.append(wrapped);
        wrapped = mark;
      }
      text.replaceWith(wrapped);
    }
    if (colours.size > 1) drop("colours");
    inline.forEach((element) => element.replaceWith(...element.childNodes));
    body.querySelectorAll("[data-style]").forEach((element) => element.removeAttribute("data-style"));
  }

  function saidBy(element) {
    const said = {};
    const text = element.getAttribute("data-style") || "";
    style.cssText = text;
    if (TAGS[element.nodeName]) said[TAGS[element.nodeName]] = true;
    if (/^(h[1-6]|th|a)$/.test(element.localName) || element.matches(HEADINGS)) said.own = true; // looks of its own
    if (/^(h[1-6]|th)$/.test(element.localName)) said.strong = false;
    if (style.fontWeight) said.strong = !said.own && (/^bold/.test(style.fontWeight) || style.fontWeight >= 600);
    if (style.fontStyle) said.em = style.fontStyle !== "normal";
    if (/line-through/.test(text)) said.s = true;
    if (/text-decoration[^;]*underline/.test(text)) said.u = true;
    const raised = /mso-text-raise:\s*(-?)/.exec(text);
    if (style.verticalAlign === "super" || (raised && !raised[1])) said.sup = true;
    if (style.verticalAlign === "sub" || raised?.[1]) said.sub = true;
    if (style.color) said.colour = style.color.replace(/^(windowtext|black|rgb\(0, 0, 0\))$/, "");
    if (style.backgroundColor) said.background = style.backgroundColor.replace("transparent", "");
    else if (element.localName === "mark") said.background = "mark";
    return said;
  }
})();
