// The four tables: their columns, what they can be sorted and filtered by, and how a row looks.

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
    toggles: [["conflict", "major", "Port conflicts", () => P.wanted.filter((wanted) => wanted > 1).length]],
    mark: (place) => (P.wanted[place] > 1 ? "conflict" : ""),
    href: (place) => (P.linked[place] < 0 ? hostHref(strings[P.host[place]]) : workloadHref(P.linked[place])),
    cells: (place) => {
      const at = P.linked[place], wanted = P.wanted[place];
      return [
        el("td", { class: "num" }, el("b", {}, String(P.port[place])), `/${strings[P.protocol[place]]}`),
        at >= 0 ? el("td", {}, clamp(link(workloadHref(at), strings[P.workload[place]]))) : el("td", {}, strings[P.host[place]], small("owner unknown")),
        el("td", {}, strings[P.reach[place]], small(strings[P.address[place]])),
        el("td", { class: "wide" }, clamp(code(strings[P.process[place]]))),
        el("td", { class: "wide" }, clamp(strings[P.set_in[place]].startsWith("/") ? code(strings[P.set_in[place]]) : strings[P.set_in[place]])),
        el("td", { class: "wide" }, clamp(strings[P.clients[place]])),
        el("td", { class: "num" }, wanted > 1 ? word(["major", String(wanted)]) : "", strings[P.planned[place]] ? small(strings[P.planned[place]]) : ""),
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
      el("td", {}, H.services[place] < 0 ? "unknown" : String(H.services[place]), small(strings[H.judged[place]])),
      el("td", { class: "reason" }, clamp(strings[H.reason[place]])),
    ],
  }),
};
const isService = (place) => data.words.verdict[W.verdict[place]][0] !== "host-function";
const confidence = (value) => (value >= 90 ? "high" : value >= 60 ? "medium" : "low");
const numbers = new Map();
