// Opens report pages and watches what they do: nothing may go over the
// network, and nothing may be said on the console.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const work = process.env.GUISE_BROWSER;
const require = createRequire(join(work, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROME || "/usr/bin/chromium";
assert.ok(existsSync(executablePath), executablePath + " is missing; install the package chromium or set CHROME");

export const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

const pagePath = (name) => join(work, "pages", name + ".html");

// Calls `body` with the page at that address; fails on what a page must not do.
export async function visit(name, hash, body, { without, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await context.newPage();
  const complaints = [];
  page.setDefaultTimeout(10000);
  page.on("console", (m) => complaints.push("console: " + m.text()));
  page.on("pageerror", (e) => complaints.push("error: " + (e.stack || e)));
  page.on("dialog", (d) => complaints.push("dialog: " + d.message()) && d.dismiss());
  page.on("request", (r) => r.url().startsWith("file:") || complaints.push("request: " + r.url()));
  if (without) {
    await page.addInitScript((what) => delete globalThis[what], without);
  }
  try {
    await page.goto("file://" + pagePath(name) + hash);
    if (options.javaScriptEnabled !== false && !without) {
      await page.waitForSelector("html[data-loaded=all]", { state: "attached" });
    }
    await body(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

export const shot = (page, name) => page.screenshot({ path: join(work, "screenshots", name + ".png") });

export async function violations(page, onlyColours) {
  // Past the policy of the page, as a browser's own tools are.
  await page.evaluate(axe + ";0");
  const runOnly = onlyColours ? ["color-contrast"] : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await page.evaluate((what) => globalThis.axe.run(document, { runOnly: what }), runOnly);
  return found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).slice(0, 3).join("\n  "));
}

function parseCsv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") {
      rows.push([]);
    }
  }
  return rows.filter((r) => r.length > 1);
}

// The same run as the CSV writer has it: what the page is held against.
export function csvOf(name) {
  const text = readFileSync(join(work, "pages", name + ".csv"), "utf8");
  const [head, ...rows] = parseCsv(text);
  return { text, rows: rows.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i]]))) };
}

export const pageSource = (name) => readFileSync(pagePath(name), "utf8");
