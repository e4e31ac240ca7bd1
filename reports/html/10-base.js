// What every part of the page uses: elements, texts, numbers.

const byId = (id) => document.getElementById(id);

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) {
      node.append(child);
    }
  }
  return node;
}

// Children that are strings become text, never markup.
function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

function picture(c) {
  return c === "\x7f" ? "\u2421" : String.fromCharCode(0x2400 + c.charCodeAt(0));
}

// Control characters by their Unicode pictures, so that they are seen.
function visible(text) {
  return text.replace(/[\x00-\x1f\x7f]/g, picture);
}

function grouped(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

function plural(n, word) {
  return grouped(n) + " " + word + (n === 1 ? "" : "s");
}

function duration(ns) {
  if (ns < 1e3) {
    return ns + " ns";
  }
  if (ns < 1e6) {
    return (ns / 1e3).toFixed(1) + " \u00b5s";
  }
  return ns < 1e9 ? (ns / 1e6).toFixed(1) + " ms" : (ns / 1e9).toFixed(2) + " s";
}

const MARKS = { pass: "\u2713", fail: "\u2717", skip: "\u25cb", known: "\u2248", error: "\u203c" };

function badge(verdict) {
  return verdict ? el("span", { class: "badge v-" + verdict }, el("b", { "aria-hidden": "true" }, MARKS[verdict] || ""), " " + verdict) : "";
}

// "MACHINE\alice" is alice where room is short.
function shortName(name) {
  const at = name.lastIndexOf("\\");
  return at >= 0 && at < name.length - 1 ? name.slice(at + 1) : name;
}

function ending(text, length) {
  return text.length > length ? "\u2026" + text.slice(text.length - length + 1) : text;
}

// Said to those who do not see the page.
function announce(text) {
  byId("status").textContent = text;
}

// Lets the browser paint and take keys before more work is done.
const breathe = globalThis.scheduler && scheduler.yield ? () => scheduler.yield() : () => new Promise((done) => setTimeout(done, 0));

// Until the browser has nothing better to do.
const idle = globalThis.requestIdleCallback ? () => new Promise((done) => requestIdleCallback(done, { timeout: 200 })) : breathe;

const SLICE_MS = 12;
