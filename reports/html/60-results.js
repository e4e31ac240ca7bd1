// Every record: search, filters, order, and what is copied.

const COLUMNS = [
  { name: "seq", label: "#", width: "4.5rem", number: true },
  { name: "verdict", label: "Verdict", width: "5.6rem" },
  { name: "scenario", label: "Scenario", width: "minmax(9rem, 1.7fr)" },
  { name: "identity", label: "As whom", width: "minmax(8rem, 1.1fr)" },
  { name: "level", label: "Level", width: "7rem" },
  { name: "operation", label: "Function", width: "minmax(8rem, 1.2fr)" },
  { name: "object", label: "Object", width: "minmax(8rem, 1.4fr)" },
  { name: "asked", label: "Asked", width: "minmax(7rem, 1fr)" },
  { name: "status_name", label: "Answer", width: "minmax(8rem, 1fr)" },
  { name: "reason", label: "Why", width: "minmax(10rem, 2fr)" },
  { name: "duration_ns", label: "Took", width: "5rem", number: true },
];

const CHOICES = [
  { name: "verdict", label: "Verdict" },
  { name: "operation", label: "Function" },
  { name: "via", label: "Identity by" },
  { name: "level", label: "Level" },
  { name: "object_type", label: "Object type" },
  { name: "tag", label: "Tag" },
  { name: "rule", label: "Rule" },
];

const FILTERS = ["q", "verdict", "operation", "via", "level", "object_type", "tag", "rule", "kind", "scenario", "file", "answer", "failed"];
const COPY_LIMIT = 50000;
const ROW_HEIGHT = 30;
const OBJECT_LENGTH = 34; // characters: of a path the end says most
const PRINTED = 1000;

const results = { query: new Query(), filters: {}, sort: { column: "", descending: false }, started: false };

function resultCell(row, column) {
  const value = cellOf(row, column.name);
  if (value === undefined) {
    return "\u2026";
  }
  switch (column.name) {
    case "verdict":
      return badge(value);
    case "operation":
      return visible(value || cellOf(row, "rule") || cellOf(row, "kind"));
    case "status_name":
      return el("span", { class: "answer " + (cellOf(row, "ok") === "1" ? "yes" : cellOf(row, "ok") === "0" ? "no" : "") }, visible(answerOf(row)));
    case "asked": {
      const [main, added] = sortRights(value.split("|"), cellOf(row, "object_type"));
      return visible([...main, ...added].join(" "));
    }
    case "object":
      return ending(visible(value), OBJECT_LENGTH);
    case "identity":
      return visible(shortName(value));
    case "duration_ns":
      return value && duration(Number(value));
    default:
      return visible(value);
  }
}

function resultRow(i) {
  const row = results.query.row(i);
  const block = records.of(row);
  if (!block.columns) {
    block.load().then(() => results.list.later());
  }
  const verdict = cellOf(row, "verdict") || "";
  return el(
    "div",
    { class: "row v-" + verdict + " k-" + (cellOf(row, "kind") || ""), role: "row", "aria-rowindex": i + 2 },
    COLUMNS.map((c, n) => {
      const title = visible(cellOf(row, c.name) || "");
      return el("div", { role: "gridcell", "aria-colindex": n + 1, class: "c-" + c.name, title }, resultCell(row, c));
    }),
  );
}

function sortBy(column) {
  const sort = results.sort;
  if (sort.column !== column) {
    go({ sort: column, descending: undefined });
  } else if (!sort.descending) {
    go({ descending: "1" });
  } else {
    go({ sort: undefined, descending: undefined });
  }
}

function headCell(column, n) {
  return el(
    "div",
    { role: "columnheader", "aria-colindex": n + 1, "aria-sort": "none", "data-column": column.name, class: "c-" + column.name },
    el("button", { type: "button", onclick: () => sortBy(column.name) }, column.label, el("span", { class: "order", "aria-hidden": "true" })),
  );
}

function showOrder() {
  for (const cell of results.grid.querySelectorAll("[role=columnheader]")) {
    const here = cell.dataset.column === results.sort.column;
    cell.setAttribute("aria-sort", here ? (results.sort.descending ? "descending" : "ascending") : "none");
    cell.querySelector(".order").textContent = here ? (results.sort.descending ? " \u25be" : " \u25b4") : "";
  }
}

function choiceOf(choice) {
  return el(
    "label",
    { class: "choice" },
    el("span", {}, choice.label),
    el("select", { name: choice.name, onchange: (event) => go({ [choice.name]: event.target.value === "*" ? undefined : event.target.value }) }),
  );
}

function tagCounts() {
  const counts = new Map();
  for (const block of scenarios.list) {
    for (let i = 0; block.columns && i < block.rows; i++) {
      for (const tag of tagsOf(block.columns, i)) {
        if (tag) {
          counts.set(tag, (counts.get(tag) || 0) + block.columns.records.number(i));
        }
      }
    }
  }
  return counts;
}

function showChoices() {
  for (const { name } of CHOICES) {
    const field = results.tools.querySelector("select[name=" + name + "]");
    const counts = name === "tag" ? tagCounts() : facets.get(name) || new Map();
    const value = results.filters[name];
    const known = new Map(counts);
    if (value !== undefined && !known.has(value)) {
      known.set(value, 0);
    }
    const options = [...known].sort(([a], [b]) => (a < b ? -1 : 1));
    field.replaceChildren(
      el("option", { value: "*" }, "any"),
      ...options.map(([text, n]) => el("option", { value: text, selected: text === value }, (visible(text) || "(none)") + (n ? "  " + grouped(n) : ""))),
    );
    field.closest("label").classList.toggle("set", value !== undefined);
  }
}

// Filters that have no field of their own.
function showChips() {
  const own = new Set(["q", ...CHOICES.map((c) => c.name)]);
  const chips = Object.entries(results.filters).filter(([name]) => !own.has(name));
  results.chips.replaceChildren(
    ...chips.map(([name, value]) =>
      el("button", { type: "button", class: "chip", "aria-label": "Remove the filter " + name, onclick: () => go({ [name]: undefined }) }, name + ": " + visible(value) + " \u2715"),
    ),
  );
}

function countText() {
  const { query } = results;
  const found = query.rows ? grouped(query.count) + " of " + plural(records.count, "record") : plural(records.count, "record");
  return query.complete ? found : found + ", still searching";
}

function showResults() {
  results.output.textContent = countText();
  results.list.setCount(results.query.count);
  results.grid.setAttribute("aria-rowcount", results.query.count + 1);
  results.empty.hidden = results.query.count > 0 || !results.query.complete;
}

async function search() {
  results.list.active = -1;
  results.grid.scrollTop = 0;
  showOrder();
  showChips();
  await results.query.run(queryFilters(), results.sort, showResults);
}

// `answer` is asked for as yes or no and kept as 1 or 0; `failed` is two
// verdicts.
function queryFilters() {
  const { answer, failed, ...rest } = results.filters;
  if (answer !== undefined) {
    rest.ok = answer === "yes" ? "1" : "0";
  }
  if (failed !== undefined) {
    rest.verdict = ["fail", "error"];
  }
  return rest;
}

function showRecord(row) {
  announce(sentence(row));
  results.aside.hidden = false;
  results.aside.replaceChildren(el("button", { type: "button", class: "close", "aria-label": "Close the record", onclick: closeRecord }, "\u2715"), detail(row));
}

function closeRecord() {
  results.aside.hidden = true;
  results.grid.focus();
}

// A cell that a spreadsheet would run as a formula begins with an apostrophe;
// quotes as in the CSV report.
function csvCell(text) {
  const shown = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, picture);
  const safe = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(text) ? "'" + shown : shown;
  return /[",\r\n;\t]|^ | $/.test(text) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
}

async function csvText() {
  const { query } = results;
  const names = ["run", "seq", "time_utc", "scenario", "file", ...head.columns.filter((n) => !["time_utc", "ok", "basis"].includes(n))];
  const lines = [names.join(",")];
  for (let i = 0; i < Math.min(query.count, COPY_LIMIT); i++) {
    const row = query.row(i);
    await records.of(row).load();
    lines.push(names.map((n) => csvCell(cellOf(row, n))).join(","));
  }
  return lines.join("\r\n") + "\r\n";
}

async function copyCsv() {
  const text = await csvText();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { "aria-label": "CSV" }, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const n = Math.min(results.query.count, COPY_LIMIT);
  const left = results.query.count - n;
  results.output.textContent = plural(n, "record") + " copied" + (left ? "; for all of them: guise report --report csv" : "");
  announce(results.output.textContent);
}

function reset() {
  const none = Object.fromEntries([...FILTERS, "sort", "descending", "record"].map((n) => [n, undefined]));
  results.field.value = "";
  go(none);
}

function buildTools() {
  results.field = el("input", { type: "search", id: "search", placeholder: "Search all columns", autocomplete: "off", spellcheck: "false", oninput: () => filterBy(results.field.value) });
  results.output = el("output", { for: "search" });
  results.chips = el("span", { class: "chips" });
  results.tools = el(
    "div",
    { class: "tools", role: "search" },
    el("label", { class: "search" }, el("span", {}, "Search"), results.field),
    CHOICES.map(choiceOf),
    el("span", { class: "buttons" }, el("button", { type: "button", onclick: reset }, "Reset"), el("button", { type: "button", onclick: copyCsv }, "Copy as CSV")),
  );
}

// As if typed into the search field.
function filterBy(text) {
  results.filters = { ...results.filters, q: text };
  if (!text) {
    delete results.filters.q;
  }
  note({ q: text || undefined });
  search();
}

function buildResults() {
  buildTools();
  results.grid = el(
    "div",
    { id: "grid", class: "grid", role: "grid", tabindex: "0", "aria-label": "Records", "aria-colcount": COLUMNS.length, "aria-rowcount": records.count + 1 },
    el("div", { role: "rowgroup", class: "headings" }, el("div", { role: "row", class: "row", "aria-rowindex": 1 }, COLUMNS.map(headCell))),
  );
  results.grid.style.setProperty("--columns", COLUMNS.map((c) => c.width).join(" "));
  results.aside = el("aside", { class: "panel", "aria-label": "Record", hidden: true });
  results.empty = el("p", { class: "none", hidden: true }, "No record matches.");
  byId("view-results").append(results.tools, el("p", { class: "found" }, results.output, results.chips), el("div", { class: "with-panel" }, el("div", { class: "grid-box" }, results.grid, results.empty), results.aside));
  results.list = new List(results.grid, { height: ROW_HEIGHT, head: 32, draw: resultRow, bodyRole: "rowgroup", pick: (i) => showRecord(results.query.row(i)) });
  results.started = true;
}

// Paper does not scroll.
function printResults() {
  if (results.started && !byId("view-results").hidden) {
    results.list.showFirst(PRINTED);
    const left = results.query.count - PRINTED;
    results.output.textContent = countText() + (left > 0 ? ", the first " + grouped(PRINTED) + " printed" : "");
  }
}

async function openRecord(seq) {
  const row = rowOfSeq(Number(seq));
  if (row < 0) {
    announce("There is no record " + seq);
    return;
  }
  await records.of(row).load();
  showRecord(row);
  const at = results.query.rows ? results.query.rows.subarray(0, results.query.count).indexOf(row) : row;
  if (at >= 0) {
    results.list.setActive(at);
  }
}

async function openResults(params) {
  if (!results.started) {
    buildResults();
  }
  results.filters = Object.fromEntries(FILTERS.filter((n) => params.has(n)).map((n) => [n, params.get(n)]));
  const sort = COLUMNS.find((c) => c.name === params.get("sort"));
  results.sort = { column: sort ? sort.name : "", descending: params.has("descending") };
  results.field.value = results.filters.q || "";
  showChoices();
  await search();
  if (params.has("record")) {
    await openRecord(params.get("record"));
  }
}
