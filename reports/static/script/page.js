// Putting it together: parts, the way back, the keyboard, printing.

const tables = {};
let details = null, heading = null;

function apply(next) {
  const before = state;
  state = next;
  const every = next.page === "findings" && Object.keys(next.filter).length > 0;
  for (const part of $$("main > .part")) part.hidden = part.id !== next.page;
  heading.hidden = next.page === "overview";
  for (const anchor of $$(".top nav a")) {
    if (anchor.hash === `#${next.page}`) {
      anchor.setAttribute("aria-current", "page");
      const bar = anchor.parentElement;
      bar.scrollLeft = Math.max(0, anchor.offsetLeft - bar.offsetLeft - (bar.clientWidth - anchor.offsetWidth) / 2);
    } else anchor.removeAttribute("aria-current");
  }
  for (const part of $$("[data-view]")) part.hidden = (part.dataset.view === "every") !== every;
  for (const button of $$("[data-show]")) button.setAttribute("aria-pressed", String((button.dataset.show === "every") === every));
  if (tables[next.page]) tables[next.page].show(next.filter);
  if (next.open && next.open !== before.open) open(next.open);
  else if (!next.open) closeDrawer();
}

function arrive() {
  const before = state;
  const next = read(location.hash, before);
  if (/^#[wh]\//.test(location.hash)) {
    depth = before.open && !depth ? 0 : depth + 1;
    history.replaceState({ depth }, "", address(next));
  } else depth = (history.state && history.state.depth) || 0;
  apply(next);
  if (next.anchor) document.getElementById(next.anchor).scrollIntoView();
  else if (before.page !== next.page || (history.state && history.state.y !== undefined)) scrollTo(0, (history.state && history.state.y) || 0);
  if (tables[next.page]) tables[next.page].draw(true);
}

async function start() {
  data = await block("index");
  ({ strings, workloads: W, findings: F, ports: P, hosts: H } = data);
  workloadPlace = new Map(W.href.map((place, at) => [decoded(strings[place].slice(3)), at]));
  hostPlace = new Map(H.href.map((place, at) => [decoded(strings[place].slice(3)), at]));
  for (const port of new Set(P.port.map(String))) {
    numbers.set(port, strings.length);
    strings.push(port);
  }
  root.classList.add("js");
  details = $("#details");
  if (details) details.remove();
  for (const name of Object.keys(TABLES)) if ($(`[data-table="${name}"]`)) tables[name] = new Table(name);
  for (const part of $$("[data-js]")) part.hidden = false;
  // Each part is a page of its own now, and a page has a first heading.
  heading = el("h1", { class: "vh" }, document.title);
  $("#main").prepend(heading);
  for (const button of $$("[data-show]")) button.addEventListener("click", () => go({ ...state, filter: button.dataset.show === "every" ? { view: "every" } : {} }));
  for (const button of $$("[data-print]")) button.addEventListener("click", () => print(button.dataset.print === "all"));
  $(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    $("#main").focus();
  });
  history.scrollRestoration = "manual";
  state = read(/^#[wh]\//.test(location.hash) ? "" : location.hash);
  if (/^#[wh]\//.test(location.hash)) {
    state = read(location.hash);
    history.replaceState(null, "", address(state));
  }
  const first = { ...state };
  state = { ...state, open: "" };
  apply(first);
  if (first.anchor) document.getElementById(first.anchor).scrollIntoView();
  root.dataset.ready = "yes";
}

let waiting = false, kept = 0;
addEventListener("scroll", () => {
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (tables[state.page]) tables[state.page].draw();
    });
  }
  clearTimeout(kept);
  kept = setTimeout(() => history.replaceState({ ...history.state, y: scrollY }, ""), 200);
}, { passive: true });

addEventListener("resize", () => tables[state.page] && tables[state.page].draw(true));
addEventListener("popstate", arrive);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || drawer.open) return;
  const table = tables[state.page];
  if (!table || table.element.closest("[hidden]")) return;
  event.preventDefault();
  table.input.focus();
});

// Printing: a table that shows a window of its rows would print only that window.
let whole = false;

function print(all) {
  whole = all;
  window.print();
}

addEventListener("beforeprint", () => {
  if (whole) {
    for (const part of $$("main > .part, [data-view]")) part.hidden = false;
    if (details) $("main").append(details), details.classList.remove("nojs");
    for (const [name, table] of Object.entries(tables)) if (name !== state.page) table.show({});
  }
  for (const table of Object.values(tables)) if (!table.element.closest("[hidden]")) table.print();
});

addEventListener("afterprint", () => {
  whole = false;
  if (details) details.remove();
  for (const table of Object.values(tables)) table.seen = null;
  apply(state);
});

start().catch((error) => {
  // The static page is complete; only the tools are missing. Say so where people look for them.
  root.classList.remove("js");
  for (const tools of $$(".tools")) tools.replaceChildren(el("span", { class: "note" }, `Search and filters do not work in this browser (${error.message}).`)), (tools.hidden = false);
});
