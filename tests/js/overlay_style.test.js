import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { applyStyle, readStyle } from "../../static/js/overlay/style.js";

const NAMES = { gold: "#ffd700", rebeccapurple: "#663399" };

beforeEach(() => {
  // Of a browser's canvas: a name that it knows becomes #rrggbb, another one leaves the colour as it is.
  const context = {
    colour: "#000000",
    get fillStyle() {
      return this.colour;
    },
    set fillStyle(wanted) {
      this.colour = wanted.startsWith("#") ? wanted : (NAMES[wanted] ?? this.colour);
    },
  };
  globalThis.document = { createElement: () => ({ getContext: () => context }) };
});

const read = (/** @type {string} */ query) => readStyle(new URLSearchParams(query));

test("without a query all is as usual", () => {
  assert.deepEqual(read(""), {
    size: 48,
    font: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
    weight: 600,
    colour: "#ffffff",
    partial: "#ffd75e",
    box: "#000000",
    opacity: 0.72,
    lines: 2,
    columns: 34,
    place: "bottom",
    align: "center",
    margin: 32,
    hide: 6,
    sample: false,
  });
});

const NUMBERS = [
  ["size", "64", 64],
  ["size", "1", 12],
  ["size", "9999", 300],
  ["size", " 20 ", 20],
  ["size", "1e3", 48],
  ["size", "many", 48],
  ["size", "12345678", 48],
  ["opacity", "0.5", 0.5],
  ["opacity", "-1", 0],
  ["opacity", "2", 1],
  ["lines", "3.4", 3],
  ["lines", "0", 1],
  ["columns", "100", 60],
  ["margin", "-5", 0],
  ["hide", "0", 1],
  ["weight", "", 600],
];

for (const [name, text, value] of NUMBERS) {
  test(`${name}=${text} is ${value}`, () => assert.equal(read(`${name}=${encodeURIComponent(text)}`)[name], value));
}

const COLOURS = [
  ["ffd75e", "#ffd75e"],
  ["#FFD75E", "#ffd75e"],
  ["f80", "#ff8800"],
  ["gold", "#ffd700"],
  ["RebeccaPurple", "#663399"],
  ["ffd7", "#ffffff"],
  ["nosuchcolour", "#ffffff"],
  ["url(evil)", "#ffffff"],
  ["", "#ffffff"],
];

for (const [text, value] of COLOURS) {
  test(`colour=${text} is ${value}`, () => assert.equal(read(`colour=${encodeURIComponent(text)}`).colour, value));
}

const WRONG = [
  "size=&colour=&box=&opacity=&lines=&font=",
  "size=big&weight=bold&colour=nonsense&box=12345&opacity=x&lines=two&place=moon&align=5&hide=never",
  "size=NaN&opacity=Infinity&columns=1e3&colour=rgb(1,2,3)&box=url(x)&font=a;b}c",
  "size=4%2B8&colour=inherit&box=transparent&opacity=0x1&weight=--1",
  "colour=%3Cscript%3E&font=%22%3Balert(1)%2F%2F&box=var(--x)",
];

for (const query of WRONG) {
  test(`all is as usual with ${query}`, () => assert.deepEqual(read(query), read("")));
}

test("the other spelling of a colour is taken as well", () => assert.equal(read("color=f00").colour, "#ff0000"));

test("a font is a generic one, or a name with others behind it; anything else is left out", () => {
  assert.equal(read("font=Monospace").font, "monospace");
  assert.match(read("font=Atkinson+Hyperlegible").font, /^"Atkinson Hyperlegible", system-ui/);
  assert.match(read('font=x";background:url(evil)').font, /^system-ui/);
});

test("places are those that there are", () => {
  assert.equal(read("place=TOP").place, "top");
  assert.equal(read("place=left").place, "bottom");
  assert.equal(read("align=centre").align, "center");
  assert.equal(read("align=right").align, "right");
  assert.equal(read("sample=1").sample, true);
});

test("a style goes into the page as properties", () => {
  const properties = new Map();
  const target = { style: { setProperty: properties.set.bind(properties) }, dataset: {} };
  applyStyle(read("box=102030&opacity=0.5&size=20&align=left&place=middle"), target);
  assert.equal(properties.get("--box"), "rgba(16, 32, 48, 0.5)");
  assert.equal(properties.get("--edge"), "#102030");
  assert.equal(properties.get("--size"), "20px");
  assert.deepEqual(target.dataset, { place: "middle", align: "left" });
});

const CHOSEN = {
  place: "top",
  align: "away from hand",
  font: "Verdana",
  size: 0.13,
  lines: 3,
  columns: 20,
  colour: "#ffee88",
  partial_colour: "#88ffee",
  box_colour: "#123456",
  box_opacity: 0.9,
  margin: 0.1,
  shown_after: 12,
};

test("what the address does not say is as the settings have it", () => {
  assert.deepEqual(readStyle(new URLSearchParams(""), CHOSEN), {
    size: 96,
    font: '"Verdana", system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
    weight: 600,
    colour: "#ffee88",
    partial: "#88ffee",
    box: "#123456",
    opacity: 0.9,
    lines: 3,
    columns: 20,
    place: "top",
    align: "center", // no hand is seen here
    margin: 64,
    hide: 12,
    sample: false,
  });
  assert.equal(readStyle(new URLSearchParams(""), { ...CHOSEN, align: "right" }).align, "right");
});

test("what the address says comes before the settings", () => {
  const style = readStyle(new URLSearchParams("size=64&place=bottom&align=left&colour=gold&font=serif&hide=9"), CHOSEN);
  assert.deepEqual([style.size, style.place, style.align, style.colour, style.font, style.hide], [64, "bottom", "left", "#ffd700", "serif", 9]);
});
