import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, test } from "node:test";
import { encodedName, readEncoded, sizeIn } from "../../../web/app/encoded-text.js";
import { problem } from "../../../web/app/protocol.js";
import { SandboxWorkers } from "../../../web/app/sandbox-workers.js";
import { Sandbox, reporter } from "../../../web/app/sandbox.js";
import { createStore, initial } from "../../../web/app/store.js";
import { Texts } from "../../../web/app/texts.js";
import { catalog, describe } from "../fake/cpu.js";
import { Listener } from "../fake/listener.js";
import { met, settle } from "../fake/wait.js";

/** @typedef {import("../../../web/app/protocol.js").Request} Request */

globalThis.fetch = () => Promise.reject(new Error("There is no server."));

const SHIPPED = "ab".repeat(32);
const NOTES = new Blob(["The cat sat on the mat."]);
const sha256 = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");

/** An encoded text as the module writes it. @param {number} tokens */
function encoded(tokens) {
  const tokenizer = { version: "1.0", model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] } };
  return JSON.stringify({
    kind: "encoded text",
    version: 1,
    corpus: "cd".repeat(32),
    tokens,
    tokenizer,
    train: "AAEB",
  });
}

/** What an engine says of a link: the data set reads the file that the link names. @param {string} link */
function described(link) {
  const pairs = new URLSearchParams(link);
  const base = describe("v=1&p=repeat");
  const settings = { ...base.settings, ...Object.fromEntries(pairs) };
  const name = pairs.get("data.kind") ?? "repeat";
  const file = name === "repeat" ? {} : { file: pairs.get("data.corpus") ?? SHIPPED };
  return { ...base, link, settings, data_set: { ...base.data_set, name, ...file } };
}

/** @typedef {(given: {text: string, size: number}) => string|Promise<string>} Encode */

/** A worker that answers at once, and encodes as it is told. */
class FakeWorker extends Listener {
  /** @param {Encode} encode */
  constructor(encode) {
    super();
    this.encode = encode;
  }

  /** @param {Request} request */
  postMessage(request) {
    this.heard.push(request);
    void this.#answer(request);
  }

  /** @param {Request} request */
  async #answer({ id, call, args }) {
    await settle(0);
    try {
      this.say({ id, value: await this.#value(call, args) });
    } catch (error) {
      this.say({ id, problem: error });
    }
  }

  /** @param {string} call @param {any} args */
  #value(call, args) {
    if (call === "catalog") return catalog();
    if (call === "describe") return described(args.link);
    if (call === "probe") return { name: "x", fallback: false };
    if (call === "encode") return this.encode({ text: new TextDecoder().decode(args.text), size: args.size });
    return null;
  }
}

/** @type {SandboxWorkers[]} */
const pools = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

/** A page whose model is trained. @param {Encode} encode @param {string} [kind]  the data set */
async function stage(encode, kind = "tokens") {
  /** @type {FakeWorker[]} */
  const workers = [];
  /** @type {Map<string, any>} */
  const files = new Map();
  /** @type {[string, string][]} */
  const saved = [];
  const store = createStore({ ...initial(), link: `v=1&p=repeat&data.kind=${kind}` });
  const spawn = () => {
    const worker = new FakeWorker(encode);
    workers.push(worker);
    return /** @type {any} */ (worker);
  };
  const results = {
    file: async (/** @type {string} */ id = "") => files.get(id) ?? null,
    keepFile: async (/** @type {any} */ file, /** @type {string} */ id = "") => void files.set(id, file),
  };
  const texts = new Texts({ results, folder: new URL("http://page.test/static/corpora/") });
  const pool = new SandboxWorkers({ spawn, report: reporter(store), texts: (hashes) => texts.find(hashes) });
  pools.push(pool);
  const save = (/** @type {string} */ name, /** @type {string} */ _type, /** @type {string} */ text) =>
    void saved.push([name, text]);
  const records = new URL("http://page.test/");
  await new Sandbox(store, pool, { preset: "repeat", records, texts, save }).start();
  store.send({ type: "play" });
  await met(() => store.state.run.status === "playing", "the model is trained");
  const encoders = () => workers.filter((worker) => worker.asked("load").some(({ tokens }) => tokens));
  const trainer = /** @type {FakeWorker} */ (workers.find((worker) => worker.asked("play").length > 0));
  const file = () => store.state.description?.data_set.file;
  return { store, files, saved, encoders, trainer, file };
}

/** An answer that is given when it is told. */
function later() {
  /** @type {{resolve(text: string): void, reject(why: unknown): void, answer: Promise<string>}} */
  const given = /** @type {any} */ ({});
  given.answer = new Promise((resolve, reject) => Object.assign(given, { resolve, reject }));
  return given;
}

test("a text is encoded in a worker of its own, kept, and trained on with its vocabulary", async () => {
  const { resolve, answer } = later();
  const { store, files, encoders, trainer, file } = await stage(() => answer);
  store.send({ type: "text", file: NOTES, name: "notes.txt", size: 128 });
  await met(() => encoders()[0]?.asked("encode").length === 1, "a worker encodes");
  assert.equal(store.state.encoding, 128);
  const [worker] = encoders();
  assert.deepEqual(worker?.asked("load"), [{ device: "cpu", force: false, tokens: true }]);
  assert.deepEqual(
    worker?.asked("encode").map(({ text, size }) => [new TextDecoder().decode(text), size]),
    [[await NOTES.text(), 128]],
  );
  assert.deepEqual([file(), store.state.run.status, trainer.ended], [SHIPPED, "playing", false]);
  resolve(encoded(100));
  const hash = sha256(encoded(100));
  await met(() => file() === hash, "the encoded text is trained on");
  assert.equal(store.state.description?.settings["data.vocabulary"], "100");
  assert.equal(store.state.description?.settings["data.kind"], "tokens");
  assert.deepEqual(files.get(`text ${hash}`), { text: encoded(100), name: "notes.txt" });
  assert.deepEqual([store.state.encoding, store.state.page.text, worker?.ended], [null, "notes.txt", true]);
});

test("what cannot be encoded is refused with a sentence, and the model that trains goes on", async () => {
  const short = problem("bad-study", "it has 1 character", "Give a longer text.");
  const trap = problem("worker-died", "The worker stopped: unreachable.", "The run goes on from its checkpoint.");
  const hint = "Give a part of the text, or choose a smaller vocabulary.";
  for (const [thrown, expected] of [
    [short, short],
    [trap, { ...trap, hint }],
  ]) {
    const { store, files, encoders, trainer } = await stage(() => Promise.reject(thrown));
    const before = store.state;
    store.send({ type: "text", file: NOTES, name: "notes.txt", size: 128 });
    await met(() => store.state.notice !== null, "it is refused");
    await settle();
    assert.deepEqual(store.state.notice, { tone: "error", problem: expected });
    const { description, link, page, encoding, run } = store.state;
    assert.deepEqual([description, link, page, encoding], [before.description, before.link, before.page, null]);
    assert.deepEqual([run.status, trainer.ended, files.size], ["playing", false, 0]);
    assert.ok(encoders().every(({ ended }) => ended));
  }
});

test("a text whose encoding is too large is refused, and so is what a page without workers would have to encode", async () => {
  const large = encoded(64).replace("AAEB", "A".repeat(4_000_000));
  const { store, file } = await stage(() => large);
  store.send({ type: "text", file: NOTES, name: "notes.txt", size: 64 });
  await met(() => store.state.notice !== null, "it is refused");
  assert.match(store.state.notice?.problem.message ?? "", /^notes\.txt has 4\.0 MB once it is encoded/);
  store.send({ type: "notice", notice: null });
  store.send({ type: "place", place: "page" });
  store.send({ type: "text", file: NOTES, name: "notes.txt", size: 64 });
  await met(() => store.state.notice !== null, "it is refused");
  assert.equal(store.state.notice?.problem.code, "blocked-worker");
  assert.equal(file(), SHIPPED);
});

test("a newer text takes the place of one that is still being encoded", async () => {
  const [first, second] = [later(), later()];
  const { store, files, encoders, file } = await stage(({ size }) => (size === 64 ? first : second).answer);
  store.send({ type: "text", file: NOTES, name: "first.txt", size: 64 });
  await met(() => encoders()[0]?.asked("encode").length === 1, "the first is being encoded");
  store.send({ type: "text", file: NOTES, name: "second.txt", size: 96 });
  await met(() => encoders()[1]?.asked("encode").length === 1, "the second is being encoded");
  assert.equal(encoders()[0]?.ended, true);
  assert.equal(store.state.encoding, 96);
  first.resolve(encoded(64));
  second.resolve(encoded(96));
  await met(() => file() === sha256(encoded(96)), "the second is trained on");
  await settle();
  assert.deepEqual([...files.keys()], [`text ${sha256(encoded(96))}`]);
  assert.deepEqual([store.state.page.text, store.state.notice, store.state.encoding], ["second.txt", null, null]);
});

test("a text is dropped when somebody turns to another task, and not when another setting changes", async () => {
  const [dropped, used] = [later(), later()];
  const { store, encoders, file } = await stage(({ size }) => (size === 64 ? dropped : used).answer);
  store.send({ type: "text", file: NOTES, name: "notes.txt", size: 96 });
  await met(() => encoders().length === 1, "it is being encoded");
  store.send({ type: "set", changes: { "model.width": 8 } });
  await met(() => store.state.description?.settings["model.width"] === "8", "the width is another");
  used.resolve(encoded(96));
  await met(() => file() === sha256(encoded(96)), "it is trained on");
  assert.equal(store.state.description?.settings["model.width"], "8");

  store.send({ type: "text", file: NOTES, name: "notes.txt", size: 64 });
  await met(() => encoders()[1]?.asked("encode").length === 1, "it is being encoded");
  store.send({ type: "set", changes: { "data.kind": "repeat" } });
  await met(() => file() === undefined, "the task is another");
  assert.deepEqual([encoders()[1]?.ended, store.state.encoding], [true, null]);
  dropped.resolve(encoded(64));
  await settle();
  assert.deepEqual([file(), store.state.notice], [undefined, null]);
});

test("an encoded text is used as it is, and both its files can be saved", async () => {
  const { store, encoders, saved, file } = await stage(() => assert.fail("it was encoded again"));
  store.send({ type: "text", file: new Blob([encoded(77)]), name: "mine.tokens.json", size: 512 });
  await met(() => file() === sha256(encoded(77)), "it is trained on");
  assert.equal(store.state.description?.settings["data.vocabulary"], "77");
  assert.equal(encoders().length, 0);
  store.send({ type: "saveText", what: "encoded", name: "mine.tokens.json" });
  store.send({ type: "saveText", what: "tokenizer", name: "mine.tokens.json" });
  await met(() => saved.length === 2, "both are saved");
  const { tokenizer } = JSON.parse(encoded(77));
  assert.deepEqual(saved, [
    ["mine.tokens.json", encoded(77)],
    ["tokenizer.json", `${JSON.stringify(tokenizer, null, 2)}\n`],
  ]);
});

test("an encoded text that is not here any more cannot be saved", async () => {
  const { store, saved } = await stage(() => encoded(64));
  store.send({ type: "saveText", what: "tokenizer", name: null });
  await met(() => store.state.notice !== null, "it is said");
  assert.match(store.state.notice?.problem.message ?? "", /is not here any more/);
  assert.deepEqual(saved, []);
});

test("a data set that reads characters refuses an encoded text, and reads any other as it is", async () => {
  const { store, files, file } = await stage(() => assert.fail("it was encoded"), "text");
  store.send({ type: "text", file: new Blob([encoded(77)]), name: "mine.tokens.json", size: 512 });
  await met(() => store.state.notice !== null, "it is refused");
  const { message, hint } = store.state.notice?.problem ?? {};
  assert.match(`${message} ${hint}`, /is an encoded text.*Choose the data set “Your own text in word pieces”/);
  assert.deepEqual([file(), files.size], [SHIPPED, 0]);
  store.send({ type: "text", file: NOTES, name: "notes.txt", size: 512 });
  const hash = sha256(await NOTES.text());
  await met(() => file() === hash, "the text is trained on");
  assert.equal(store.state.description?.settings["data.kind"], "text");
  assert.equal(store.state.description?.settings["data.vocabulary"], undefined);
});

test("what is no encoded text is none, and one that cannot be used is refused", () => {
  for (const text of ["", "Once upon a time", "{", "[1]", '{"kind":"record"}', `x${encoded(64)}`])
    assert.equal(readEncoded(text, "a"), null, text);
  assert.equal(readEncoded(encoded(64), "a")?.tokens, 64);
  const of = (/** @type {object} */ changes) => JSON.stringify({ ...JSON.parse(encoded(64)), ...changes });
  assert.throws(() => readEncoded(of({ version: 2 }), "a"), { message: /^a is an encoded text of version 2/ });
  assert.throws(() => readEncoded(of({ tokens: "64" }), "a"), { message: /without its vocabulary/ });
  assert.throws(() => readEncoded(of({ tokenizer: null }), "a"), { message: /without its vocabulary/ });
});

test("a size that was typed is one that can be learned, and a file is called after its text", () => {
  assert.deepEqual(["512", "99.6", "1", "1e9", "", "x", "-5"].map(sizeIn), [512, 100, 64, 4096, 512, 512, 64]);
  assert.deepEqual(["my notes.txt", "my.tokens.json", "pasted text", ".txt", null].map(encodedName), [
    "my notes.tokens.json",
    "my.tokens.json",
    "pasted text.tokens.json",
    "text.tokens.json",
    "text.tokens.json",
  ]);
});
