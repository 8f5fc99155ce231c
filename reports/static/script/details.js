// Details of a workload or host, in a drawer.

const drawer = $("#drawer");
const CELLS = [
  (text) => el("td", {}, text),
  (text) => el("td", {}, code(text)),
  (text) => el("td", { class: "num" }, text),
  (text, href) => el("td", {}, link(href, text)),
  (text, key) => el("td", {}, chip([key, text])),
];
const textOf = (cell) => (Array.isArray(cell) ? cell[1] : cell);
const cellOf = (cell) => (Array.isArray(cell) ? CELLS[cell[0]](cell[1], cell[2]) : CELLS[0](cell));
const facts = (rows, mono) => el("dl", { class: "facts" }, ...rows.map(([name, value]) => el("div", {}, el("dt", {}, textOf(name)), el("dd", {}, mono ? code(textOf(value)) : textOf(value)))));
const table = (rows, head, kind = "") =>
  el("div", { class: "scroll" }, el("table", { class: `small${kind}` }, el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cellOf))))));
// Where the page is narrow, the heading of a column stands in each of its cells.
const stacked = (rows, head) => {
  const made = table(rows, head, " stacked");
  for (const row of made.querySelectorAll("tbody tr")) [...row.cells].forEach((cell, at) => (cell.dataset.label = head[at]));
  return made;
};
const BLOCKS = {
  facts: (rows) => facts(rows, true),
  list: (rows) => el("ul", { class: "names" }, ...rows.map(([cell]) => el("li", {}, code(textOf(cell))))),
  table: (rows, head) => table(rows, head),
  stacked,
  checks: (rows, head) =>
    el("div", { class: "scroll" }, el("table", { class: "grid checks" },
      el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, ...rows.flatMap(([name, verdict, expected, actual, ...detail]) => [
        el("tr", {}, el("th", { scope: "row" }, textOf(name)), el("td", {}, word([verdict[2], verdict[1]])), cellOf(expected), cellOf(actual)),
        detail.length &&
          el("tr", { class: "more-of" }, el("td", { colspan: "4" }, el("details", { class: "quiet", open: verdict[2] !== "pass" },
            el("summary", {}, `Details of ${textOf(name)}`), el("pre", {}, detail.map(textOf).join("\n"))))),
      ]).filter(Boolean)))),
};

function finding([place, evidence]) {
  const target = strings[F.target[place]], remedy = strings[F.remedy[place]];
  return el("div", { class: "finding" },
    el("p", { class: "says" }, word(data.words.severity[F.severity[place]]), " ", strings[F.message[place]], target ? el("span", { class: "muted" }, ` on ${target}`) : ""),
    remedy ? el("p", { class: "remedy" }, el("b", {}, "What to do:"), ` ${remedy}`) : "",
    ...evidence.map(([fact, origin, text]) => el("p", { class: "evidence" }, fact, origin ? " " : "", origin ? el("span", { class: "origin" }, origin) : "", code(text))),
    el("p", { class: "rule" }, `${strings[F.rule[place]]} ${strings[F.name[place]]}`));
}

async function open(name) {
  const kind = name[0], id = decoded(name.slice(2));
  const place = (kind === "w" ? workloadPlace : hostPlace).get(id);
  if (place === undefined) return closeDrawer();
  const detail = await detailOf(kind === "w" ? place : W.id.length + place);
  if (state.open !== name) return;
  const [title, verdict, host] = kind === "w" ? [strings[W.name[place]], data.words.verdict[W.verdict[place]], strings[W.host[place]]] : [strings[H.name[place]], data.words.status[H.status[place]], ""];
  const close = el("button", { type: "button", class: "plain close" }, "Close");
  close.addEventListener("click", leave);
  const content = [
    el("header", {}, el("h2", { id: "drawer-title", tabindex: "-1" }, title), chip(verdict), close, host ? el("p", {}, "on ", link(hostHref(host), host)) : ""),
    detail.lead.length ? el("ul", { class: "reasons" }, ...detail.lead.map((sentence) => el("li", {}, sentence))) : "",
    facts(detail.facts),
    ...(detail.findings.length ? [el("h3", { class: "h4" }, "Findings ", el("span", { class: "n" }, String(detail.findings.length))), ...detail.findings.map(finding)] : []),
    ...detail.blocks.flatMap(([own, heading, note, head, rows]) => [el("h3", { class: "h4" }, heading), BLOCKS[own](rows, head), note ? el("p", { class: "note" }, note) : ""]),
  ];
  $(".drawer", drawer).replaceChildren(...content.filter(Boolean));
  const opened = drawer.open;
  if (!opened) drawer.showModal();
  drawer.scrollTop = 0;
  $("h2", drawer).focus();
}

function closeDrawer() {
  if (drawer.open) drawer.close();
}
// How many entries of the history lie between here and the page without a drawer; 0 when we came here directly.
let depth = 0;

function leave() {
  if (depth) history.go(-depth);
  else go({ ...state, open: "" }, true);
}
drawer.addEventListener("cancel", (event) => {
  event.preventDefault();
  leave();
});
drawer.addEventListener("click", (event) => {
  if (event.target === drawer) leave();
});
