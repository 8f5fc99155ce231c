// The data of the page: columns of numbers into one list of strings, and details in chunks (reports/view/data.py).

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
