import assert from "node:assert/strict";
import { test } from "node:test";
import { serveEngine } from "../../../web/app/engine.js";
import { settle } from "../fake/wait.js";

/** An engine whose lanes do what is given, and how many of them and of its studies were given back. @param {any} step */
async function stage(step) {
  const freed = { lanes: 0, studies: 0 };
  /** @type {string[]} */
  const loads = [];
  /** @type {any[]} */
  const said = [];
  const module = {
    default: async () => undefined,
    encode: (/** @type {Uint8Array} */ text, /** @type {number} */ size) => `${new TextDecoder().decode(text)} ${size}`,
    Origins: class {
      free() {}
    },
    Lane: { create: () => ({ step, free: () => void (freed.lanes += 1) }) },
    Study: {
      open: (/** @type {string} */ json) => {
        if (json !== "{}") throw new Error("no study");
        return { add: () => [], missing: () => [], free: () => void (freed.studies += 1) };
      },
    },
  };
  const engine = serveEngine({
    say: (message) => void said.push(message),
    close: () => undefined,
    rest: () => settle(0),
    load: async (name) => {
      loads.push(name);
      return module;
    },
    ...{ slice: 1, drawEvery: 1000, saveEvery: 1000 },
  });
  let id = 0;
  const ask = async (/** @type {any} */ call, /** @type {any} */ args) => {
    await engine.hear(/** @type {any} */ ({ id: ++id, call, args }));
    return said.find((message) => message.id === id);
  };
  await ask("load", { device: "cpu", force: false, study: true });
  return { engine, ask, freed, loads };
}

const FLEET = { trials: "[]", ids: [], origins: [], keep: [] };

test("a lane is given back when its fleet or its benchmark fails", async () => {
  const { ask, freed } = await stage(async () => {
    throw new Error("out of memory");
  });
  assert.match((await ask("fleet", FLEET)).problem.message, /out of memory/);
  assert.equal(freed.lanes, 1);
  assert.match((await ask("benchmark", { trials: "[]", time: 10, steps: 20 })).problem.message, /out of memory/);
  assert.equal(freed.lanes, 2);
});

test("a lane is given back when the engine is ended, even while it is held", async () => {
  const { engine, ask, freed } = await stage(async () => ({ done: 1, total: 1000, losses: [] }));
  await ask("hold", { on: true });
  const fleet = ask("fleet", FLEET);
  await settle(5);
  engine.end();
  await fleet;
  assert.equal(freed.lanes, 1);
});

test("a study that was given back is not used after the next cannot be opened", async () => {
  const { ask, freed } = await stage(async () => undefined);
  await ask("openStudy", { json: "{}", outcomes: [] });
  assert.match((await ask("openStudy", { json: "[]", outcomes: [] })).problem.message, /no study/);
  assert.match((await ask("missing", {})).problem.message, /before one was opened/);
  assert.equal(freed.studies, 1);
});

test("a text is encoded by a module of its own", async () => {
  const { ask, loads } = await stage(async () => undefined);
  await ask("load", { device: "cpu", force: false, tokens: true });
  assert.deepEqual(loads, ["study", "tokens"]);
  const text = new TextEncoder().encode("a text");
  assert.equal((await ask("encode", { text, size: 64 })).value, "a text 64");
});
