// node speed.mjs PAGE...: how soon report pages are there and answer, and what
// they take. Run after the tests, with GUISE_BROWSER as they have it:
//   load, painted   load event, and two frames later
//   all             every record unpacked
//   key, rows       a key pressed in the search field: rows on the screen
//   key, count      the same until all records were searched
//   sort            a heading clicked until all records are in that order
//   MiB             the most the renderer ever took
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(process.env.GUISE_BROWSER, "package.json"));
const { chromium } = require("playwright-core");
const rounds = Number(process.env.ROUNDS || 3);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

async function rendererMiB(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const peak = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
  return Math.max(...processInfo.filter((p) => p.type === "renderer").map((p) => peak(p.id)));
}

// Milliseconds until `done` holds, looked at after each frame. `act` starts it.
function timed(page, act, done) {
  return page.evaluate(
    ([a, d]) =>
      new Promise((resolveWith) => {
        const from = performance.now();
        (0, eval)(a);
        const look = () => ((0, eval)(d) ? resolveWith(performance.now() - from) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      }),
    [act, done],
  );
}

const type = (text) => `{ const f = document.getElementById("search"); f.value = ${JSON.stringify(text)}; f.dispatchEvent(new Event("input")); }`;
const answered = (text) => `document.querySelector("#grid .rows").textContent.includes(${JSON.stringify(text)}) && document.querySelectorAll("#grid .rows .row").length < 12`;
const counted = `!/still/.test(document.querySelector("output").textContent)`;

async function once(file) {
  const browser = await chromium.launch({ executablePath: process.env.CHROME || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true })).newPage();
  const out = {};
  const from = performance.now();
  await page.goto("file://" + resolve(file), { waitUntil: "load" });
  out.load = performance.now() - from;
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  out.painted = performance.now() - from;
  if (await page.locator("html.js").count()) {
    await page.waitForSelector("html[data-loaded=all]", { state: "attached", timeout: 120000 });
    out.all = performance.now() - from;
    await page.evaluate(() => (location.hash = "view=results"));
    await page.waitForSelector("#grid .rows .row");
    out["key, rows"] = await timed(page, type("file-0000012"), answered("file-0000012"));
    await timed(page, type(""), counted);
    out["key, count"] = await timed(page, type("file-0000013"), `${answered("file-0000013")} && ${counted}`);
    await timed(page, type(""), counted);
    await page.waitForTimeout(200);
    out.sort = await timed(page, `document.querySelector("[data-column=object] button").click()`, `document.querySelector("[data-column=object]").getAttribute("aria-sort") === "ascending" && ${counted} && guisePage.results.query.complete && guisePage.results.query.rows`);
  }
  out.MiB = await rendererMiB(browser);
  await browser.close();
  return out;
}

for (const file of process.argv.slice(2)) {
  const all = [];
  for (let i = 0; i < rounds; i++) {
    all.push(await once(file));
  }
  const cells = Object.keys(all[0]).map((k) => `${k} ${Math.round(median(all.map((o) => o[k])))}`);
  console.log(file.split("/").pop(), (statSync(file).size / 1e6).toFixed(2) + " MB", cells.join("; "));
}
