// One record in full: the call, its answer, and the reason.

function answerOf(row) {
  const ok = cellOf(row, "ok");
  if (ok === "") {
    return "";
  }
  const code = cellOf(row, "status_code");
  const name = cellOf(row, "status_name");
  const plain = ok === "1" && /^[0x]*$/.test(code);
  return plain ? "succeeded" : name ? name + " (" + code + ")" : code;
}

// "granted", "denied", "succeeded", "failed" or nothing.
function outcomeOf(row) {
  const ok = cellOf(row, "ok");
  if (ok === "") {
    return "";
  }
  if (cellOf(row, "asked")) {
    return ok === "1" ? "granted" : "denied";
  }
  return ok === "1" ? "succeeded" : "failed";
}

function whoOf(row) {
  const level = cellOf(row, "level");
  const name = cellOf(row, "identity");
  return name ? name + (level ? " at " + level : "") : "";
}

function breakable(text, mark) {
  const parts = visible(text).split(mark);
  return parts.flatMap((part, i) => (i < parts.length - 1 ? [part + mark, el("wbr")] : [part]));
}

function rights(text) {
  return el("code", {}, breakable(text, "|"));
}

// "FILE_READ_DATA" is READ_DATA where the object says what it is.
function shortRight(name, type) {
  const stem = { directory: "FILE_", pipe: "FILE_", mutex: "MUTANT_" }[type] || type.toUpperCase() + "_";
  return name.startsWith(stem) ? name.slice(stem.length) : name;
}

// What opening a file adds by itself comes last.
const ADDED = ["SYNCHRONIZE", "READ_ATTRIBUTES"];

function sortRights(names, type) {
  const short = names.filter((n) => n && n !== "0").map((n) => shortRight(n, type));
  return [short.filter((n) => !ADDED.includes(n)), short.filter((n) => ADDED.includes(n))];
}

function fact(name, ...value) {
  return value.some((v) => v !== "" && v !== null) ? [el("dt", {}, name), el("dd", {}, ...value)] : [];
}

function rightsFacts(row) {
  const asked = cellOf(row, "asked");
  if (!asked) {
    return [];
  }
  const granted = cellOf(row, "granted");
  const all = granted === asked ? "all of it" : granted === "0" || !granted ? "nothing" : rights(granted);
  return [...fact("Asked", rights(asked)), ...fact("Granted", all)];
}

// A sentence that says it all, for a mark's label and for screen readers.
function sentence(row) {
  const what = cellOf(row, "operation") || cellOf(row, "rule") || cellOf(row, "kind");
  const object = cellOf(row, "object");
  const parts = [
    "step " + cellOf(row, "step") + ": " + what + (object ? " " + object : ""),
    whoOf(row) && "as " + whoOf(row),
    outcomeOf(row) + (outcomeOf(row) === "denied" || outcomeOf(row) === "failed" ? " with " + answerOf(row) : ""),
    cellOf(row, "verdict"),
    cellOf(row, "reason"),
  ];
  return visible(parts.filter(Boolean).join(", "));
}

function link(text, params) {
  return el("a", { href: "#" + new URLSearchParams(params) }, text);
}

function linksOf(row) {
  const scenario = cellOf(row, "scenario");
  const file = cellOf(row, "file");
  return el(
    "p",
    { class: "links" },
    link("In the timeline", { view: "timeline", scenario, file, step: cellOf(row, "step") }),
    link("In the results", { view: "results", record: cellOf(row, "seq") }),
    link("Matrix of this scenario", { view: "matrix", scenario, file }),
  );
}

// The explanation comes when it is unpacked.
function explanation(row) {
  const box = el("div", { class: "explanation" });
  if (cellOf(row, "basis") !== "") {
    explanationOf(row).then((found) => box.replaceChildren(...explained(found)));
  }
  return box;
}

function explained(found) {
  if (!found) {
    return [el("p", { class: "note" }, "This page does not hold the steps of this check.")];
  }
  const line = (text) => el("li", {}, visible(text));
  return [
    el("h4", {}, "The access check, step by step"),
    el("ol", {}, found.steps.map(line)),
    found.flips.length ? el("h4", {}, "It would be otherwise with") : "",
    found.flips.length ? el("ul", {}, found.flips.map(line)) : "",
  ];
}

function detail(row) {
  const seq = cellOf(row, "seq");
  const operation = cellOf(row, "operation");
  const text = (name) => visible(cellOf(row, name));
  const took = cellOf(row, "duration_ns");
  return el(
    "div",
    { class: "detail" },
    el("h3", {}, badge(cellOf(row, "verdict")), " ", el("code", {}, operation || text("rule") || text("kind"))),
    el("p", { class: "path" }, text("scenario")),
    el(
      "dl",
      {},
      fact("Where", text("file") + ":" + text("line") + ", step " + text("step") + ", record " + seq),
      fact("Thread", text("thread"), text("process") && " of " + text("process")),
      fact("As whom", el("bdi", {}, text("identity")), text("level") && " at " + text("level"), text("via") && ", by " + text("via")),
      fact("SID", text("identity_sid")),
      fact("Object", text("object"), text("object_type") && " (" + text("object_type") + ")"),
      rightsFacts(row),
      fact("Answer", answerOf(row)),
      fact("Expected", text("expected")),
      fact("Finding", text("rule"), text("cwe") && " (" + text("cwe") + ")"),
      fact("Why", text("reason")),
      fact("When", text("time_utc"), took && ", took " + duration(Number(took))),
    ),
    explanation(row),
    linksOf(row),
  );
}
