// What is shown stands in the address, so that it can be saved, sent and gone back to.

// #findings?rule=PRT001&q=http&sort=-severity&open=w/web01/apache2
const PAGES = ["overview", "workloads", "findings", "ports", "plan", "hosts", "pilots", "unseen"];
const WITHIN = { lifecycle: "hosts", families: "unseen", "not-observed": "unseen" };
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
