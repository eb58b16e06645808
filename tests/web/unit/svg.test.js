import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isAllowed, isPlain } from "../../../web/app/svg.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * As much of a parsed element as the check reads.
 *
 * @param {string} localName
 * @param {Record<string, string>} [attributes]
 * @param {any[]} [childNodes]
 * @param {string} [namespaceURI]
 */
const element = (localName, attributes = {}, childNodes = [], namespaceURI = SVG) => ({
  nodeType: 1,
  localName,
  namespaceURI,
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
  childNodes,
});
const text = { nodeType: 3 };

test("a drawing as the engine makes it is allowed", () => {
  const path = element("path", { d: "M0 0L1 1", stroke: "var(--disruption, #D55E00)", fill: "none" });
  const label = element("text", { x: "1", y: "2", "text-anchor": "end", fill: "var(--muted, #5e6267)" }, [text]);
  const all = element("svg", { xmlns: SVG, viewBox: "0 0 9 9", role: "img" }, [
    element("title", {}, [text]),
    path,
    label,
  ]);
  assert.equal(isAllowed(all), true);
});

for (const [what, child] of /** @type {[string, any][]} */ ([
  ["a style sheet", element("style", {}, [text])],
  ["a script", element("script", {}, [text])],
  ["HTML", element("foreignObject")],
  ["HTML under the name of an allowed element", element("title", {}, [], "http://www.w3.org/1999/xhtml")],
  ["a link", element("a", { href: "https://example.org" })],
  ["a picture", element("image", { href: "https://example.org/x.png" })],
  ["a reference", element("use", { href: "#a" })],
  ["an animation", element("animate", { attributeName: "href" })],
  ["an event handler", element("rect", { onclick: "alert(1)" })],
  ["a style attribute", element("rect", { style: "position: fixed" })],
  ["a filter", element("g", { filter: "url(#a)" })],
  ["a reference in the old way", element("g", { "xlink:href": "#a" })],
  ["a part of the page as an outline", element("g", { "clip-path": "url(#a)" })],
  ["a variable with an outside fallback", element("rect", { fill: "var(--muted, url(https://example.org/))" })],
  ["a class of the page", element("rect", { class: "notices" })],
  ["an id of the page", element("g", { id: "live" })],
  ["an outside colour", element("rect", { fill: "url(https://example.org/#a)" })],
  ["an outside colour in escapes", element("rect", { fill: "\\75 rl(https://example.org/#a)" })],
  ["a comment or an instruction", { nodeType: 8 }],
])) {
  test(`a drawing with ${what} is refused`, () => {
    assert.equal(isAllowed(element("svg", { xmlns: SVG }, [element("g", {}, [child])])), false);
  });
}

test("a drawing that is nested without end is refused, and not with an overflow", () => {
  const deep = element("svg", { xmlns: SVG });
  let inner = deep;
  for (let level = 0; level < 50_000; level++) {
    const next = element("g");
    inner.childNodes.push(next);
    inner = next;
  }
  assert.equal(isAllowed(deep), false);
});

test("declarations, comments, instructions and endless texts are refused before they are parsed", () => {
  assert.equal(isPlain('<svg xmlns="http://www.w3.org/2000/svg"><text>1 &lt; 2!</text></svg>'), true);
  for (const text of [
    '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
    "<?xml-stylesheet href='x'?><svg/>",
    "<svg><!-- --></svg>",
  ])
    assert.equal(isPlain(text), false, text);
  assert.equal(isPlain(" ".repeat(4_000_001)), false);
});

test("every stored figure consists of allowed elements and attributes", async () => {
  const record = await readFile(new URL("../../../static/records/repeat.json", import.meta.url), "utf8");
  const { description, view } = JSON.parse(record);
  const figures = [...description.data, ...view.panels.flatMap((/** @type {any} */ panel) => panel.figures)];
  assert.ok(figures.length > 4);
  for (const { svg } of figures) {
    for (const [, tag = "", attributes = ""] of svg.matchAll(/<([a-zA-Z]+)((?: [^<>]*)?)>/g)) {
      const pairs = Object.fromEntries(
        [...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      );
      assert.ok(isAllowed(element(tag, pairs)), `<${tag}${attributes}>`);
    }
  }
});
