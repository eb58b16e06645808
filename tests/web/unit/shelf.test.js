import assert from "node:assert/strict";
import { test } from "node:test";
import { Shelf } from "../../../web/app/shelf.js";
import { storage } from "../fake/storage.js";

/** @param {() => IDBFactory|undefined} factory */
function stage(factory) {
  /** @type {string[]} */
  const refused = [];
  return {
    shelf: new Shelf({ factory, refused: ({ code, message }) => refused.push(`${code}: ${message}`) }),
    refused,
  };
}

const bytes = new Uint8Array([1, 2]);

for (const [name, factory] of /** @type {[string, () => IDBFactory|undefined][]} */ ([
  ["is not there", () => undefined],
  [
    "may not even be looked at",
    () => {
      throw new DOMException("denied", "SecurityError");
    },
  ],
  [
    "cannot be opened",
    () =>
      /** @type {any} */ ({
        open: () => {
          throw new Error("no room");
        },
      }),
  ],
])) {
  test(`storage that ${name} is said once, and memory takes its place`, async () => {
    const { shelf, refused } = stage(factory);
    await shelf.put(
      new Map([
        ["a", "A"],
        ["b", "B"],
      ]),
      [{ id: "a", bytes }],
    );
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

test("a disk without room for weights still takes outcomes, and says nothing", async () => {
  const { stores, factory } = storage((store) => store === "weights");
  const { shelf, refused } = stage(factory);
  await shelf.put(new Map([["a", "A"]]), [{ id: "a", bytes }]);
  assert.deepEqual(stores.get("outcomes"), new Map([["a", "A"]]));
  assert.deepEqual([stores.get("weights")?.size, await shelf.weights(["a"])], [0, [{ id: "a", bytes }]]);
  assert.deepEqual(refused, []);
});

test("a disk that is full is said once, and what it holds is still read and thrown away", async () => {
  let full = false;
  const { stores, factory } = storage(() => full);
  const { shelf, refused } = stage(factory);
  await shelf.put(new Map([["a", "A"]]), []);
  full = true;
  await shelf.put(new Map([["b", "B"]]), [{ id: "b", bytes }]);
  await shelf.put(new Map([["c", "C"]]), []);
  assert.equal(refused.length, 1);
  assert.deepEqual(
    await shelf.outcomes(["a", "b", "c"]),
    new Map([
      ["b", "B"],
      ["c", "C"],
      ["a", "A"],
    ]),
  );
  await shelf.remove(["a", "b"]);
  assert.deepEqual([stores.get("outcomes")?.size, [...(await shelf.outcomes(["a", "b", "c"])).keys()]], [0, ["c"]]);
});
