import assert from "node:assert/strict";
import { test } from "node:test";
import { bindAddress } from "../../../web/app/address.js";
import { createStore } from "../../../web/app/store.js";
import { describe } from "../fake/cpu.js";

/** A window that has an address and a history. */
function stage() {
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
  const store = createStore();
  bindAddress(store, view);
  return { store, written };
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
