// Elements. Everything that came from a host is put into the page as text (textContent), never as markup.

const root = document.documentElement;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

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
