import assert from "node:assert/strict";
import { test } from "node:test";
import { Shelf } from "../../../web/app/shelf.js";

/** @param {() => IDBFactory|undefined} factory */
function stage(factory) {
  /** @type {string[]} */
  const refused = [];
  return { shelf: new Shelf({ factory, refused: ({ code, message }) => refused.push(`${code}: ${message}`) }), refused };
}

const bytes = new Uint8Array([1, 2]);

for (const [name, factory] of /** @type {[string, () => IDBFactory|undefined][]} */ ([
  ["is not there", () => undefined],
  ["may not even be looked at", () => { throw new DOMException("denied", "SecurityError"); }],
  ["cannot be opened", () => /** @type {any} */ ({ open: () => { throw new Error("no room"); } })],
])) {
  test(`storage that ${name} is said once, and memory takes its place`, async () => {
    const { shelf, refused } = stage(factory);
    await shelf.put(new Map([["a", "A"], ["b", "B"]]), [{ id: "a", bytes }]);
    assert.deepEqual(await shelf.outcomes(["a", "c"]), new Map([["a", "A"]]));
    assert.deepEqual(await shelf.weights(["a", "b"]), [{ id: "a", bytes }]);
    await shelf.remove(["a"]);
    assert.deepEqual([...(await shelf.outcomes(["a", "b"])).keys()], ["b"]);
    assert.equal(await shelf.file(), null);
    await shelf.keepFile({ name: "x.json", text: "{}" });
    assert.deepEqual(await shelf.file(), { name: "x.json", text: "{}" });
    assert.equal(refused.length, 1);
    assert.match(refused[0] ?? "", /^blocked-storage: Nothing can be stored/);
  });
}
