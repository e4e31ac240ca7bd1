// The list of scenarios beside the timeline and the matrix, and what both share.

const SCENARIO_HEIGHT = 44;

// A list of scenarios with a field to narrow it; `pick` gets a scenario's
// number.
class ScenarioPicker {
  constructor(id, pick) {
    this.all = Array.from({ length: scenarios.count }, (_, i) => i);
    this.shown = this.all;
    this.field = el("input", { type: "search", placeholder: "Find a scenario", "aria-label": "Find a scenario", autocomplete: "off", oninput: () => this.narrow() });
    this.found = el("p", { class: "found" });
    this.box = el("div", { id, class: "scenarios", role: "listbox", tabindex: "0", "aria-label": "Scenarios" });
    this.element = el("div", { class: "picker" }, this.field, this.found, this.box);
    this.list = new List(this.box, { height: SCENARIO_HEIGHT, draw: (i) => this.draw(i), pick: (i) => pick(this.shown[i]), bodyRole: "presentation" });
    this.narrow();
  }

  draw(i) {
    const s = this.shown[i];
    return el(
      "div",
      { class: "row", role: "option", title: visible(scenarioCell(s, "name")) },
      badge(scenarioCell(s, "verdict")),
      el("span", { class: "name" }, visible(scenarioCell(s, "name"))),
      el("small", { class: "path" }, visible(scenarioCell(s, "file"))),
    );
  }

  narrow() {
    const marks = wordsOf(this.field.value).map(markWord);
    this.shown = marks.length ? this.all.filter((s) => marks.every((m) => m[s])) : this.all;
    this.found.textContent = plural(this.shown.length, "scenario");
    this.list.setCount(this.shown.length);
  }

  // The same scenario in the list, when it is there.
  follow(scenario) {
    this.list.setActive(this.shown.indexOf(scenario));
  }
}

function findScenario(params) {
  const name = params.get("scenario");
  const file = params.get("file");
  for (let s = 0; name !== null && s < scenarios.count; s++) {
    if (scenarioCell(s, "name") === name && (file === null || scenarioCell(s, "file") === file)) {
      return s;
    }
  }
  return -1;
}

// The first that failed, else the first.
function likelyScenario() {
  let first = 0;
  for (let s = scenarios.count - 1; s >= 0; s--) {
    if (["fail", "error"].includes(scenarioCell(s, "verdict")) && scenarioStarts[s + 1] > scenarioStarts[s]) {
      first = s;
    }
  }
  return first;
}

function scenarioHead(s) {
  const tags = scenarioCell(s, "tags").split(",").map((t) => t.trim()).filter(Boolean);
  return [
    el("h2", {}, badge(scenarioCell(s, "verdict")), " ", visible(scenarioCell(s, "name"))),
    el(
      "p",
      { class: "sub" },
      el("span", { class: "path" }, visible(scenarioCell(s, "file")) + ":" + scenarioCell(s, "line")),
      tags.map((t) => [" ", el("i", { class: "tag" }, visible(t))]),
      " ",
      link(plural(scenarioStarts[s + 1] - scenarioStarts[s], "record"), { view: "results", scenario: scenarioCell(s, "name"), file: scenarioCell(s, "file") }),
    ),
  ];
}
