// A scenario step by step: a lane per thread, a band for the identity in
// effect (its colour: who; its pattern: the level), a mark for each call.

const STEP_WIDTH = 30; // at least
const STEP_WIDTH_MOST = 76;
const LANE_HEIGHT = 66;
const LANE_LABEL = 150;
const AXIS_HEIGHT = 26;
const STEPS_AT_ONCE = 400;
const HUES = 8;

const timeline = { started: false, scenario: -1, from: 0 };

// Identities that a thread took on, in the order seen: each its colour. One's
// own has none.
function huesOf(rows) {
  const hues = new Map();
  for (const row of rows) {
    const name = cellOf(row, "identity");
    if (cellOf(row, "level") && !hues.has(name)) {
      hues.set(name, hues.size % HUES);
    }
  }
  return hues;
}

function lanesOf(rows) {
  const lanes = new Map();
  for (const row of rows) {
    const thread = cellOf(row, "thread");
    const process = cellOf(row, "process");
    const key = process + "\0" + thread;
    if (thread || process) {
      const lane = lanes.get(key) || lanes.set(key, { thread, process, rows: [], at: lanes.size }).get(key);
      lane.rows.push(row);
    }
  }
  return [...lanes.values()];
}

const kindOf = (row) => head.functions[cellOf(row, "operation")] || "";

// A change of identity shows at the call that made it; the row after it is the
// first under the new one.
function bandsOf(lane, x, half, end) {
  const bands = [];
  let last = null;
  lane.rows.forEach((row, i) => {
    const key = [cellOf(row, "identity"), cellOf(row, "level")].join("\0");
    if (!cellOf(row, "identity") || (last && last.key === key)) {
      return;
    }
    const from = i ? x(lane.rows[i - 1]) : x(row) - half;
    if (last) {
      last.to = from;
    }
    last = { key, row, from, to: end, leaks: false };
    bands.push(last);
  });
  if (last && lane.rows.some((row) => cellOf(row, "rule") === "leak")) {
    last.leaks = true;
  }
  return bands;
}

function patterns() {
  const tile = (id, size, ...marks) => svg("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse" }, ...marks);
  return svg(
    "defs",
    {},
    tile("p-Anonymous", 7, svg("circle", { class: "ink", cx: 3.5, cy: 3.5, r: 1.2 })),
    tile("p-Identification", 7, svg("path", { class: "line", d: "M-1 8L8 -1M-2 2L2 -2M5 9L9 5" })),
    tile("p-Delegation", 7, svg("path", { class: "line", d: "M0 3.5H7M3.5 0V7" })),
    tile("p-leak", 10, svg("path", { class: "alarm", d: "M-2 12L12 -2M-3 3L3 -3M7 13L13 7" })),
  );
}

function bandShape(band, y, hues) {
  const level = cellOf(band.row, "level");
  const name = cellOf(band.row, "identity");
  const width = Math.max(2, band.to - band.from);
  const hue = level ? "hue-" + hues.get(name) : "own";
  const box = { x: band.from, y, width, height: 26 };
  const label = shortName(name) + (level ? " \u00b7 " + level : "");
  return svg(
    "g",
    { class: "band " + hue },
    svg("rect", { ...box, class: "fill" }),
    level && level !== "Impersonation" && svg("rect", { ...box, fill: "url(#p-" + level + ")" }),
    band.leaks && svg("rect", { x: band.to - 26, y: y - 3, width: 26, height: 32, fill: "url(#p-leak)", class: "leak" }),
    svg("rect", { ...box, class: "edge" }),
    width > 34 && svg("svg", { ...box, class: "clip" }, svg("text", { x: 7, y: 17 }, visible(label))),
    svg("title", {}, visible(name) + (level ? " at " + level : ", not impersonating")),
  );
}

const SHAPES = {
  impersonate: "M0 -8L8 6H-8Z",
  revert: "M0 8L8 -6H-8Z",
  granted: "M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0Z",
  denied: "M-6 -6L6 6M-6 6L6 -6",
  finding: "M0 -10L10 0L0 10L-10 0Z",
  error: "M-7 -7H7V7H-7Z",
  other: "M-3 0A3 3 0 1 0 3 0A3 3 0 1 0 -3 0Z",
};

function shapeOf(row) {
  if (cellOf(row, "kind") === "finding") {
    return "finding";
  }
  if (cellOf(row, "verdict") === "error") {
    return "error";
  }
  const kind = kindOf(row);
  if (kind === "impersonate" || kind === "revert") {
    return kind;
  }
  return cellOf(row, "asked") ? outcomeOf(row) : "other";
}

function markOf(row, x, y) {
  const shape = shapeOf(row);
  const verdict = cellOf(row, "verdict");
  const failed = outcomeOf(row) === "failed";
  return svg(
    "g",
    {
      class: "mark m-" + shape + " v-" + verdict + (failed ? " refused" : ""),
      transform: "translate(" + x + " " + y + ")",
      role: "button",
      tabindex: "-1",
      "data-row": row,
      "aria-label": sentence(row),
    },
    svg("rect", { class: "hit", x: -STEP_WIDTH / 2, y: -16, width: STEP_WIDTH, height: 32 }),
    (verdict === "fail" || verdict === "error") && svg("circle", { class: "ring", r: 12 }),
    svg("path", { d: SHAPES[shape] }),
    failed && svg("path", { class: "stroke", d: "M-9 -9L9 9" }),
    shape === "finding" && svg("text", { class: "bang", y: 4 }, "!"),
  );
}

// A handle opened as someone else and used now: an arc between the two.
function arcOf(row, rows, place) {
  if (cellOf(row, "rule") !== "carried-handle") {
    return null;
  }
  const use = [...rows].reverse().find((r) => r < row && cellOf(r, "kind") !== "finding" && cellOf(r, "thread") === cellOf(row, "thread"));
  const object = use === undefined ? "" : cellOf(use, "object");
  const open = [...rows].reverse().find((r) => object && r < use && cellOf(r, "object") === object && cellOf(r, "identity") !== cellOf(use, "identity") && cellOf(r, "ok") === "1");
  if (open === undefined) {
    return null;
  }
  const a = place(open);
  const b = place(use);
  return svg("path", { class: "arc", d: `M${a.x} ${a.y - 12}C${a.x} ${a.y - 34} ${b.x} ${b.y - 34} ${b.x} ${b.y - 12}` });
}

function axis(rows, x, height) {
  return rows.map((row) =>
    svg("g", { class: "tick" }, svg("line", { x1: x(row), x2: x(row), y1: AXIS_HEIGHT - 4, y2: height }), svg("text", { x: x(row), y: AXIS_HEIGHT - 10 }, cellOf(row, "step"))),
  );
}

function laneShape(lane, rows, chart) {
  const top = AXIS_HEIGHT + lane.at * LANE_HEIGHT;
  const labels = lane.rows
    .filter((row) => cellOf(row, "kind") === "finding")
    .map((row) => svg("text", { class: "finding-name", x: chart.x(row), y: top + LANE_HEIGHT - 3 }, visible(cellOf(row, "rule"))));
  return svg(
    "g",
    { class: "lane" },
    svg("line", { class: "ground", x1: 0, x2: chart.width, y1: top + LANE_HEIGHT + 0.5, y2: top + LANE_HEIGHT + 0.5 }),
    svg("text", { class: "thread", x: 4, y: top + 32 }, visible(lane.thread)),
    svg("text", { class: "process", x: 4, y: top + 47 }, visible(lane.process)),
    bandsOf(lane, chart.x, chart.step / 2, chart.width - 8).map((band) => bandShape(band, top + 28, chart.hues)),
    lane.rows.map((row) => arcOf(row, lane.rows, chart.place)),
    labels,
  );
}

function legend(hues) {
  const swatch = (level, hue) =>
    svg("svg", { width: 26, height: 14, "aria-hidden": "true", class: "swatch" }, svg("g", { class: "band " + hue }, svg("rect", { x: 0.5, y: 0.5, width: 25, height: 13, class: "fill" }), level && svg("rect", { x: 0.5, y: 0.5, width: 25, height: 13, fill: "url(#p-" + level + ")" }), svg("rect", { x: 0.5, y: 0.5, width: 25, height: 13, class: "edge" })));
  const sign = (shape, text) => el("li", {}, svg("svg", { width: 20, height: 20, viewBox: "-11 -11 22 22", "aria-hidden": "true" }, svg("g", { class: "mark m-" + shape }, svg("path", { d: SHAPES[shape] }), shape === "finding" && svg("text", { class: "bang", y: 4 }, "!"))), text);
  return el(
    "div",
    { class: "legends" },
    el("ul", { class: "legend", "aria-label": "Identities" }, [...hues].map(([name, hue]) => el("li", {}, swatch("", "hue-" + hue), visible(name))), el("li", {}, swatch("", "own"), "the process's own")),
    el("ul", { class: "legend", "aria-label": "Levels" }, ["Anonymous", "Identification", "Impersonation", "Delegation"].map((level) => el("li", {}, swatch(level === "Impersonation" ? "" : level, "plain"), level))),
    el("ul", { class: "legend", "aria-label": "Marks" }, sign("impersonate", "impersonate"), sign("revert", "revert"), sign("granted", "granted"), sign("denied", "denied"), sign("finding", "finding"), sign("other", "other call"),
      el("li", {}, svg("svg", { width: 20, height: 20, viewBox: "-13 -13 26 26", "aria-hidden": "true" }, svg("g", { class: "mark v-fail" }, svg("circle", { class: "ring", r: 11 }))), "not as expected"),
      el("li", {}, svg("svg", { width: 26, height: 14, "aria-hidden": "true" }, svg("rect", { x: 1, y: 1, width: 24, height: 12, fill: "url(#p-leak)", class: "leak" })), "leak: never reverted")),
  );
}

function chartOf(rows) {
  const lanes = lanesOf(rows);
  const laneOf = new Map(lanes.flatMap((lane) => lane.rows.map((row) => [row, lane])));
  const column = new Map(rows.map((row, i) => [row, i]));
  const room = (timeline.stage.clientWidth - LANE_LABEL - 40) / rows.length;
  const step = Math.max(STEP_WIDTH, Math.min(STEP_WIDTH_MOST, Math.floor(room)));
  const x = (row) => LANE_LABEL + step / 2 + column.get(row) * step;
  const middle = (row) => AXIS_HEIGHT + (laneOf.get(row) || { at: 0 }).at * LANE_HEIGHT + 15;
  const place = (row) => ({ x: x(row), y: middle(row) });
  const width = LANE_LABEL + rows.length * step + 16;
  const height = AXIS_HEIGHT + Math.max(1, lanes.length) * LANE_HEIGHT + 4;
  const chart = { x, place, width, step, hues: huesOf(rows) };
  const drawing = svg(
    "svg",
    { id: "chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Timeline: arrow keys go from mark to mark" },
    patterns(),
    axis(rows, x, height),
    lanes.map((lane) => laneShape(lane, rows, chart)),
    rows.map((row) => markOf(row, x(row), middle(row))),
  );
  return { drawing, hues: chart.hues };
}

// The steps as a table: what a printed page says of each mark.
function stepsTable(rows) {
  const cell = (row, name) => el("td", {}, visible(cellOf(row, name)));
  const line = (row) =>
    el(
      "tr",
      { "data-row": row },
      cell(row, "step"),
      el("td", {}, badge(cellOf(row, "verdict"))),
      cell(row, "thread"),
      el("td", {}, visible(shortName(cellOf(row, "identity"))), cellOf(row, "level") && el("small", {}, cellOf(row, "level"))),
      el("td", {}, el("code", {}, visible(cellOf(row, "operation") || cellOf(row, "rule") || cellOf(row, "kind"))), cellOf(row, "object") && el("small", { class: "path" }, visible(cellOf(row, "object")))),
      el("td", {}, outcomeOf(row), ["denied", "failed"].includes(outcomeOf(row)) && el("small", {}, visible(answerOf(row)))),
      cell(row, "reason"),
    );
  const heads = ["Step", "Verdict", "Thread", "As whom", "Call", "Outcome", "Why"];
  const table = el("table", { class: "steps" }, el("thead", {}, el("tr", {}, heads.map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, rows.map(line)));
  table.addEventListener("click", (event) => {
    const at = event.target.closest("tr[data-row]");
    if (at) {
      showStep(timeline.chart.querySelector(".mark[data-row='" + at.dataset.row + "']"));
    }
  });
  return el("div", { class: "card scroll", role: "region", tabindex: "0", "aria-label": "Steps" }, table);
}

function showStep(mark) {
  for (const other of timeline.chart.querySelectorAll(".mark.here")) {
    other.classList.remove("here");
    other.setAttribute("tabindex", "-1");
  }
  mark.classList.add("here");
  mark.setAttribute("tabindex", "0");
  for (const line of timeline.stage.querySelectorAll(".steps tr")) {
    line.classList.toggle("here", line.dataset.row === mark.dataset.row);
  }
  timeline.detail.replaceChildren(detail(Number(mark.dataset.row)));
}

function stepKey(event) {
  const marks = [...timeline.chart.querySelectorAll(".mark")];
  const at = marks.indexOf(event.target.closest(".mark"));
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
  if (at >= 0 && to !== undefined && marks[to]) {
    marks[to].focus();
    event.preventDefault();
  }
}

function watchChart(chart) {
  const over = (event) => {
    const mark = event.target.closest(".mark");
    if (mark) {
      showStep(mark);
    }
  };
  chart.addEventListener("mouseover", over);
  chart.addEventListener("focusin", over);
  chart.addEventListener("click", over);
  chart.addEventListener("keydown", stepKey);
}

function pager(first, end) {
  if (end - first <= STEPS_AT_ONCE) {
    return null;
  }
  const button = (text, from) => el("button", { type: "button", disabled: from < 0 || first + from >= end, onclick: () => drawTimeline(timeline.scenario, from) }, text);
  const last = Math.min(timeline.from + STEPS_AT_ONCE, end - first);
  return el("p", { class: "pager" }, button("Earlier steps", timeline.from - STEPS_AT_ONCE), ` steps ${timeline.from + 1} to ${last} of ${grouped(end - first)} `, button("Later steps", timeline.from + STEPS_AT_ONCE));
}

async function drawTimeline(scenario, from) {
  const first = scenarioStarts[scenario];
  const end = scenarioStarts[scenario + 1];
  timeline.scenario = scenario;
  timeline.from = from;
  const begin = first + from;
  const stop = Math.min(end, begin + STEPS_AT_ONCE);
  await loadRows(begin, stop);
  if (timeline.scenario !== scenario || timeline.from !== from) {
    return;
  }
  const rows = Array.from({ length: stop - begin }, (_, i) => begin + i);
  if (!rows.length) {
    timeline.stage.replaceChildren(...scenarioHead(scenario), el("p", { class: "none" }, "This scenario left no record."));
    return;
  }
  const { drawing, hues } = chartOf(rows);
  timeline.chart = drawing;
  timeline.detail = el("div", { class: "card step" });
  timeline.stage.replaceChildren(...scenarioHead(scenario), legend(hues), pager(first, end) || "", el("div", { class: "scroll chart", role: "region", tabindex: "0", "aria-label": "Timeline of the scenario" }, drawing), timeline.detail, stepsTable(rows));
  watchChart(drawing);
}

// The step asked for, else the first that failed, else the first.
function showFirst(step) {
  const marks = [...(timeline.chart ? timeline.chart.querySelectorAll(".mark") : [])];
  const row = (mark) => Number(mark.dataset.row);
  const mark = marks.find((m) => cellOf(row(m), "step") === step) || marks.find((m) => m.matches(".v-fail, .v-error")) || marks.find((m) => m.matches(".m-finding")) || marks[0];
  if (mark) {
    showStep(mark);
    mark.scrollIntoView({ block: "nearest", inline: "center" });
  }
}

function pickTimeline(s) {
  location.hash = new URLSearchParams({ view: "timeline", scenario: scenarioCell(s, "name"), file: scenarioCell(s, "file") });
}

async function openTimeline(params) {
  if (!timeline.started) {
    timeline.started = true;
    timeline.stage = el("div", { class: "stage" });
    timeline.picker = new ScenarioPicker("timeline-list", pickTimeline);
    byId("view-timeline").append(el("div", { class: "split" }, timeline.picker.element, timeline.stage));
  }
  if (!scenarios.count) {
    timeline.stage.replaceChildren(el("p", { class: "none" }, "No scenario ran."));
    return;
  }
  const wanted = findScenario(params);
  if (wanted < 0 && params.has("scenario")) {
    timeline.stage.replaceChildren(el("p", { class: "none" }, "There is no scenario of that name: " + visible(params.get("scenario"))));
    return;
  }
  const scenario = wanted < 0 ? likelyScenario() : wanted;
  const step = params.get("step");
  timeline.picker.follow(scenario);
  timeline.chart = null;
  await drawTimeline(scenario, step ? Math.floor((Number(step) - 1) / STEPS_AT_ONCE) * STEPS_AT_ONCE || 0 : 0);
  showFirst(step);
}
