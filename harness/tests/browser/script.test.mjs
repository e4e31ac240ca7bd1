import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

const require = createRequire(join(process.env.GUISE_BROWSER, "package.json"));
const { Linter } = require("eslint");

test("the page's script is clean by eslint", () => {
  const folder = process.env.GUISE_ASSETS;
  const names = readdirSync(folder).filter((n) => n.endsWith(".js")).sort();
  const text = names.map((n) => readFileSync(join(folder, n), "utf8")).join("");
  const rules = { "no-undef": "error", "no-unused-vars": "error", "no-var": "error", "prefer-const": "error", eqeqeq: "error", "no-implicit-globals": "error", "no-eval": "error", "no-shadow": ["error", { builtinGlobals: false }], "no-fallthrough": "error", "no-unreachable": "error", "no-use-before-define": ["error", { functions: false, classes: false, variables: false }] };
  const globals = Object.fromEntries(
    ["document", "window", "location", "history", "navigator", "performance", "scheduler", "Blob", "Response", "DecompressionStream", "TextDecoder", "URLSearchParams", "ResizeObserver", "addEventListener", "atob", "setTimeout", "requestAnimationFrame", "cancelAnimationFrame", "requestIdleCallback"].map((g) => [g, "readonly"]),
  );
  const found = new Linter().verify(text, [{ languageOptions: { ecmaVersion: 2023, sourceType: "module", globals }, rules }]);
  assert.deepEqual(found.map((m) => `${m.line}: ${m.message} (${m.ruleId})`), []);
  assert.ok(!/<\/script|<!--/i.test(text), "the script would end itself");
});
