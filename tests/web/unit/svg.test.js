import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isAllowed } from "../../../web/app/svg.js";

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
