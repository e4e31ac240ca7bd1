// Reports of the stores that run.sh made. What each is held against:
//   CSV          Python's csv module in its strict mode, and RFC 4180, 2
//   JSON Lines   manual/records.schema.json, by ajv
//   JUnit XML    junit.rng beside this file, by xmllint
//   TAP 14       tap-parser in its strict mode
//   SARIF 2.1.0  the schema in @microsoft/jest-sarif, by ajv
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const work = process.env.GUISE_FORMATS;
const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(work, 'package.json'));
const Ajv = require('ajv');
const { Parser } = require('tap-parser');

const names = ['sample', 'empty', 'hostile', 'long', 'errors', 'cutoff', 'before', 'after'];
const at = (file) => path.join(work, 'reports', file);
const json = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

// Every format is UTF-8: a byte that is not fails here.
function text(file) {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    .decode(fs.readFileSync(at(file)));
}

const lines = (name) => text(`${name}.jsonl`).split('\n').slice(0, -1).map((l) => JSON.parse(l));
const records = (name) => lines(name).slice(1);
const complaints = (name) => records(name)
  .filter((r) => ['fail', 'error', 'known'].includes(r.verdict));

function csv(name) {
  const program = `
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as f:
  json.dump(list(csv.reader(f, strict=True)), sys.stdout)`;
  return JSON.parse(execFileSync('python3', ['-c', program, at(`${name}.csv`)],
    { maxBuffer: 1 << 28 }));
}

function xpath(name, expression) {
  return Number(execFileSync('xmllint', ['--huge', '--xpath', expression, at(`${name}.xml`)]));
}

function tap(name) {
  return new Promise((resolve) => {
    const points = [];
    const parser = new Parser({ strict: true }, (result) => resolve({ points, result }));
    parser.on('assert', (point) => points.push(point));
    parser.end(text(`${name}.tap`));
  });
}

// The schema is of draft 4; formats are checked where they are known.
function sarifValidator() {
  const ajv = new Ajv({ schemaId: 'auto', unknownFormats: 'ignore' });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
  return ajv.compile(json(path.join(work,
    'node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')));
}
const sarifValid = sarifValidator();
const lineValid = new Ajv().compile(json(path.join(here, '../../manual/records.schema.json')));

for (const name of names) {
  test(`${name}: every line of JSON fits the schema, the run first`, () => {
    const all = lines(name);
    assert.equal(all[0].kind, 'run');
    for (const line of all) {
      assert.ok(lineValid(line), JSON.stringify(lineValid.errors));
    }
    assert.deepEqual(records(name).map((r) => r.seq), records(name).map((_, i) => i + 1));
  });

  test(`${name}: CSV says what JSON says, and runs nothing`, () => {
    const [header, ...rows] = csv(name);
    const plain = records(name);
    assert.equal(rows.length, plain.length);
    rows.forEach((row, i) => {
      assert.equal(row.length, header.length);
      row.forEach((cell, column) => {
        const want = String(plain[i][header[column]] ?? '');
        assert.doesNotMatch(cell, /^[=+\-@\t\r\n]/);
        // eslint-disable-next-line no-control-regex
        if (!/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(want)) {
          assert.equal(cell.replace(/^'(?=[=+\-@\t\r\n])/, ''), want);
        } else {
          assert.match(cell, /[\u2400-\u2421]/);
        }
      });
    });
    // RFC 4180, 2.1: lines end in CR LF, the last one too.
    assert.ok(text(`${name}.csv`).endsWith('\r\n'));
  });

  test(`${name}: JUnit XML has the shape that Jenkins reads`, () => {
    execFileSync('xmllint', ['--huge', '--noout', '--relaxng', path.join(here, 'junit.rng'),
      at(`${name}.xml`)], { stdio: 'pipe' });
    for (const [count, element] of [['tests', '*'], ['failures', 'failure'], ['errors', 'error']]) {
      const cases = element === '*' ? 'count(//testcase)' : `count(//testcase[${element}])`;
      assert.equal(xpath(name, `number(/testsuites/@${count})`), xpath(name, cases));
      assert.equal(xpath(name, `sum(//testsuite/@${count})`), xpath(name, cases));
    }
    assert.equal(xpath(name, 'sum(//testsuite/@skipped)'), xpath(name, 'count(//skipped)'));
    assert.ok(xpath(name, "count(//testsuite[properties/property/@name='proof'])") > 0);
  });

  test(`${name}: TAP is read without a complaint, a point for each scenario`, async () => {
    const { points, result } = await tap(name);
    const { scenarios } = lines(name)[0];
    assert.equal(result.plan.end, scenarios.total);
    assert.deepEqual(result.failures.filter((f) => f.tapError), []);
    assert.equal(points.length, scenarios.total);
    assert.equal(points.filter((p) => p.skip).length, scenarios.skip);
    assert.equal(points.filter((p) => p.todo).length, scenarios.known);
    assert.equal(points.filter((p) => !p.ok && !p.todo).length, scenarios.fail + scenarios.error);
    for (const { scenario } of records(name).filter((r) => /^[ -~]+$/.test(r.scenario))) {
      assert.ok(points.some((p) => p.name.startsWith(`${scenario} (`)), scenario);
    }
    assert.equal(points.flatMap((p) => p.diag?.rows ?? []).length, complaints(name).length);
  });

  test(`${name}: SARIF is valid, with a result for each complaint`, () => {
    const log = JSON.parse(text(`${name}.sarif`));
    assert.ok(sarifValid(log), JSON.stringify(sarifValid.errors));
    const [run] = log.runs;
    assert.equal(run.results.length, complaints(name).length);
    const { rules } = run.tool.driver;
    const taxa = run.taxonomies[0].taxa.map((t) => t.id);
    for (const result of run.results) {
      assert.equal(rules[result.ruleIndex].id, result.ruleId);
      for (const taxon of result.taxa ?? []) {
        assert.ok(taxa.includes(taxon.id));
      }
      // 3.11.5 and 3.11.6: no placeholder and no link out of a name.
      assert.doesNotMatch(result.message.text.replace(/\{\{|\}\}/g, ''), /[{}]/);
      assert.doesNotMatch(result.message.text, /(^|[^\\])[[\]]/);
      assert.match(result.locations[0].physicalLocation.artifactLocation.uri,
        /^([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$/);
    }
    assert.equal(run.invocations[0].properties.proof, lines(name)[0].proof);
  });
}

test('a run that was cut off looks whole nowhere', async () => {
  assert.equal(lines('cutoff')[0].end_utc, undefined);
  assert.equal((await tap('cutoff')).result.bailout, 'the run was cut off');
  assert.equal(xpath('cutoff', "count(//error[@type='cut-off'])"), 1);
  const [invocation] = JSON.parse(text('cutoff.sarif')).runs[0].invocations;
  assert.equal(invocation.executionSuccessful, false);
  assert.match(invocation.toolExecutionNotifications[0].message.text, /cut off/);
});

test('an empty run has evidence, and no results', () => {
  assert.equal(xpath('empty', 'count(//testcase)'), 0);
  assert.deepEqual(JSON.parse(text('empty.sarif')).runs[0].results, []);
  assert.match(text('empty.tap'), /^1\.\.0 # /m);
});

test('errors are told from failures', async () => {
  assert.equal(xpath('errors', 'count(//error)'), 1);
  assert.equal(xpath('errors', 'count(//failure)'), 0);
  const { points } = await tap('errors');
  assert.equal(points[0].diag.rows[0].severity, 'error');
  const [run] = JSON.parse(text('errors.sarif')).runs;
  assert.equal(run.results[0].ruleId, 'scenario-error');
  assert.equal(run.invocations[0].executionSuccessful, false);
});

test('fingerprints stay when a script moves down by a line', () => {
  const results = (name) => JSON.parse(text(`${name}.sarif`)).runs[0].results;
  const prints = (name) => results(name).map((r) => r.partialFingerprints['guiseRecord/v1']);
  const starts = (name) => results(name)
    .map((r) => r.locations[0].physicalLocation.region.startLine);
  assert.deepEqual(prints('before'), prints('after'));
  assert.equal(new Set(prints('before')).size, prints('before').length);
  assert.deepEqual(starts('before').map((line) => line + 1), starts('after'));
});
