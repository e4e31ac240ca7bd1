"use strict";

(function () {
  const tools = document.querySelector(".tools");
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const boxes = Array.from(document.querySelectorAll(".verdicts input"));
  const files = Array.from(document.querySelectorAll(".file"));
  const scenarios = Array.from(document.querySelectorAll(".scenario"));

  function apply() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
    let shown = 0;

    for (const file of files) {
      const path = file.firstElementChild.textContent.toLowerCase();
      let any = false;

      for (const s of file.querySelectorAll(".scenario")) {
        let show = verdicts.has(s.dataset.verdict);
        if (show && words.length) {
          const text = path + " " + s.textContent.toLowerCase();
          show = words.every((w) => text.includes(w));
        }
        s.hidden = !show;
        any = any || show;
        shown += show ? 1 : 0;
      }
      file.hidden = !any;
    }
    count.value = shown + " of " + scenarios.length;
  }

  function setOpen(open) {
    for (const s of scenarios) {
      if (!s.hidden) {
        s.open = open;
      }
    }
  }

  /* A link to a record opens what hides it. */
  function reveal() {
    const target = /^#r\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));

    if (!target) {
      return;
    }
    const scenario = target.closest(".scenario");
    scenario.hidden = false;
    scenario.parentElement.hidden = false;
    scenario.open = true;
    target.scrollIntoView({ block: "center" });
  }

  let timer;
  filter.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  for (const box of boxes) {
    box.addEventListener("change", apply);
  }
  document.getElementById("open").addEventListener("click", () => setOpen(true));
  document.getElementById("close").addEventListener("click", () => setOpen(false));
  window.addEventListener("hashchange", reveal);

  let closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach((d) => { d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach((d) => { d.open = false; });
  });

  tools.hidden = false;
  apply();
  reveal();
})();
