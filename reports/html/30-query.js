// Which records are shown, and in which order.

const TELL_MS = 120;

// Filters: `q` are words that must all occur somewhere in a record, every
// other one is the exact value of a column, or several of which one must be. The answer grows while it is
// searched for, so that the first records are seen at once.
class Query {
  constructor() {
    this.rows = null; // null: all, in their order
    this.count = records.count;
    this.searched = records.count;
    this.turn = 0;
    this.buffer = null;
  }

  get complete() {
    return this.searched === records.count;
  }

  row(i) {
    return this.rows ? this.rows[i] : i;
  }

  // `tell` is called when there is something new to show. A later call ends
  // an earlier one.
  async run(filters, sort, tell) {
    const turn = ++this.turn;
    const plan = planOf(filters);
    if (!plan.length && !sort.column) {
      this.rows = null;
      this.count = this.searched = records.count;
      tell();
      return;
    }
    this.buffer = this.buffer || new Uint32Array(records.count);
    this.rows = this.buffer;
    this.count = this.searched = 0;
    const wanted = () => turn === this.turn;
    if (!(await this.select(plan, wanted, tell))) {
      return;
    }
    if (sort.column && this.count) {
      const sorted = await sortRows(this.rows, this.count, sort, wanted);
      if (!wanted()) {
        return;
      }
      this.rows = sorted;
    }
    tell();
  }

  // Block by block; tells of the first rows at once, then now and then. False
  // when nobody wants to know any more.
  async select(plan, wanted, tell) {
    let until = performance.now() + SLICE_MS;
    let tellAt = 0;
    for (const block of records.list) {
      if (!block.columns) {
        await block.load();
      }
      this.count = select(block, plan, this.rows, this.count);
      this.searched = block.base + block.rows;
      if (performance.now() > until && !this.complete) {
        if (this.count && performance.now() > tellAt) {
          tell();
          tellAt = performance.now() + TELL_MS;
        }
        await breathe();
        if (!wanted()) {
          return false;
        }
        until = performance.now() + SLICE_MS;
      }
    }
    return wanted();
  }
}

function wordsOf(q) {
  return (q || "").toLowerCase().split(/\s+/).filter(Boolean);
}

// One mark per scenario that `test` holds for.
function markScenarios(test) {
  const marks = new Uint8Array(scenarios.count);
  for (const block of scenarios.list) {
    for (let i = 0; i < block.rows; i++) {
      marks[block.base + i] = test(block.columns, i) ? 1 : 0;
    }
  }
  return marks;
}

// One for each in which the word occurs.
function markWord(word) {
  const marks = new Uint8Array(scenarios.count);
  for (const block of scenarios.list) {
    for (const name of ["name", "file", "tags"]) {
      const found = block.columns[name].having(word);
      if (found) {
        addMarked(marks.subarray(block.base, block.base + block.rows), block.columns[name], found);
      }
    }
  }
  return marks;
}

const tagsOf = (columns, i) => columns.tags.at(i).split(",").map((t) => t.trim());

function planOf(filters) {
  const plan = [];
  for (const [name, value] of Object.entries(filters)) {
    if (name === "q") {
      for (const word of wordsOf(value)) {
        plan.push({ word, scenarios: markWord(word) });
      }
    } else if (name === "tag") {
      plan.push({ scenarios: markScenarios((c, i) => tagsOf(c, i).includes(value)) });
    } else if (name === "scenario") {
      plan.push({ scenarios: markScenarios((c, i) => c.name.at(i) === value) });
    } else if (name === "file") {
      plan.push({ scenarios: markScenarios((c, i) => c.file.at(i) === value) });
    } else {
      plan.push({ column: name, value });
    }
  }
  return plan;
}

function addMarked(hits, column, marks) {
  const ids = column.ids;
  for (let i = 0; i < ids.length; i++) {
    hits[i] |= marks[ids[i]];
  }
}

function addScenarios(hits, block, marks) {
  if (!scenarios.count) {
    return;
  }
  const end = block.base + block.rows;
  for (let s = scenarioOf(block.base); s < scenarios.count && scenarioStarts[s] < end; s++) {
    if (marks[s]) {
      hits.fill(1, Math.max(0, scenarioStarts[s] - block.base), Math.min(block.rows, scenarioStarts[s + 1] - block.base));
    }
  }
}

// Not what only this page has.
const SEARCHED = head.columns.filter((name) => name !== "ok" && name !== "basis");

function hitsOf(block, step) {
  const hits = new Uint8Array(block.rows);
  if (step.scenarios) {
    addScenarios(hits, block, step.scenarios);
  }
  for (const name of step.word ? SEARCHED : step.column ? [step.column] : []) {
    const column = block.columns[name];
    if (column instanceof Words) {
      const marks = step.word ? column.having(step.word) : column.being([step.value].flat());
      if (marks) {
        addMarked(hits, column, marks);
      }
    } else if (column && !step.word) {
      for (let i = 0; i < block.rows; i++) {
        hits[i] |= [step.value].flat().includes(column.at(i)) ? 1 : 0;
      }
    }
  }
  return hits;
}

// Appends the block's rows that every step of the plan holds for.
function select(block, plan, out, count) {
  const masks = plan.map((step) => hitsOf(block, step));
  for (let i = 0; i < block.rows; i++) {
    let in_all = 1;
    for (const mask of masks) {
      in_all &= mask[i];
    }
    out[count] = block.base + i;
    count += in_all;
  }
  return count;
}

// Sorting: a rank for every row, then two passes over 16 bits of it each.

async function sortRows(rows, count, sort, wanted) {
  const ranks = await ranksOf(sort.column, wanted);
  let from = rows.slice(0, count);
  let to = new Uint32Array(count);
  for (const shift of [0, 16]) {
    if (!wanted()) {
      return from;
    }
    const starts = new Uint32Array(65537);
    for (let i = 0; i < count; i++) {
      starts[((ranks[from[i]] >>> shift) & 65535) + 1]++;
    }
    for (let i = 1; i < starts.length; i++) {
      starts[i] += starts[i - 1];
    }
    for (let i = 0; i < count; i++) {
      to[starts[(ranks[from[i]] >>> shift) & 65535]++] = from[i];
    }
    [from, to] = [to, from];
  }
  return sort.descending ? from.reverse() : from;
}

let ranked = { column: "", ranks: null };

async function ranksOf(name, wanted) {
  if (ranked.column === name) {
    return ranked.ranks;
  }
  await loadRows(0, records.count);
  const ranks = new Uint32Array(records.count);
  if (name === "scenario" || name === "file") {
    await rankScenarios(name, ranks);
  } else {
    await rankColumn(name, ranks, wanted);
  }
  if (wanted()) {
    ranked = { column: name, ranks };
  }
  return ranks;
}

async function rankScenarios(name, ranks) {
  const of = await rankTexts([scenarios.list.map((b) => b.columns[name === "scenario" ? "name" : "file"])].flat(), () => true);
  scenarios.list.forEach((block, n) => {
    const ids = block.columns[name === "scenario" ? "name" : "file"].ids;
    for (let i = 0; i < block.rows; i++) {
      ranks.fill(of[n][ids[i]], scenarioStarts[block.base + i], scenarioStarts[block.base + i + 1]);
    }
  });
}

async function rankColumn(name, ranks, wanted) {
  const columns = records.list.map((b) => b.columns[name]);
  if (columns.every((c) => c instanceof Words)) {
    const of = await rankTexts(columns, wanted);
    records.list.forEach((block, n) => columns[n].ids.forEach((id, i) => (ranks[block.base + i] = of[n][id])));
    return;
  }
  const values = new Float64Array(records.count);
  records.list.forEach((block, n) => {
    for (let i = 0; i < block.rows; i++) {
      values[block.base + i] = columns[n] instanceof Words ? Number(columns[n].at(i)) + 1 || 0 : columns[n].values[i];
    }
  });
  const sorted = Float64Array.from(new Set(values)).sort();
  const rank = new Map(Array.from(sorted, (v, i) => [v, i]));
  values.forEach((v, i) => (ranks[i] = rank.get(v)));
}

// For dictionaries that each are sorted on their own and then merged: the
// place of each entry among all, equal texts sharing one.
async function rankTexts(columns, wanted) {
  const runs = [];
  const places = columns.map((c) => new Uint32Array(c.count));
  for (let n = 0; n < columns.length && wanted(); n++) {
    const texts = Array.from({ length: columns[n].count }, (_, id) => columns[n].entry(id));
    const order = Uint32Array.from(texts.keys()).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : 0));
    if (order.length) {
      runs.push({ n, texts, order, at: 0, text: texts[order[0]] });
    }
    await breathe();
  }
  return merge(runs, places, wanted);
}

function sink(heap, i) {
  for (;;) {
    let least = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      if (child < heap.length && heap[child].text < heap[least].text) {
        least = child;
      }
    }
    if (least === i) {
      return;
    }
    [heap[i], heap[least]] = [heap[least], heap[i]];
    i = least;
  }
}

async function merge(heap, places, wanted) {
  let place = -1;
  let before = null;
  let until = performance.now() + SLICE_MS;
  for (let i = heap.length >> 1; i >= 0; i--) {
    if (heap.length) {
      sink(heap, i);
    }
  }
  while (heap.length) {
    const run = heap[0];
    place += run.text !== before;
    before = run.text;
    places[run.n][run.order[run.at++]] = place;
    if (run.at < run.order.length) {
      run.text = run.texts[run.order[run.at]];
    } else {
      heap[0] = heap[heap.length - 1];
      heap.pop();
    }
    sink(heap, 0);
    if ((place & 1023) === 0 && performance.now() > until) {
      await breathe();
      if (!wanted()) {
        break;
      }
      until = performance.now() + SLICE_MS;
    }
  }
  return places;
}
