import assert from "node:assert/strict";
import { test } from "node:test";
import { ResultStore } from "../../../web/app/result-store.js";
import { storage } from "../fake/storage.js";

/** @param {() => IDBFactory|undefined} factory @param {number} [patience] */
function stage(factory, patience) {
  /** @type {string[]} */
  const refused = [];
  /** @type {string[]} */
  const damaged = [];
  const store = new ResultStore({
    factory,
    patience,
    refused: ({ code, message }) => refused.push(`${code}: ${message}`),
    damaged: ({ code, message }) => damaged.push(`${code}: ${message}`),
  });
  return { store, refused, damaged };
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
  ["never answers", () => /** @type {any} */ ({ open: () => ({}) })],
])) {
  test(`storage that ${name} is said once, and memory takes its place`, async () => {
    const { store, refused } = stage(factory, 20);
    await store.put(
      "study",
      new Map([
        ["a", "A"],
        ["b", "B"],
      ]),
      [{ id: "a", bytes }],
    );
    assert.deepEqual(await store.outcomes(["a", "c"]), new Map([["a", "A"]]));
    assert.deepEqual(await store.weights(["a", "b"]), [{ id: "a", bytes }]);
    await store.discard("study", ["a"]);
    assert.deepEqual([...(await store.outcomes(["a", "b"])).keys()], ["b"]);
    assert.equal(await store.file(), null);
    await store.keepFile({ name: "x.json", text: "{}" });
    assert.deepEqual(await store.file(), { name: "x.json", text: "{}" });
    assert.equal(refused.length, 1);
    assert.match(refused[0] ?? "", /^blocked-storage: Results cannot be stored/);
  });
}

test("a disk without room for weights still takes outcomes, and says nothing", async () => {
  const { stores, factory } = storage((store) => store === "weights");
  const { store, refused } = stage(factory);
  await store.put("study", new Map([["a", "A"]]), [{ id: "a", bytes }]);
  assert.equal(stores.get("outcomes")?.get("a").value, "A");
  assert.deepEqual([stores.get("weights")?.size, await store.weights(["a"])], [0, [{ id: "a", bytes }]]);
  assert.deepEqual(refused, []);
});

test("a disk that is full is said once, and what it holds is still read and thrown away", async () => {
  let full = false;
  const { stores, factory } = storage(() => full);
  const { store, refused } = stage(factory);
  await store.put("study", new Map([["a", "A"]]), []);
  full = true;
  await store.put("study", new Map([["b", "B"]]), [{ id: "b", bytes }]);
  await store.put("study", new Map([["c", "C"]]), []);
  assert.equal(refused.length, 1);
  assert.deepEqual(
    await store.outcomes(["a", "b", "c"]),
    new Map([
      ["b", "B"],
      ["c", "C"],
      ["a", "A"],
    ]),
  );
  await store.discard("study", ["a", "b"]);
  const left = [...(await store.outcomes(["a", "b", "c"])).keys()];
  assert.deepEqual([stores.get("outcomes")?.size, left], [0, ["c"]]);
});

for (const [name, damage] of /** @type {[string, (kept: Map<string, any>) => unknown][]} */ ([
  ["was changed", (kept) => (kept.get("a").value = "Ax")],
  ["lies under another's id", (kept) => kept.set("a", kept.get("b"))],
  ["is of another shape", (kept) => kept.set("a", "A")],
  ["is gone but for its checksum", (kept) => delete kept.get("a").value],
])) {
  test(`a stored outcome that ${name} is set aside once, and the others are read`, async () => {
    const { stores, factory } = storage();
    const { store, damaged } = stage(factory);
    await store.put(
      "study",
      new Map([
        ["a", "A"],
        ["b", "B"],
      ]),
      [],
    );
    damage(/** @type {Map<string, any>} */ (stores.get("outcomes")));
    assert.deepEqual(await store.outcomes(["a", "b"]), new Map([["b", "B"]]));
    assert.deepEqual(await store.outcomes(["a", "b"]), new Map([["b", "B"]]));
    assert.equal(damaged.length, 1);
    assert.match(damaged[0] ?? "", /^damaged-storage: Stored outcomes of trial a cannot be used .* set aside/);
    assert.deepEqual([stores.get("outcomes")?.has("a"), stores.get("damaged")?.has("a")], [false, true]);
  });
}

test("a flipped bit in stored weights is found", async () => {
  const { stores, factory } = storage();
  const { store, damaged } = stage(factory);
  await store.put("study", new Map(), [{ id: "a", bytes: new Uint8Array([1, 2, 3]) }]);
  stores
    .get("weights")
    ?.get("a")
    .value.set([2 ^ 64], 1);
  assert.deepEqual(await store.weights(["a"]), []);
  assert.match(damaged[0] ?? "", /Stored weights of trial a/);
});

test("what was stored for a study is thrown away without knowing its trials, and no other's", async () => {
  const { stores, factory } = storage();
  const { store } = stage(factory);
  await store.put("one", new Map([["a", "A"]]), [{ id: "a", bytes }]);
  await store.put("two", new Map([["b", "B"]]), []);
  await store.discard("one", []);
  assert.deepEqual([[...(stores.get("outcomes")?.keys() ?? [])], stores.get("weights")?.size], [["b"], 0]);
});
