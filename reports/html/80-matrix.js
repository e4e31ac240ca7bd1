// Who could do what: objects down, principals across, in a cell the rights
// granted and whether that was expected.

const MATRIX_OBJECTS = 500;
const CELL_RECORDS = 50;

const matrix = { started: false, turn: 0 };

const worstOf = (a, b) => {
  const order = ["error", "fail", "known", "skip", "pass", ""];
  return order[Math.min(order.indexOf(a), order.indexOf(b))];
};

class Matrix {
  constructor() {
    this.people = new Map();
    this.objects = new Map();
    this.full = false;
  }

  // Full when there is no room for the record's object.
  add(row) {
    const asked = cellOf(row, "asked");
    const type = cellOf(row, "object_type");
    if (!asked || !type) {
      return;
    }
    const name = cellOf(row, "identity");
    const level = cellOf(row, "level");
    const object = cellOf(row, "object");
    const key = type + "\0" + object;
    if (!this.objects.has(key) && this.objects.size === MATRIX_OBJECTS) {
      this.full = true;
      return;
    }
    const who = name + "\0" + level;
    this.people.set(who, { name, level });
    const line = this.objects.get(key) || this.objects.set(key, { object, type, cells: new Map() }).get(key);
    const cell = line.cells.get(who) || line.cells.set(who, { rows: [], granted: 0, denied: 0, rights: new Set(), refused: new Set(), expected: new Set(), verdict: "" }).get(who);
    this.count(cell, row);
  }

  count(cell, row) {
    const yes = cellOf(row, "ok") === "1";
    const names = cellOf(row, yes ? "granted" : "asked").split("|");
    names.forEach((n) => n !== "0" && (yes ? cell.rights : cell.refused).add(n));
    cell[yes ? "granted" : "denied"]++;
    cell.verdict = worstOf(cell.verdict, cellOf(row, "verdict"));
    if (["fail", "error", "known"].includes(cellOf(row, "verdict"))) {
      cell.expected.add(cellOf(row, "expected"));
    }
    if (cell.rows.length < CELL_RECORDS) {
      cell.rows.push(row);
    }
  }
}

function matrixCell(line, cell, who) {
  if (!cell) {
    return el("td", { class: "untried" }, el("span", { class: "hidden" }, "not tried"));
  }
  const list = (set) => {
    const [main, added] = sortRights([...set], line.type);
    return main.length ? [visible(main.join(", ")), added.length > 0 && el("small", {}, " " + added.join(", "))] : added.join(", ");
  };
  const outcome = cell.granted ? (cell.denied ? "both" : "granted") : "denied";
  const label = ` ${who.name} ${who.level} on ${line.object}: ${cell.granted} granted, ${cell.denied} denied ${cell.verdict}`;
  return el(
    "td",
    { class: "o-" + outcome + " v-" + cell.verdict },
    el(
      "button",
      { type: "button", onclick: (event) => showCell(line, cell, who, event.currentTarget) },
      cell.granted > 0 && el("span", { class: "yes" }, list(cell.rights)),
      cell.denied > 0 && el("span", { class: "no" }, list(cell.refused)),
      el("span", { class: "hidden" }, visible(label)),
      cell.expected.size > 0 && el("span", { class: "expected" }, badge(cell.verdict), " expected " + visible([...cell.expected].join(", "))),
    ),
  );
}

function showCell(line, cell, who, button) {
  for (const other of matrix.stage.querySelectorAll("[aria-pressed]")) {
    other.removeAttribute("aria-pressed");
  }
  button.setAttribute("aria-pressed", "true");
  const more = cell.granted + cell.denied - cell.rows.length;
  matrix.panel.hidden = false;
  matrix.panel.replaceChildren(
    el("button", { type: "button", class: "close", "aria-label": "Close the explanation", onclick: () => closeCell(button) }, "\u2715"),
    el("h2", { tabindex: "-1" }, visible(who.name), who.level && el("small", {}, " at " + who.level)),
    el("p", { class: "path" }, visible(line.object) + " (" + line.type + ")"),
    ...cell.rows.map((row) => detail(row)),
    more > 0 ? el("p", { class: "note" }, plural(more, "record") + " more of this cell in ", link("Results", { view: "results", q: line.object })) : "",
  );
  matrix.panel.querySelector("h2").focus();
}

function closeCell(button) {
  matrix.panel.hidden = true;
  button.removeAttribute("aria-pressed");
  button.focus();
}

function drawMatrix(m) {
  const people = [...m.people].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [...m.objects.values()].sort((a, b) => (a.type + a.object < b.type + b.object ? -1 : 1));
  if (!lines.length) {
    matrix.table.replaceChildren(el("p", { class: "none" }, "No access was decided."));
    return;
  }
  matrix.table.replaceChildren(
    el(
      "div",
      { class: "scroll", role: "region", tabindex: "0", "aria-label": "Matrix of objects and principals" },
      el(
        "table",
        { class: "matrix" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Object"), people.map(([, p]) => el("th", { scope: "col" }, el("bdi", {}, visible(shortName(p.name) || "(nobody)")), el("small", {}, p.level || "own token"))))),
        el(
          "tbody",
          {},
          lines.map((line) =>
            el("tr", {}, el("th", { scope: "row" }, visible(line.object) || "(no name)", el("small", {}, line.type)), people.map(([key, p]) => matrixCell(line, line.cells.get(key), p))),
          ),
        ),
      ),
    ),
    m.full ? el("p", { class: "note" }, `Of the first ${plural(m.read, "record")}, with ${grouped(MATRIX_OBJECTS)} objects. For more choose a scenario, or look in Results.`) : "",
  );
}

async function gather(from, to, turn) {
  const m = new Matrix();
  let until = performance.now() + SLICE_MS;
  for (let row = from; row < to && !m.full; row++) {
    if (!records.of(row).columns) {
      await records.of(row).load();
    }
    m.add(row);
    m.read = row - from;
    if ((row & 255) === 0 && performance.now() > until) {
      matrix.table.textContent = "Reading, " + plural(m.read, "record") + " so far";
      await breathe();
      if (turn !== matrix.turn) {
        return null;
      }
      until = performance.now() + SLICE_MS;
    }
  }
  return m;
}

function pickMatrix(s) {
  location.hash = new URLSearchParams({ view: "matrix", scenario: scenarioCell(s, "name"), file: scenarioCell(s, "file") });
}

function buildMatrix() {
  matrix.started = true;
  matrix.title = el("div", {});
  matrix.table = el("div", {});
  matrix.panel = el("aside", { class: "panel", "aria-label": "Explanation", hidden: true });
  matrix.stage = el("div", { class: "stage" }, matrix.title, el("div", { class: "with-panel" }, matrix.table, matrix.panel));
  matrix.picker = new ScenarioPicker("matrix-list", pickMatrix);
  const all = el("a", { class: "all", href: "#view=matrix&all=1" }, "All scenarios together");
  matrix.picker.element.prepend(all);
  byId("view-matrix").append(el("div", { class: "split" }, matrix.picker.element, matrix.stage));
}

async function openMatrix(params) {
  if (!matrix.started) {
    buildMatrix();
  }
  const turn = ++matrix.turn;
  const wanted = findScenario(params);
  const all = params.has("all") || !scenarios.count;
  const scenario = wanted < 0 ? likelyScenario() : wanted;
  matrix.picker.follow(all ? -1 : scenario);
  matrix.panel.hidden = true;
  matrix.title.replaceChildren(
    ...(all ? [el("h2", {}, "All scenarios"), el("p", { class: "note" }, "Each scenario has a machine of its own: objects of one name may differ between scenarios.")] : scenarioHead(scenario)),
    el("ul", { class: "legend", "aria-label": "Legend" }, el("li", {}, el("span", { class: "key o-granted" }), "granted"), el("li", {}, el("span", { class: "key o-denied" }), "denied"), el("li", {}, el("span", { class: "key o-both" }), "granted one thing, denied another"), el("li", {}, el("span", { class: "key untried" }), "not tried")),
  );
  const m = all ? await gather(0, records.count, turn) : await gather(scenarioStarts[scenario], scenarioStarts[scenario + 1], turn);
  if (m && turn === matrix.turn) {
    drawMatrix(m);
  }
}
