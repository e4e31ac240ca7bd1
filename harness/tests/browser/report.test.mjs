import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, csvOf, pageSource, shot, violations, visit } from "./page.mjs";

after(() => browser.close());

const VIEWS = ["overview", "timeline", "matrix", "results"];
const EVIL = "</script></title><!--<img src=x onerror=\"window.evil=1\">&amp;'";
const LEAKING = "a worker carries a handle across the revert and leaks";
const address = (params) => "#" + new URLSearchParams(params);
const leaking = (view) => address({ view, scenario: LEAKING });

async function found(page) {
  await page.waitForFunction(() => /record/.test(document.querySelector("output")?.textContent) && !/still/.test(document.querySelector("output")?.textContent));
  return Number((await page.locator("output").textContent()).split(" of ")[0].replace(/\D/g, ""));
}

const cells = (page, column) => page.locator("#grid .rows .c-" + column).allTextContents();

for (const name of ["good", "bad", "hostile", "empty", "interrupted", "errors"]) {
  for (const view of VIEWS) {
    test(`${name}, ${view}: opens without a word, and axe finds nothing`, async () => {
      const hash = view === "matrix" && name === "bad" ? leaking(view) : address({ view });
      await visit(name, hash, async (page) => {
        await page.waitForSelector("#view-" + view + ":not([hidden])");
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(page, colorScheme === "dark"), [], colorScheme);
          await shot(page, [name, view, colorScheme].join("-"));
        }
      });
    });
  }
}

test("a narrow window scrolls nothing sideways but its tables", async () => {
  for (const view of VIEWS) {
    await visit(
      "bad",
      address({ view }),
      async (page) => {
        await shot(page, "bad-" + view + "-narrow");
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), view);
      },
      { viewport: { width: 480, height: 800 } },
    );
  }
});

// Results

test("the search finds the records whose columns hold all words", async () => {
  const { rows } = csvOf("good");
  const text = (row) => Object.entries(row).filter(([n]) => !["run", "seq", "time_utc", "duration_ns", "step", "line"].includes(n)).map(([, v]) => v.toLowerCase());
  const words = ["alice", "error_access_denied"];
  const want = rows.filter((r) => words.every((w) => text(r).some((v) => v.includes(w)))).length;
  assert.ok(want > 0 && want < rows.length);
  await visit("good", address({ view: "results" }), async (page) => {
    assert.equal(await found(page), rows.length);
    await page.getByLabel("Search").first().fill("Alice ERROR_access_denied");
    await page.waitForFunction(() => document.querySelector("output")?.textContent.includes(" of "));
    assert.equal(await found(page), want);
    await page.getByLabel("Search").first().fill("no such thing");
    await page.getByText("No record matches.").waitFor();
  });
});

const CHOICES = [
  ["bad", "Verdict", "verdict", "fail"],
  ["good", "Function", "operation", "RevertToSelf"],
  ["good", "Identity by", "via", "RpcImpersonateClient"],
  ["good", "Level", "level", "Identification"],
  ["good", "Level", "level", ""],
  ["good", "Object type", "object_type", "key"],
  ["good", "Rule", "rule", "leak"],
];

for (const [name, label, column, value] of CHOICES) {
  test(`the filter ${label} lets ${value || "(none)"} through and nothing else`, async () => {
    const want = csvOf(name).rows.filter((r) => r[column] === value);
    assert.ok(want.length > 0);
    await visit(name, address({ view: "results" }), async (page) => {
      await page.locator("select[name=" + column + "]").selectOption(value);
      await page.waitForFunction(() => document.querySelector("output")?.textContent.includes(" of "));
      assert.equal(await found(page), want.length);
      assert.equal((await cells(page, "seq"))[0], want[0].seq);
    });
  });
}

test("the filter Tag keeps the records of the scenarios that bear it", async () => {
  await visit("bad", address({ view: "results", tag: "hygiene" }), async (page) => {
    const want = csvOf("bad").rows.filter((r) => r.scenario === LEAKING).length;
    assert.equal(await found(page), want);
    assert.equal(await page.locator("select[name=tag]").inputValue(), "hygiene");
  });
});

test("a column's heading sorts by it, both ways, and then no more", async () => {
  const texts = csvOf("good").rows.map((r) => r.operation);
  const least = texts.reduce((a, b) => (a < b ? a : b));
  const most = texts.reduce((a, b) => (a > b ? a : b));
  await visit("good", address({ view: "results" }), async (page) => {
    const head = page.locator("[role=columnheader][data-column=operation]");
    const first = () => page.locator("#grid .rows .row").first().locator(".c-operation").getAttribute("title");
    for (const [order, want] of [["ascending", least], ["descending", most], ["none", texts[0]]]) {
      await head.locator("button").click();
      await page.waitForSelector(`[data-column=operation][aria-sort=${order}]`);
      await found(page);
      assert.equal(await first(), want);
    }
  });
});

test("numbers sort as numbers", async () => {
  await visit("good", address({ view: "results", sort: "duration_ns", descending: 1 }), async (page) => {
    await found(page);
    const slowest = csvOf("good").rows.reduce((a, b) => (Number(a.duration_ns) >= Number(b.duration_ns) ? a : b));
    assert.equal((await cells(page, "seq"))[0], slowest.seq);
  });
});

for (const name of ["good", "bad", "hostile", "many"]) {
  test(`${name}: what is copied as CSV is what the CSV report says`, async () => {
    await visit(name, address({ view: "results" }), async (page) => {
      await found(page);
      await page.getByRole("button", { name: "Copy as CSV" }).click();
      await page.waitForFunction(() => /copied/.test(document.querySelector("output")?.textContent));
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      // Clipboards keep line ends of their own.
      const plain = (text) => text.replaceAll("\r\n", "\n").split("\n");
      assert.deepEqual(plain(copied), plain(csvOf(name).text));
    });
  });
}

test("a link to a record opens it", async () => {
  const row = csvOf("bad").rows.find((r) => r.rule === "carried-handle");
  await visit("bad", "#record=" + row.seq, async (page) => {
    const panel = page.getByRole("complementary", { name: "Record" });
    await panel.getByText(row.reason).waitFor();
    assert.equal(await page.locator("#grid .row.active .c-seq").textContent(), row.seq);
    await page.reload();
    await panel.getByText(row.reason).waitFor();
  });
});

test("a link from a failure leads to its record", async () => {
  await visit("bad", "", async (page) => {
    await page.locator("#failures a").first().click();
    await page.getByRole("complementary", { name: "Record" }).getByText("no ACE grants it").waitFor();
  });
});

test("a box of the heat map leads to its records", async () => {
  const want = csvOf("good").rows.filter((r) => r.via === "SetThreadToken" && r.level === "Impersonation" && r.object_type === "event" && r.asked && r.granted === "0");
  await visit("good", "", async (page) => {
    const box = page.locator(".heat a").filter({ hasText: "SetThreadToken, Impersonation, event: " }).filter({ hasText: "denied" });
    await box.click();
    assert.equal(await found(page), want.length);
    assert.equal((await cells(page, "seq"))[0], want[0].seq);
  });
});

// Timeline

test("a link to a scenario shows its timeline", async () => {
  await visit("bad", address({ scenario: LEAKING }), async (page) => {
    await page.getByRole("heading", { name: LEAKING }).waitFor();
    const rows = csvOf("bad").rows.filter((r) => r.scenario === LEAKING);
    assert.equal(await page.locator("#chart .mark").count(), rows.length);
    assert.equal(await page.locator("#chart .lane").count(), new Set(rows.map((r) => r.process + r.thread)).size);
    assert.equal(await page.locator("#chart .mark.m-finding").count(), rows.filter((r) => r.kind === "finding").length);
    assert.equal(await page.locator("#chart .mark.m-denied").count(), rows.filter((r) => r.asked && r.granted === "0").length);
    assert.equal(await page.locator("#chart .arc").count(), 1);
    assert.equal(await page.locator("#chart .band .leak").count(), 1);
    await shot(page, "leaking");
  });
});

test("arrow keys go from mark to mark and show each call", async () => {
  await visit("bad", leaking("timeline"), async (page) => {
    const rows = csvOf("bad").rows.filter((r) => r.scenario === LEAKING);
    await page.locator("#chart .mark[tabindex='0']").focus();
    await page.keyboard.press("Home");
    for (const row of rows.slice(1)) {
      await page.keyboard.press("ArrowRight");
      const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
      assert.ok(label.startsWith("step " + row.step + ": " + (row.operation || row.rule)), label);
      assert.ok(label.endsWith(row.reason), label);
      await page.locator(".step").getByText("step " + row.step + ", record " + row.seq).waitFor();
    }
  });
});

test("pointing at a mark shows the call", async () => {
  await visit("bad", leaking("timeline"), async (page) => {
    await page.locator("#chart .mark.m-revert").first().hover();
    await page.locator(".step code", { hasText: "RevertToSelf" }).waitFor();
  });
});

// Matrix

test("a cell of the matrix explains itself, by mouse and by keyboard", async () => {
  const row = csvOf("bad").rows.find((r) => r.scenario === LEAKING && r.object.endsWith("report.docx") && r.identity.endsWith("bob"));
  await visit("bad", leaking("matrix"), async (page) => {
    const cell = page.getByRole("button", { name: /bob Impersonation on .*report.docx: 0 granted, 1 denied fail/ });
    const panel = page.getByRole("complementary", { name: "Explanation" });
    await cell.click();
    await panel.getByText(row.reason).waitFor();
    await panel.getByText("The access check, step by step").waitFor();
    const steps = await panel.locator("ol li").allTextContents();
    assert.ok(steps.some((s) => s.includes("(D;;FW;;;BU)")), steps.join("\n"));
    assert.ok((await panel.locator("ul li").allTextContents()).some((s) => s.includes("(D;;FW;;;BU)")));
    await shot(page, "matrix-explained");
    await page.keyboard.press("Escape");
    assert.ok(await panel.isHidden());
    assert.ok(await cell.evaluate((e) => e === document.activeElement));
    await page.keyboard.press("Enter");
    await panel.getByText(row.reason).waitFor();
  });
});

test("all scenarios together make one matrix", async () => {
  await visit("bad", address({ view: "matrix", all: 1 }), async (page) => {
    await page.locator(".matrix tbody tr").first().waitFor();
    const objects = new Set(csvOf("bad").rows.filter((r) => r.asked && r.object_type).map((r) => r.object_type + r.object));
    assert.equal(await page.locator(".matrix tbody tr").count(), objects.size);
  });
});

// Keyboard

test("everything is reached with the keyboard alone", async () => {
  await visit("bad", "", async (page) => {
    const active = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.getAttribute("aria-label") || document.activeElement.id);
    await page.keyboard.press("Tab");
    assert.equal(await active(), "Skip to the report");
    for (const name of ["Overview", "Timeline", "Matrix", "Results"]) {
      await page.keyboard.press("Tab");
      assert.equal(await active(), name);
    }
    await page.keyboard.press("Enter");
    await found(page);
    for (let i = 0; i < 40 && (await page.evaluate(() => document.activeElement.id)) !== "grid"; i++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.locator("#grid").getAttribute("aria-activedescendant"), "grid-1");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Record" }).getByText("record 2").waitFor();
    await page.keyboard.press("End");
    assert.equal(await page.locator("#grid .row.active .c-seq").textContent(), csvOf("bad").rows.at(-1).seq);
  });
});

// Print, and no script

test("the page prints: failures, coverage, no tools", async () => {
  await visit("many", "", async (page) => {
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    assert.ok((pdf.toString("latin1").match(/\/Type \/Page\b/g) || []).length > 5);
    assert.equal(await page.locator("#failures tbody tr").count(), Math.min(1000, csvOf("many").rows.filter((r) => r.verdict === "fail").length));
  });
  await visit("many", address({ view: "results", verdict: "fail" }), async (page) => {
    const want = await found(page);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator("#grid .rows .row").count(), Math.min(1000, want));
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.ok((await page.locator("#grid .rows .row").count()) < 100);
  });
  await visit("bad", leaking("timeline"), async (page) => {
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator("#views").isHidden());
    assert.ok(await page.locator(".picker").isHidden());
    assert.ok(await page.locator(".steps").isVisible());
    await shot(page, "leaking-print");
  });
});

test("without a script the summary and the failures are there", async () => {
  const rows = csvOf("many").rows.filter((r) => r.verdict === "fail");
  await visit(
    "many",
    "",
    async (page) => {
      assert.equal(await page.locator("#failures tbody tr").count(), Math.min(1000, rows.length));
      assert.ok(await page.locator("#failures tbody tr").last().isVisible());
      assert.ok(await page.locator("noscript p").first().isVisible());
      assert.ok(await page.locator("#views").isHidden());
      assert.ok(await page.locator(".js-only").isHidden());
      assert.ok(await page.locator("#evidence").isVisible());
      await shot(page, "many-no-script");
    },
    { javaScriptEnabled: false },
  );
});

// Templates and baselines

test("a team's page has its title, logo and colours, and is readable", async () => {
  for (const view of VIEWS) {
    await visit("team", address({ view }), async (page) => {
      await page.waitForSelector("#view-" + view + ":not([hidden])");
      assert.equal(await page.locator("h1").textContent(), "Audit of </title> & co.");
      assert.ok(await page.locator("img.logo").evaluate((e) => e.complete && e.naturalWidth > 0));
      assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("header")).backgroundColor), "rgb(255, 210, 63)");
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violations(page, true), [], view + colorScheme);
        await shot(page, ["team", view, colorScheme].join("-"));
      }
    });
  }
});

test("what changed since another run is told", async () => {
  await visit("team", "", async (page) => {
    const rows = await page.locator("#changes tbody tr").allTextContents();
    assert.ok(rows.some((r) => /^nothing.*not there.*pass/.test(r)), rows.join());
    assert.ok(rows.some((r) => /^something.*pass.*gone/.test(r)), rows.join());
    assert.ok(rows.some((r) => r.startsWith(LEAKING) && r.endsWith("1")), rows.join());
    await page.locator("#changes a", { hasText: LEAKING }).click();
    await page.getByRole("heading", { name: LEAKING }).waitFor();
  });
});

test("a browser that cannot unpack the records says so, and shows the rest", async () => {
  for (const view of ["overview", "results"]) {
    await visit(
      "many",
      address({ view }),
      async (page) => {
        await page.getByText("cannot be unpacked").waitFor();
        assert.ok(await page.locator("#summary").isVisible());
        assert.ok((await page.locator("#failures tbody tr").count()) > 25);
        assert.ok(await page.locator("#views").isHidden());
      },
      { without: "DecompressionStream" },
    );
  }
});

// Hostile, odd and large runs

test("hostile names are text in every view", async () => {
  for (const view of VIEWS) {
    await visit("hostile", address({ view }), async (page) => {
      assert.equal(await page.evaluate(() => window.evil), undefined);
      assert.equal(await page.locator("img").count(), 0);
      if (view !== "overview") {
        await page.locator("#view-" + view).getByText(EVIL).first().waitFor({ state: "attached" });
      }
    });
  }
  assert.ok(!/<img/.test(pageSource("hostile")));
});

test("a hostile address is text as well", async () => {
  for (const params of [{ view: "results", q: EVIL, tag: EVIL, sort: "__proto__" }, { view: "results", sort: "__proto__" }, { view: EVIL }, { scenario: EVIL + "x" }, { record: EVIL }, { view: "results", constructor: EVIL }]) {
    await visit("bad", address(params), async (page) => {
      assert.equal(await page.evaluate(() => window.evil), undefined);
      assert.equal(await page.locator("img").count(), 0);
    });
  }
});

const HEADLINES = { empty: "No scenario ran.", interrupted: "The run was cut off before its end.", errors: "Some scenarios could not be carried out." };

for (const [name, text] of Object.entries(HEADLINES)) {
  test(`${name}: the page says what happened`, async () => {
    await visit(name, "", async (page) => assert.ok(await page.getByText(text).isVisible()));
  });
}

test("the last of many records is reached, and one among them found", async () => {
  await visit("many", address({ view: "results" }), async (page) => {
    const { rows } = csvOf("many");
    assert.equal(await found(page), rows.length);
    await page.locator("#grid").focus();
    await page.keyboard.press("End");
    await page.locator("#grid .row.active .c-seq", { hasText: rows.at(-1).seq }).waitFor();
    await page.getByLabel("Search").first().fill("file-0031415");
    await page.waitForFunction(() => document.querySelector("output")?.textContent.startsWith("1 of"));
    assert.deepEqual(await cells(page, "seq"), ["31416"]);
  });
});

test("a list longer than a browser's elements scrolls to its end", async () => {
  await visit("many", address({ view: "results" }), async (page) => {
    await found(page);
    const at = await page.evaluate(async () => {
      const { results } = globalThis.guisePage;
      results.list.setCount(40000);
      results.list.height = 1000; // 40 million pixels
      results.list.setCount(40000);
      results.grid.scrollTop = results.grid.scrollHeight;
      await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
      return [...results.list.rows.children].map((r) => r.dataset.index);
    });
    assert.ok(at.includes("39999"), at.join());
  });
});
