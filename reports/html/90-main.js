// Views and addresses: what is shown follows from the part behind the #, so
// that any of it can be linked to.

const VIEWS = { overview: () => {}, timeline: openTimeline, matrix: openMatrix, results: openResults };
let current = { view: "", params: new URLSearchParams() };

function viewOf(params) {
  const view = params.get("view");
  if (Object.hasOwn(VIEWS, view)) {
    return view;
  }
  return params.has("record") ? "results" : params.has("scenario") ? "timeline" : "overview";
}

// The address with changes: undefined takes a parameter away.
function changed(changes) {
  const params = new URLSearchParams(current.params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) {
      params.delete(name);
    } else {
      params.set(name, value);
    }
  }
  params.set("view", current.view);
  return params;
}

function go(changes) {
  location.hash = changed(changes);
}

// The same for what is shown already.
function note(changes) {
  current.params = changed(changes);
  history.replaceState(null, "", "#" + current.params);
}

async function route() {
  const text = location.hash.slice(1);
  const params = new URLSearchParams(text.includes("=") ? text : "");
  const view = viewOf(params);
  const moved = view !== current.view;
  current = { view, params };
  for (const name of Object.keys(VIEWS)) {
    byId("view-" + name).hidden = name !== view;
  }
  document.body.dataset.view = view;
  for (const a of byId("views").children) {
    if (a.hash === "#view=" + view) {
      a.setAttribute("aria-current", "page");
    } else {
      a.removeAttribute("aria-current");
    }
  }
  if (moved) {
    window.scrollTo(0, 0);
  }
  if (view === "overview" || (await unpacked())) {
    await VIEWS[view](params);
  }
}

const unpacked = () => ready.then(() => true, () => false);

// What the page says to those without a script, for those who print it.
function showMoreFailures() {
  const more = byId("more-failures");
  if (more) {
    const rest = document.createElement("template");
    rest.innerHTML = more.textContent;
    more.replaceWith(rest.content);
  }
}

function explainMissing(error) {
  showMoreFailures();
  byId("views").hidden = true;
  byId("view-overview").prepend(
    el("p", { class: "note missing" }, "The records in this page cannot be unpacked (" + error.message + "). That needs Chromium 80, Firefox 113, Safari 16.4 or later. What is below is complete without them."),
  );
  location.hash = "";
}

async function start() {
  await loadScenarios();
  if (records.list.length) {
    await records.list[0].load();
  }
}

document.documentElement.classList.add("js");
byId("views").hidden = false;
const ready = start();
ready.then(
  async () => {
    await loadAll();
    if (results.started) {
      showChoices();
    }
    document.documentElement.dataset.loaded = "all";
  },
  (error) => explainMissing(error),
);
addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  const close = event.key === "Escape" && document.querySelector(".view:not([hidden]) .panel:not([hidden]) .close");
  if (close) {
    close.click();
  }
});
addEventListener("beforeprint", showMoreFailures);
addEventListener("beforeprint", printResults);
addEventListener("afterprint", () => results.started && showResults());
route();

// For scripts that drive the page: `filt` shows the records that contain
// `text`.
globalThis.filt = (text) => {
  location.hash = new URLSearchParams({ view: "results", q: text });
};
globalThis.guisePage = { head, records, scenarios, results };
