"use strict";
// Layer B of the report: whole tables in the place of their first rows, filters in the address, details in a drawer.
// Everything that came from a host is put into the page as text (textContent), never as markup.
(() => {
  const ROWS_AT_ONCE = 300; // below this a table is plain: find-in-page and printing see all of it
  const PRINTED_ROWS = 2000;
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---- Building elements -------------------------------------------------------------------------------------------
  function el(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === false || value === undefined || value === "") continue;
      element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== "" && child !== null && child !== undefined && child !== false));
    return element;
  }
  function icon(key) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#s-${key}`);
    svg.append(use);
    return svg;
  }
  const chip = ([key, label]) => el("span", { class: `chip k-${key}` }, icon(key), label);
  const word = ([key, label]) => el("span", { class: `word k-${key}` }, icon(key), label);
  const clamp = (...children) => el("div", { class: "clamp" }, ...children);
  const small = (text) => (text ? el("small", {}, text) : "");
  const link = (href, text) => el("a", { href }, text);
  const code = (text) => (text ? el("code", {}, text) : "");
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // somebody's own address; it finds nothing
    }
  };
  const number = (value) => value.toLocaleString("en");
  function score(value) {
    const name = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(name, "svg");
    for (const [key, own] of [["viewBox", "0 0 100 4"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) svg.setAttribute(key, own);
    const path = document.createElementNS(name, "path");
    path.setAttribute("d", `M0 2h${value}`);
    svg.append(path);
    return el("span", { class: "score" }, String(value), svg);
  }

  // ---- Data ---------------------------------------------------------------------------------------------------------
  async function block(name) {
    const source = $(`script[data-name="${name}"]`);
    let text = source.textContent;
    if (source.hasAttribute("data-gzip")) {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    }
    return JSON.parse(text);
  }
  let data, strings, W, F, P, H;
  const loaded = new Map();
  async function detailOf(place) {
    const chunk = Math.floor(place / data.chunk);
    if (!loaded.has(chunk)) loaded.set(chunk, block(`details-${chunk}`));
    return (await loaded.get(chunk))[place % data.chunk];
  }
  let lowered = null;
  function matching(term) {
    lowered = lowered || strings.map((text) => text.toLowerCase());
    const found = new Uint8Array(strings.length);
    for (let place = 0; place < found.length; place++) if (lowered[place].includes(term)) found[place] = 1;
    return found;
  }
  function ranks(column) {
    const own = [...new Set(column)].sort((a, b) => (strings[a] < strings[b] ? -1 : strings[a] > strings[b] ? 1 : 0));
    const rank = new Map(own.map((place, order) => [place, order]));
    return column.map((place) => rank.get(place));
  }

  // ---- State in the address -----------------------------------------------------------------------------------------
  // #findings?rule=PRT001&q=http&sort=-severity&open=w/web01/apache2
  const PAGES = ["overview", "workloads", "findings", "ports", "hosts", "pilots", "unseen"];
  const WITHIN = { lifecycle: "hosts" };
  let state = { page: "overview", filter: {}, open: "" };
  const escaped = (text) => encodeURIComponent(text).replace(/%2F/g, "/");
  function read(hash, before) {
    const text = hash.replace(/^#/, "");
    if (/^[wh]\//.test(text)) return { ...(before || { page: text[0] === "w" ? "workloads" : "hosts", filter: {} }), open: text };
    const [name, query] = [text.split("?")[0], text.slice(text.split("?")[0].length + 1)];
    const page = PAGES.includes(name) ? name : WITHIN[name] || "overview";
    const filter = Object.fromEntries(new URLSearchParams(query));
    const open = filter.open || "";
    delete filter.open;
    return { page, filter, open, anchor: WITHIN[name] ? name : "" };
  }
  function address({ page, filter, open }) {
    const pairs = Object.entries({ ...filter, open }).filter(([, value]) => value);
    return `#${page}${pairs.length ? "?" : ""}${pairs.map(([key, value]) => `${key}=${escaped(value)}`).join("&")}`;
  }
  function go(next, replace = false) {
    history[replace ? "replaceState" : "pushState"](replace ? history.state : null, "", address(next));
    apply(next);
  }
  function setFilter(changes, replace = false) {
    const filter = { ...(state.page === "findings" && { view: "every" }), ...state.filter, ...changes };
    for (const key of Object.keys(filter)) if (!filter[key]) delete filter[key];
    go({ ...state, filter }, replace);
  }

  // ---- Tables -------------------------------------------------------------------------------------------------------
  const workloadHref = (place) => strings[W.href[place]];
  const hostHref = (name) => {
    const place = hostPlace.get(name);
    return place === undefined ? "" : strings[H.href[place]];
  };
  let hostPlace, workloadPlace;
  const TABLES = {
    workloads: () => ({
      size: W.id.length, one: "service", many: "services", facet: "verdict", words: data.words.verdict,
      search: [W.id, W.reason, W.found],
      sorts: { name: () => ranks(W.id), verdict: () => W.verdict, score: () => W.score, confidence: () => W.confidence, weight: () => W.weight, proof: () => W.proof },
      first: { score: -1, weight: -1 },
      keep: (filter) => (place) => (filter.verdict || isService(place)) && (!filter.host || strings[W.host[place]] === filter.host),
      chips: { host: (value) => `Host ${value}` },
      href: workloadHref,
      cells: (place) => {
        const service = isService(place), proof = data.words.proof[W.proof[place]];
        return [
          el("th", { scope: "row" }, link(workloadHref(place), strings[W.name[place]]), small(strings[W.host[place]])),
          el("td", {}, chip(data.words.verdict[W.verdict[place]])),
          el("td", { class: "num" }, !service ? "" : data.words.verdict[W.verdict[place]][0] === "unknown" ? "–" : score(W.score[place])),
          el("td", { class: "wide" }, service ? confidence(W.confidence[place]) : "", service ? small(strings[W.confidence_text[place]]) : ""),
          el("td", { class: "reason" }, clamp(strings[W.reason[place]])),
          el("td", { class: "wide" }, clamp(strings[W.found[place]])),
          el("td", { class: "wide" }, !service ? "" : proof[0] === "not-built" ? el("i", {}, "not built") : word(proof), small(strings[W.proof_note[place]])),
        ];
      },
    }),
    findings: () => ({
      size: F.rule.length, one: "finding", many: "findings", facet: "severity", words: data.words.severity,
      search: [F.message, F.name, F.remedy, F.rule, F.host, F.workload.map((place) => (place < 0 ? -1 : W.id[place]))],
      sorts: { severity: () => F.severity, where: () => { const rank = ranks(W.id); return F.workload.map((place) => (place < 0 ? -1 : rank[place])); } },
      first: {},
      keep: (filter) => (place) => (!filter.rule || strings[F.rule[place]] === filter.rule) && (!filter.host || strings[F.host[place]] === filter.host),
      chips: { rule: (value) => `Rule ${value}`, host: (value) => `Host ${value}` },
      href: (place) => (F.workload[place] < 0 ? hostHref(strings[F.host[place]]) : workloadHref(F.workload[place])),
      cells: (place) => {
        const at = F.workload[place], host = strings[F.host[place]];
        const where = at >= 0 ? link(workloadHref(at), strings[W.id[at]]) : hostHref(host) ? link(hostHref(host), host) : "the estate";
        return [
          el("td", {}, word(data.words.severity[F.severity[place]])),
          el("td", {}, clamp(strings[F.message[place]]), small(strings[F.name[place]])),
          el("td", {}, clamp(where)),
          el("td", { class: "wide" }, el("div", { class: "clamp short" }, strings[F.remedy[place]])),
        ];
      },
    }),
    ports: () => ({
      size: P.port.length, one: "listener", many: "listeners", facet: "", words: [],
      search: [P.workload, P.host, P.process, P.set_in, P.clients, P.address, P.port.map((port) => numbers.get(String(port)))],
      sorts: { port: () => P.port, workload: () => ranks(P.workload), reach: () => ranks(P.reach), wanted: () => P.wanted },
      first: { wanted: -1 },
      keep: (filter) => (place) => (!filter.conflict || P.wanted[place] > 1) && (!filter.port || String(P.port[place]) === filter.port) && (!filter.host || strings[P.host[place]] === filter.host),
      chips: { port: (value) => `Port ${value}`, host: (value) => `Host ${value}` },
      toggles: [["conflict", "major", "Wanted twice", () => P.wanted.filter((wanted) => wanted > 1).length]],
      mark: (place) => (P.wanted[place] > 1 ? "conflict" : ""),
      href: (place) => (P.linked[place] < 0 ? hostHref(strings[P.host[place]]) : workloadHref(P.linked[place])),
      cells: (place) => {
        const at = P.linked[place], wanted = P.wanted[place];
        return [
          el("td", { class: "num" }, el("b", {}, String(P.port[place])), `/${strings[P.protocol[place]]}`),
          at >= 0 ? el("td", {}, clamp(link(workloadHref(at), strings[P.workload[place]]))) : el("td", {}, strings[P.host[place]], small("its owner could not be seen")),
          el("td", {}, strings[P.reach[place]], small(strings[P.address[place]])),
          el("td", { class: "wide" }, clamp(code(strings[P.process[place]]))),
          el("td", { class: "wide" }, clamp(strings[P.set_in[place]].startsWith("/") ? code(strings[P.set_in[place]]) : strings[P.set_in[place]])),
          el("td", { class: "wide" }, clamp(strings[P.clients[place]])),
          el("td", { class: "num" }, wanted > 1 ? word(["major", String(wanted)]) : ""),
        ];
      },
    }),
    hosts: () => ({
      size: H.name.length, one: "host", many: "hosts", facet: "status", words: data.words.status,
      search: [H.name, H.address, H.system, H.kernel, H.machine, H.reason],
      sorts: { name: () => ranks(H.name), status: () => H.status, system: () => ranks(H.system), services: () => H.services },
      first: { services: -1 },
      keep: () => () => true,
      chips: {},
      href: (place) => strings[H.href[place]],
      cells: (place) => [
        el("th", { scope: "row" }, link(strings[H.href[place]], strings[H.name[place]]), small(strings[H.address[place]])),
        el("td", {}, chip(data.words.status[H.status[place]])),
        el("td", {}, clamp(strings[H.system[place]]), small(strings[H.kernel[place]])),
        el("td", { class: "wide" }, clamp(strings[H.machine[place]])),
        el("td", {}, String(H.services[place]), small(strings[H.judged[place]])),
        el("td", { class: "reason" }, clamp(strings[H.reason[place]])),
      ],
    }),
  };
  const isService = (place) => data.words.verdict[W.verdict[place]][0] !== "host-function";
  const confidence = (value) => (value >= 90 ? "high" : value >= 60 ? "medium" : "low");
  const numbers = new Map();

  class Table {
    constructor(name) {
      Object.assign(this, TABLES[name]());
      this.name = name;
      this.element = $(`[data-table="${name}"]`);
      this.tools = $(`.tools[data-for="${name}"]`);
      for (const body of $$("tbody", this.element)) body.remove();
      this.body = this.element.appendChild(el("tbody"));
      this.from = -1;
      this.to = -1;
      this.order = [];
      this.seen = null;
      this.headers();
      this.controls();
      this.body.addEventListener("click", (event) => {
        if (event.target.closest("a,button") || String(getSelection())) return;
        const row = event.target.closest("tr[data-at]");
        const own = row && $("a", row);
        if (own) own.click();
      });
      this.body.addEventListener("keydown", (event) => this.key(event));
    }
    headers() {
      for (const header of $$("th[data-sort]", this.element)) {
        const button = el("button", { type: "button", class: "sort" }, header.textContent);
        header.replaceChildren(button);
        button.addEventListener("click", () => {
          const key = header.dataset.sort, sign = this.first[key] === -1 ? "-" : "";
          const [ascending, descending] = [key, `-${key}`];
          const next = this.filter.sort === sign + key ? (sign ? ascending : descending) : sign + key;
          setFilter({ sort: next });
        });
      }
    }
    controls() {
      const input = el("input", { type: "search", placeholder: `Search ${this.many === "services" ? "workloads" : this.many}`, "aria-label": `Search ${this.name}`, autocomplete: "off", spellcheck: "false" });
      input.addEventListener("input", () => setFilter({ q: input.value }, true));
      this.input = input;
      this.status = el("span", { class: "status", role: "status" });
      this.buttons = [];
      const counts = new Map();
      if (this.facet) for (const value of this.column()) counts.set(value, (counts.get(value) || 0) + 1);
      this.words.forEach(([key, label], place) => {
        if (!counts.get(place)) return;
        const plural = key === "host-function" ? "s" : "";
        this.toggle(this.facet, key, key, label + plural, counts.get(place));
      });
      for (const [key, own, label, count] of this.toggles || []) if (count()) this.toggle(key, "1", own, label, count());
      this.off = el("span");
      this.off.hidden = true;
      this.tools.replaceChildren(input, ...this.buttons.map(({ button }) => button), this.off, this.status);
      this.tools.hidden = false;
    }
    toggle(key, value, shape, label, count) {
      const button = el("button", { type: "button", class: `k-${shape}`, "aria-pressed": "false" }, icon(shape), label, el("span", { class: "n" }, number(count)));
      button.addEventListener("click", () => {
        const chosen = new Set((this.filter[key] || "").split(",").filter(Boolean));
        if (!chosen.delete(value)) chosen.add(value);
        setFilter({ [key]: [...chosen].join(",") });
      });
      this.buttons.push({ button, key, value });
    }
    column() {
      return { workloads: W.verdict, findings: F.severity, hosts: H.status }[this.name];
    }
    show(filter) {
      const key = JSON.stringify(filter);
      if (key === this.seen) return this.draw(true);
      this.seen = key;
      this.filter = filter;
      this.select();
      this.marks();
      this.draw(true);
    }
    select() {
      const { filter } = this;
      const keep = this.keep(filter);
      const chosen = new Set((filter[this.facet] || "").split(",").filter(Boolean));
      const facet = this.facet && chosen.size ? this.column() : null;
      const terms = (filter.q || "").toLowerCase().split(/\s+/).filter(Boolean).map(matching);
      const order = [];
      next: for (let place = 0; place < this.size; place++) {
        if (facet && !chosen.has(this.words[facet[place]][0])) continue;
        if (!keep(place)) continue;
        for (const found of terms) if (!this.search.some((column) => found[column[place]])) continue next;
        order.push(place);
      }
      const [sign, key] = (filter.sort || "").startsWith("-") ? [-1, filter.sort.slice(1)] : [1, filter.sort];
      if (this.sorts[key]) {
        this.keys = this.keys || {};
        const values = (this.keys[key] = this.keys[key] || this.sorts[key]());
        order.sort((a, b) => sign * (values[a] - values[b]) || a - b);
      }
      this.order = order;
    }
    marks() {
      const { filter } = this;
      if (document.activeElement !== this.input) this.input.value = filter.q || "";
      for (const { button, key, value } of this.buttons) button.setAttribute("aria-pressed", String((filter[key] || "").split(",").includes(value)));
      const chips = Object.entries(this.chips).filter(([key]) => filter[key]).map(([key, say]) => {
        const button = el("button", { type: "button", class: "off" }, say(filter[key]), el("span", { "aria-hidden": "true" }, "×"), el("span", { class: "vh" }, "remove this filter"));
        button.addEventListener("click", () => setFilter({ [key]: "" }));
        return button;
      });
      this.off.replaceChildren(...chips);
      this.off.hidden = !chips.length;
      const [sort, down] = (filter.sort || "").startsWith("-") ? [filter.sort.slice(1), true] : [filter.sort, false];
      for (const header of $$("th[data-sort]", this.element)) {
        if (header.dataset.sort === sort) header.setAttribute("aria-sort", down ? "descending" : "ascending");
        else header.removeAttribute("aria-sort");
      }
      const all = this.name === "workloads" && !(filter.verdict || "").includes("host-function") ? W.id.filter((_, place) => isService(place)).length : this.size;
      const what = this.name === "workloads" && (filter.verdict || "").includes("host-function") ? ["workload", "workloads"] : [this.one, this.many];
      const shown = this.order.length;
      this.status.textContent = shown === all ? `${number(all)} ${what[all === 1 ? 0 : 1]}` : `${number(shown)} of ${number(all)} ${what[1]}`;
    }
    // Only those that are shown: in a fixed layout a wider cell would make room for hidden columns.
    get columns() {
      return $$("thead th", this.element).filter((header) => header.offsetWidth).length;
    }
    get virtual() {
      return this.order.length > ROWS_AT_ONCE;
    }
    row(at) {
      const place = this.order[at];
      const row = el("tr", { "data-at": String(at), "aria-rowindex": String(at + 2), class: this.mark ? this.mark(place) : "" });
      row.append(...this.cells(place));
      return row;
    }
    pad(height) {
      const cell = el("td", { colspan: String(this.columns) });
      cell.style.height = `${height}px`;
      return el("tr", { class: "pad", "aria-hidden": "true" }, cell);
    }
    draw(force = false) {
      if (this.element.closest("[hidden]")) return;
      const total = this.order.length;
      this.element.classList.toggle("virtual", this.virtual);
      this.element.setAttribute("aria-rowcount", String(total + 1));
      if (!total) {
        this.body.replaceChildren(el("tr", { class: "none" }, el("td", { colspan: String(this.columns) }, this.filter.q && this.name === "workloads" && !this.filter.verdict ? "Nothing matches. Host functions are not searched unless they are chosen above." : "Nothing matches.")));
        return;
      }
      if (!this.virtual) {
        if (force) this.body.replaceChildren(...this.order.map((_, at) => this.row(at)));
        return;
      }
      const height = parseFloat(getComputedStyle(this.element).getPropertyValue("--row"));
      const above = -this.body.getBoundingClientRect().top;
      const from = Math.max(0, Math.min(total - 1, Math.floor(above / height)) - 12);
      const to = Math.min(total, Math.ceil((above + innerHeight) / height) + 12);
      if (!force && from >= this.from && from - this.from < 8 && to <= this.to && this.to - to < 8) return;
      if (!force && from === this.from && to === this.to) return;
      this.from = from;
      this.to = Math.max(to, Math.min(total, from + 24));
      const focused = this.body.contains(document.activeElement) ? document.activeElement.closest("tr[data-at]") : null;
      const rows = [];
      for (let at = this.from; at < this.to; at++) rows.push(this.row(at));
      this.body.replaceChildren(this.pad(this.from * height), ...rows, this.pad((total - this.to) * height));
      if (focused) this.focus(Number(focused.dataset.at), false);
    }
    focus(at, scroll = true) {
      let row = $(`tr[data-at="${at}"]`, this.body);
      if (!row && scroll) {
        const height = parseFloat(getComputedStyle(this.element).getPropertyValue("--row"));
        scrollBy(0, this.body.getBoundingClientRect().top + at * height - innerHeight / 2);
        this.draw(true);
        row = $(`tr[data-at="${at}"]`, this.body);
      }
      const own = row && $("a", row);
      if (!own) return;
      own.focus({ preventScroll: !scroll });
      if (scroll) row.scrollIntoView({ block: "nearest" });
    }
    key(event) {
      const row = event.target.closest("tr[data-at]");
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
      if (!row || step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.focus(Math.max(0, Math.min(this.order.length - 1, Number(row.dataset.at) + step)));
    }
    print() {
      if (!this.virtual) return;
      const rows = this.order.slice(0, PRINTED_ROWS).map((_, at) => this.row(at));
      const cut = this.order.length - rows.length;
      if (cut) rows.push(el("tr", {}, el("td", { colspan: String(this.columns) }, `Rows 1 to ${number(rows.length)} of ${number(this.order.length)}. The export has them all.`)));
      this.element.classList.remove("virtual");
      this.body.replaceChildren(...rows);
    }
  }

  // ---- Details ------------------------------------------------------------------------------------------------------
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
  const BLOCKS = {
    facts: (rows) => facts(rows, true),
    list: (rows) => el("ul", { class: "names" }, ...rows.map(([cell]) => el("li", {}, code(textOf(cell))))),
    table: (rows, head) =>
      el("div", { class: "scroll" }, el("table", { class: "small" }, el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cellOf)))))),
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

  // ---- Putting it together ------------------------------------------------------------------------------------------
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
})();
