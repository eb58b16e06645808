import assert from "node:assert/strict";
import { test } from "node:test";
import { asError, inTurns, own, read } from "../../../web/app/embed/messages.js";
import { Turn } from "../../../web/app/embed/turn.js";

/** @param {string} type @param {object} [fields] */
const message = (type, fields = {}) => ({ type: `ablation-sandbox:${type}`, v: 1, ...fields });

test("messages that are not ours are none, whatever they are", () => {
  const others = [null, undefined, 7, "", "text", "{", "[1]", "{}", [], {}, { type: 7 }, { type: "other:run", v: 1 }];
  for (const data of [...others, () => 1, Symbol.iterator, { v: 1 }]) assert.equal(read(data), null, String(data));
});

test("every command is read from an object and from text", () => {
  for (const type of ["run", "pause", "resume", "stop"]) {
    assert.deepEqual(read(message(type))?.command, { type });
    assert.deepEqual(read(JSON.stringify(message(type)))?.command, { type });
  }
  assert.deepEqual(read(message("visible", { visible: false }))?.command, { type: "visible", visible: false });
  assert.deepEqual(read(message("load", { hash: "v=1" }))?.command, { type: "load", hash: "v=1" });
  assert.deepEqual(read(message("load", { record: { a: 1 } }))?.command, { type: "load", record: '{"a":1}' });
});

test("what is ours and cannot be followed is refused with the reason", () => {
  /** @type {any} */
  const circle = {};
  circle.self = circle;
  const cases = /** @type {[unknown, RegExp][]} */ ([
    [{ ...message("run"), v: 2 }, /v: 1, this one has v: 2/],
    [{ type: "ablation-sandbox:run" }, /v: 1, this one has v: null/],
    [message("explode"), /no message "explode"/],
    [message("__proto__"), /no message "__proto__"/],
    [message("toString"), /no message "toString"/],
    [message("visible", { visible: 1 }), /true or false/],
    [message("load"), /takes hash/],
    [message("load", { hash: "x".repeat(65_537) }), /at most 65536 characters/],
    [message("load", { hash: 7, record: {} }), /takes hash/],
    [message("load", { record: circle }), /takes hash/],
    [message("load", { record: 1n }), /takes hash/],
  ]);
  for (const [data, reason] of cases) {
    const found = read(data);
    assert.equal(found?.command, null);
    assert.equal(found?.refused?.code, "bad-config");
    assert.match(found?.refused?.message ?? "", reason);
  }
});

test("a message inherits nothing and pollutes nothing", () => {
  const data = own('{"type":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
  assert.equal(Object.getPrototypeOf(data), null);
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
  const inherits = Object.create(message("run"));
  assert.equal(read(inherits), null, "a type that is inherited is none");
});

test("of a flood the last of each kind is followed, in the order in which it was last asked for", () => {
  /** @type {string[]} */
  const followed = [];
  /** @type {(() => void)[]} */
  const later = [];
  const turn = inTurns(
    (command) => followed.push(command.type + ("hash" in command ? command.hash : "")),
    (work) => later.push(work),
  );
  turn({ type: "run" });
  assert.deepEqual(followed, ["run"], "the first at once");
  for (let index = 0; index < 10_000; index++) {
    turn({ type: "load", hash: String(index) });
    turn({ type: "run" });
    turn({ type: "pause" });
  }
  assert.equal(followed.length, 1);
  later.shift()?.();
  assert.deepEqual(followed, ["run", "load9999", "run", "pause"]);
  later.shift()?.();
  assert.equal(later.length, 0, "who hears nothing waits for nothing");
  turn({ type: "stop" });
  assert.equal(followed.at(-1), "stop");
});

test("problems are told in the codes of the protocol", () => {
  const of = (/** @type {any} */ code, message = "") => asError({ code, message, hint: "" }).code;
  assert.equal(of("no-adapter"), "no-gpu");
  assert.equal(of("blocked-worker"), "blocked-worker");
  assert.equal(of("bad-study"), "bad-config");
  assert.equal(of("worker-died", "RuntimeError: memory access out of bounds"), "oom");
  assert.equal(of("load-failed"), "failed");
  assert.equal(of("constructor"), "failed");
});

/** Frames of one page, which hear each other, on a clock of their own. @param {number} count */
function frames(count) {
  let now = 1000;
  /** @type {Turn[]} */
  const turns = [];
  for (let index = 0; index < count; index++) {
    const others = () =>
      turns
        .filter((_, other) => other !== index)
        .map((other) => ({ postMessage: (/** @type {unknown} */ data) => other.hear(data) }));
    turns.push(new Turn({ others, changed: () => undefined, clock: () => now, id: String(index) }));
  }
  return {
    turns,
    mine: () => turns.flatMap(({ mine, id }) => (mine ? [id] : [])),
    clock: (/** @type {number} */ by) => (now += by),
  };
}

test("who has wanted the turn longest has it, and nobody else", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const { turns, mine, clock } = frames(5);
  const pass = (/** @type {number} */ time) => {
    for (let at = 0; at < time; at += 50) {
      clock(50);
      context.mock.timers.tick(50);
    }
  };
  for (const turn of turns) {
    turn.want(true);
    pass(50);
  }
  assert.deepEqual(mine(), [], "the line is heard first");
  pass(1000);
  assert.deepEqual(mine(), ["0"]);
  turns[0]?.want(false);
  assert.deepEqual(mine(), ["1"], "the next has it at once");
  turns[0]?.want(true);
  pass(5000);
  assert.deepEqual(mine(), ["1"], "who comes back stands at the end");
  for (const turn of turns) turn.want(false);
  assert.deepEqual(mine(), []);
});

test("who falls silent is out of line, and what is no claim is none", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const { turns, mine, clock } = frames(1);
  const [turn] = turns;
  for (const wrong of [
    null,
    "x",
    { since: 1 },
    message("turn", { id: 7, since: 1 }),
    message("turn", { id: "a", since: NaN }),
  ])
    turn?.hear(wrong);
  turn?.hear(message("turn", { id: "gone", since: 1 }));
  turn?.want(true);
  clock(1000);
  context.mock.timers.tick(1000);
  assert.deepEqual(mine(), []);
  clock(3000);
  context.mock.timers.tick(500);
  assert.deepEqual(mine(), ["0"]);
});
