import assert from "node:assert/strict";
import { test } from "node:test";
import { bindAddress } from "../../../web/app/address.js";
import { createStore } from "../../../web/app/store.js";
import { describe } from "../fake/cpu.js";

/** A window that has an address and a history. @param {{framed?: boolean}} [given] */
function stage({ framed = false } = {}) {
  /** @type {[string, string][]} */
  const written = [];
  const location = { hash: "#v=1&p=repeat" };
  const write =
    (/** @type {string} */ how) =>
    (/** @type {unknown} */ _state, /** @type {string} */ _title, /** @type {string} */ hash) => {
      written.push([how, hash]);
      location.hash = hash;
    };
  const view = /** @type {any} */ ({
    location,
    history: { pushState: write("push"), replaceState: write("replace") },
    addEventListener: () => undefined,
  });
  view.parent = framed ? {} : view;
  const store = createStore();
  bindAddress(store, view);
  return { store, written, location };
}

/** @param {string} link @returns {import("../../../web/app/store.js").Event} */
const described = (link) => ({ type: "described", description: describe(link) });

test("a preset, a stop of the tour and an ablation are steps that one can go back from", () => {
  const { store, written } = stage();
  store.send({ type: "goto", link: "v=1&p=two-moons" });
  store.send(described("v=1&p=two-moons"));
  store.send({ type: "ablate", ablation: { site: "blocks.0.mlp", operator: "zero" } });
  store.send(described("v=1&p=two-moons&ablation.operator=zero"));
  assert.deepEqual(
    written.map(([how]) => how),
    ["push", "push"],
  );
});

test("a setting that is typed and a theme are not", () => {
  const { store, written } = stage();
  store.send(described("v=1&p=repeat"));
  store.send({ type: "set", changes: { "model.width": 16 } });
  store.send(described("v=1&p=repeat&model.width=16"));
  store.send({ type: "theme", theme: "dark" });
  assert.ok(written.length > 1 && written.every(([how]) => how === "replace"), JSON.stringify(written));
});

test("a set-up that is described after the reader went back is not written over the address gone to", () => {
  const { store, written, location } = stage();
  store.send({ type: "goto", link: "v=1&p=sort" });
  location.hash = "#v=1&p=repeat&model.width=16";
  store.send(described("v=1&p=sort"));
  assert.deepEqual(written, []);
  assert.equal(location.hash, "#v=1&p=repeat&model.width=16");
});

test("what replaced a set-up can be undone", () => {
  const { store } = stage();
  store.send(described("v=1&p=repeat&model.width=16"));
  const before = store.state.description?.link;
  store.send({ type: "goto", link: "v=1&p=two-moons" });
  store.send(described("v=1&p=two-moons"));
  assert.equal(store.state.replaced, before);
  store.send({ type: "set", changes: { "model.width": 24 } });
  assert.equal(store.state.replaced, null);
});

test("a page in a frame adds no step to the history of its host", () => {
  const { store, written } = stage({ framed: true });
  store.send({ type: "goto", link: "v=1&p=two-moons" });
  store.send(described("v=1&p=two-moons"));
  store.send({ type: "ablate", ablation: { site: "blocks.0.mlp", operator: "zero" } });
  store.send(described("v=1&p=two-moons&ablation.operator=zero"));
  assert.deepEqual(
    written.map(([how]) => how),
    ["replace", "replace"],
  );
});

test("a set-up that could not be described makes no step of the one after it", () => {
  const { store, written } = stage();
  store.send({ type: "goto", link: "v=1&p=two-moons" });
  store.send({ type: "undescribed", problem: { code: "internal", message: "It failed.", hint: "" } });
  store.send({ type: "set", changes: { "model.width": 16 } });
  store.send(described("v=1&p=repeat&model.width=16"));
  assert.deepEqual(
    written.map(([how]) => how),
    ["replace"],
  );
});
