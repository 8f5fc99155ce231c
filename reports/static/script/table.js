// A table: whole when it is short, a window of its rows when it is long.

const ROWS_AT_ONCE = 300; // below this a table is plain: find-in-page and printing see all of it
const PRINTED_ROWS = 2000;

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
