// The run's data: blocks of columns, unpacked when they are needed. The layout
// is described where it is written, in html_column.h.

const head = JSON.parse(byId("head").textContent);

const WORDS = 0;
const SIZES = 2;
const TIMES = 3;

// A dictionary and one reference into it per row.
class Words {
  constructor(text, count, ids) {
    this.text = text;
    this.starts = Words.startsOf(text, count);
    this.ids = ids;
    this.low = null;
  }

  static startsOf(text, count) {
    const starts = new Uint32Array(count + 1);
    for (let i = 0, at = 0; i < count; i++) {
      at = text.indexOf("\0", at) + 1;
      starts[i + 1] = at;
    }
    return starts;
  }

  get count() {
    return this.starts.length - 1;
  }

  entry(id) {
    return this.text.slice(this.starts[id], this.starts[id + 1] - 1);
  }

  at(row) {
    return this.entry(this.ids[row]);
  }

  // Lower case may be longer than what it is made from.
  lower() {
    if (!this.low) {
      const text = this.text.toLowerCase();
      this.low = {
        text: text === this.text ? this.text : text,
        starts: text.length === this.text.length ? this.starts : Words.startsOf(text, this.count),
      };
    }
    return this.low;
  }

  // 1 for each entry that contains `needle` (in lower case), or null when none
  // does.
  having(needle) {
    const { text, starts } = this.lower();
    let found = null;
    let id = 0;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, starts[id])) {
      let high = starts.length - 1;
      while (id < high) {
        const middle = (id + high) >> 1;
        if (starts[middle + 1] <= at) {
          id = middle + 1;
        } else {
          high = middle;
        }
      }
      found = found || new Uint8Array(this.count);
      found[id++] = 1;
    }
    return found;
  }

  // The same for those that are one of `values`.
  being(values) {
    let found = null;
    for (let id = 0; id < this.count; id++) {
      if (values.includes(this.entry(id))) {
        found = found || new Uint8Array(this.count);
        found[id] = 1;
      }
    }
    return found;
  }
}

// Values plus one; 0 is an empty cell.
class Numbers {
  constructor(values, form) {
    this.values = values;
    this.form = form;
  }

  number(row) {
    return this.values[row] - 1;
  }

  at(row) {
    const value = this.values[row] - 1;
    if (value < 0) {
      return "";
    }
    if (this.form !== TIMES) {
      return String(value);
    }
    const us = value % 1e6;
    return new Date((value - us) / 1e3).toISOString().slice(0, 20) + String(us).padStart(6, "0") + "Z";
  }
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  u8() {
    return this.bytes[this.at++];
  }

  u32() {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  take(n) {
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  words(rows) {
    const count = this.u32();
    const text = utf8.decode(this.take(this.u32()));
    const wide = this.u8() === 2;
    const low = this.take(rows);
    const high = wide ? this.take(rows) : null;
    const ids = wide ? new Uint16Array(rows) : new Uint8Array(rows);
    for (let i = 0, seen = 0; i < rows; i++) {
      const code = wide ? low[i] | (high[i] << 8) : low[i];
      ids[i] = code === 0 ? seen++ : code - 1;
    }
    return new Words(text, count, ids);
  }

  // Sums of products, since bits end at 32.
  numbers(rows, form) {
    const end = this.u32() + this.at;
    const values = new Float64Array(rows);
    let last = 0;
    let largest = 0;
    for (let i = 0; i < rows && this.at < end; i++) {
      let v = 0;
      let scale = 1;
      let byte;
      do {
        byte = this.bytes[this.at++];
        v += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      if (form !== SIZES) {
        v = last += v % 2 ? -(v + 1) / 2 : v / 2;
      }
      values[i] = v;
      largest = Math.max(largest, v);
    }
    this.at = end;
    return new Numbers(largest < 2 ** 32 ? Uint32Array.from(values) : values, form);
  }
}

const utf8 = new TextDecoder();

function bytesOf(base64) {
  if (Uint8Array.fromBase64) {
    return Uint8Array.fromBase64(base64);
  }
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}

class Block {
  constructor(element, names) {
    this.element = element;
    this.names = names;
    this.first = Number(element.dataset.first);
    this.rows = Number(element.dataset.rows);
    this.base = 0; // of its first row, counted from 0 over all blocks
    this.columns = null;
    this.pending = null;
  }

  load() {
    this.pending = this.pending || this.unpack();
    return this.pending;
  }

  // The element's text goes once it is unpacked: it is as large as the data.
  async unpack() {
    const packed = new Blob([bytesOf(this.element.textContent)]).stream();
    const plain = packed.pipeThrough(new DecompressionStream("deflate"));
    const reader = new Reader(new Uint8Array(await new Response(plain).arrayBuffer()));
    const columns = {};
    for (const name of this.names) {
      const form = reader.u8();
      columns[name] = form === WORDS ? reader.words(this.rows) : reader.numbers(this.rows, form);
    }
    this.element.remove();
    this.element = null;
    this.columns = columns;
    return this;
  }
}

class Blocks {
  constructor(kind, names) {
    this.list = Array.from(document.getElementsByClassName("data-" + kind), (e) => new Block(e, names));
    this.count = 0;
    for (const block of this.list) {
      block.base = this.count;
      this.count += block.rows;
    }
  }

  of(row) {
    let low = 0;
    let high = this.list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.list[middle].base <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return this.list[low];
  }

  // A cell's text; undefined while its block is packed.
  cell(row, name) {
    const block = this.of(row);
    return block.columns ? block.columns[name].at(row - block.base) : undefined;
  }
}

const records = new Blocks("records", head.columns);
const scenarios = new Blocks("scenarios", head.scenarioColumns);

const explanations = new Blocks("explanations", head.explanationColumns);

// The access check's steps and what would turn it round, as lines; null when
// the page has no explanation of that record.
async function explanationOf(row) {
  const basis = cellOf(row, "basis");
  for (const block of explanations.list) {
    await block.load();
    const { values } = block.columns.basis;
    const at = basis === "" ? -1 : values.indexOf(Number(basis) + 1);
    if (at >= 0) {
      const lines = (name) => block.columns[name].at(at).split("\n").filter(Boolean);
      return { steps: lines("steps"), flips: lines("flips") };
    }
  }
  return null;
}

// Where each scenario's records begin, and after the last.
let scenarioStarts = new Uint32Array(1);

async function loadScenarios() {
  const starts = new Uint32Array(scenarios.count + 1);
  for (const block of scenarios.list) {
    await block.load();
    for (let i = 0; i < block.rows; i++) {
      starts[block.base + i + 1] = starts[block.base + i] + block.columns.records.number(i);
    }
  }
  scenarioStarts = starts;
}

// The scenario of a record: the last that begins at or before it and is not
// empty.
function scenarioOf(row) {
  let low = 0;
  let high = scenarios.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (scenarioStarts[middle] <= row) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

const scenarioCell = (scenario, name) => scenarios.cell(scenario, name) || "";

// Every column of a record as the other formats have it.
function cellOf(row, name) {
  switch (name) {
    case "run":
      return head.run;
    case "seq":
      return String(records.of(row).first + row - records.of(row).base);
    case "scenario":
      return scenarioCell(scenarioOf(row), "name");
    case "file":
      return scenarioCell(scenarioOf(row), "file");
    case "tags":
      return scenarioCell(scenarioOf(row), "tags");
    default:
      return records.cell(row, name);
  }
}

// The row whose number in the run is `seq`, or -1.
function rowOfSeq(seq) {
  const block = records.list.find((b) => seq >= b.first && seq < b.first + b.rows);
  return block ? block.base + seq - block.first : -1;
}

async function loadRows(from, to) {
  for (const block of records.list) {
    if (block.base < to && block.base + block.rows > from) {
      await block.load();
    }
  }
}

// What the records hold of the columns that can be chosen from, with counts.
const facets = new Map();
const FACETS = ["verdict", "operation", "via", "level", "object_type", "rule", "kind"];

function countFacets(block) {
  for (const name of FACETS) {
    const column = block.columns[name];
    const counts = new Uint32Array(column.count);
    for (const id of column.ids) {
      counts[id]++;
    }
    const facet = facets.get(name) || facets.set(name, new Map()).get(name);
    counts.forEach((n, id) => facet.set(column.entry(id), (facet.get(column.entry(id)) || 0) + n));
  }
}

// Unpacks everything in the background, and makes it ready to be searched.
async function loadAll() {
  for (const block of records.list) {
    await idle();
    await block.load();
    countFacets(block);
    Object.values(block.columns).forEach((c) => c instanceof Words && c.lower());
  }
}
