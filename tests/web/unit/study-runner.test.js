import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ResultStore } from "../../../web/app/result-store.js";
import { PAGE_DEFAULTS } from "../../../web/app/link.js";
import { canDiscard, createStore } from "../../../web/app/store.js";
import { StudyRunner } from "../../../web/app/study-runner.js";
import { problem } from "../../../web/app/protocol.js";
import { describe } from "../fake/cpu.js";
import { met, settle } from "../fake/wait.js";
import { storage } from "../fake/storage.js";
import { StudyWorker } from "../fake/study-worker.js";

const LINK = "v=1&p=repeat&study.seeds=2&study.trials=2";

/** @type {(() => void)[]} */
const ends = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A results that several pages share, as tabs of one browser do. */
const memory = () => new ResultStore({ factory: () => undefined, refused: () => undefined, damaged: () => undefined });

/**
 * @param {{results?: ResultStore, script?: import("../fake/study-worker.js").Script, link?: string, tab?:
 *   "sandbox"|"study"|"report", read?: boolean, locks?: LockManager, channel?: () => import("../../../web/app/other-tabs.js").Channel, clock?: () =>
 *   number}} [given]  read: whether the study of the link is
 *   expected to be read
 */
async function stage({
  results = memory(),
  script,
  link = LINK,
  tab = "study",
  read = true,
  locks,
  channel = airwaves(),
  clock,
} = {}) {
  /** @type {StudyWorker[]} */
  const workers = [];
  /** @type {{name: string, text: string}[]} */
  const saved = [];
  const spawn = () => {
    const worker = new StudyWorker(script);
    workers.push(worker);
    return /** @type {any} */ (worker);
  };
  const store = createStore();
  const study = new StudyRunner(store, {
    spawn,
    results,
    cores: 2,
    timeouts: { retry: 1 },
    studies: new URL("http://localhost/"),
    save: (name, _, text) => saved.push({ name, text }),
    locks,
    channel,
    clock,
  });
  store.send({ type: "tab", tab });
  store.send({ type: "engine", status: "ready" });
  store.send({ type: "described", description: describe(link) });
  if (read)
    await met(
      () => store.state.study.sheet !== null && (tab === "sandbox" || store.state.study.status !== "opening"),
      "the study is described",
    );
  if (tab !== "sandbox" && store.state.study.sheet?.study)
    await met(() => store.state.study.rate !== null || store.state.study.status === "done", "its speed is measured");
  ends.push(() => study.close());
  return { study, store, workers, saved, results, fleets: () => workers.flatMap((worker) => worker.asked("fleet")) };
}

/** Locks that are granted when a test says so, and whether each is given back. */
function locksmith() {
  /** @type {{name: string, held: boolean, grant: () => void}[]} */
  const asked = [];
  const request = (
    /** @type {string} */ name,
    /** @type {unknown} */ _,
    /** @type {(lock: object) => Promise<void>|undefined} */ hold,
  ) =>
    new Promise((resolve) => {
      const one = {
        name,
        held: false,
        grant: () => {
          one.held = true;
          void Promise.resolve(hold({})).then(() => resolve((one.held = false)));
        },
      };
      // A tab's own lock is nobody else's.
      if (name.startsWith("ablation-study-")) asked.push(one);
      else one.grant();
    });
  return { asked, locks: /** @type {LockManager} */ (/** @type {unknown} */ ({ request })) };
}

/** A record of the study of `LINK`, as text. @param {ResultStore} [results] */
async function record(results) {
  const { store, saved } = await stage({ results });
  store.send({ type: "studyStart" });
  await until(store, "done");
  store.send({ type: "export", format: "record" });
  await met(() => saved.length > 0, "it is saved");
  return saved[0]?.text ?? "";
}

/**
 * Studies that ship with the page, each loaded when a test says so.
 *
 * @param {import("node:test").TestContext} context
 */
function shipped(context) {
  /** @type {Map<string, (body: string|null) => void>} */
  const waiting = new Map();
  context.mock.method(globalThis, "fetch", async (/** @type {URL} */ url) => {
    if (url.pathname === "/index.json")
      return Response.json(
        ["a", "b"].map((name) => ({ name, title: name, file: `${name}.json`, record: `${name}.json` })),
      );
    const body = await new Promise((resolve) => waiting.set(url.pathname, resolve));
    return body === null ? new Response("", { status: 404 }) : new Response(body);
  });
  return async (/** @type {string} */ name, /** @type {string|null} */ body) => {
    await met(() => waiting.has(`/${name}.json`), `${name} is asked for`);
    waiting.get(`/${name}.json`)?.(body);
  };
}

/** @param {...string} variants */
const studyFile = (...variants) => JSON.stringify({ version: 2, variants });

/** @param {import("../../../web/app/store.js").Store} store */
const shown = ({ state: { study, page } }) => ({
  variants: study.sheet?.study?.variants.map(({ name }) => name),
  named: page.study,
});

/**
 * A fragment that is typed or gone back to.
 *
 * @param {import("../../../web/app/store.js").Store} store
 * @param {Partial<import("../../../web/app/link.js").PageKeys>} page
 * @param {string} [link]
 */
function type(store, page, link = LINK) {
  store.send({ type: "asked", fragment: { ...PAGE_DEFAULTS, tab: "study", ...page }, link, corrections: [] });
  store.send({ type: "described", description: describe(link) });
}

/** @param {import("../../../web/app/store.js").Store} store @param {string} status */
async function until(store, status) {
  await met(
    () => store.state.study.status === status,
    `${store.state.study.status} became ${status}: ${JSON.stringify(store.state.notice)}`,
  );
}

test("nobody who looks at the bench alone has a study opened", async () => {
  const { store, workers } = await stage({ tab: "sandbox" });
  assert.equal(store.state.study.sheet?.study?.design.seeds, 2);
  assert.ok(workers.every((worker) => worker.asked("openStudy").length === 0));
  store.send({ type: "tab", tab: "study" });
  await until(store, "ready");
});

test("a plain link on the bench asks for no study at all, and turning to one does", async () => {
  const { store, workers } = await stage({ tab: "sandbox", link: "v=1&p=repeat", read: false });
  await settle(50);
  assert.deepEqual([workers.length, store.state.study.sheet], [0, null]);
  store.send({ type: "tab", tab: "study" });
  await until(store, "ready");
});

test("a study runs to its end and its report is told", async () => {
  const { store, fleets } = await stage();
  assert.equal(store.state.study.status, "ready");
  assert.equal(store.state.study.rate, 200, "its speed is measured before it starts");
  store.send({ type: "studyStart" });
  await until(store, "done");
  const { schedule, done } = store.state.study;
  assert.equal(done.size, new Set(schedule.map(({ id }) => id)).size);
  assert.equal(fleets().flatMap(({ ids }) => ids).length, done.size, "nothing is run twice");
  store.send({ type: "tab", tab: "report" });
  await met(() => store.state.study.reported !== null, "it is told");
  assert.equal(store.state.study.reported?.report.progress.complete, true);
  assert.deepEqual(store.state.study.source, { kind: "computed", device: "CPU (fake engine)" });
});

test("a worker that dies costs nothing that was found", async () => {
  let deaths = 0;
  const { store } = await stage({
    script: { fleet: ({ ids }, worker) => void (ids[0]?.includes("aa") && deaths++ === 0 && worker.die()) },
  });
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.equal(deaths, 2);
  assert.match(store.state.notice?.problem.hint ?? "", /run again/);
});

test("a study that a problem stopped goes on at one press", async () => {
  let left = 1;
  const fleet = () => {
    if (left-- > 0) throw problem("internal", "The disk is on fire.");
  };
  const { store } = await stage({ script: { fleet } });
  store.send({ type: "studyStart" });
  await until(store, "failed");
  store.send({ type: "studyStart" });
  await until(store, "done");
});

test("what a study came to while nobody looked is told to whoever looks again", async () => {
  const { store } = await stage({ tab: "report" });
  store.send({ type: "background", on: true });
  store.send({ type: "studyStart" });
  store.send({ type: "hidden", hidden: true });
  await until(store, "done");
  await settle();
  assert.equal(store.state.study.reported, null);
  store.send({ type: "hidden", hidden: false });
  await met(() => store.state.study.reported?.report.progress.complete === true, "it is told");
});

test("a study goes on where another page left it", async () => {
  const first = await stage();
  first.store.send({ type: "studyStart" });
  while (first.store.state.study.done.size < 4) await settle(2);
  first.store.send({ type: "studyPause" });
  first.study.close();
  const second = await stage({ results: first.results });
  await until(second.store, "ready");
  const known = second.store.state.study.done.size;
  assert.ok(known >= 4);
  second.store.send({ type: "studyStart" });
  await until(second.store, "done");
  const again = second.fleets().flatMap(({ ids }) => ids);
  assert.equal(again.length + known, second.store.state.study.done.size, "only what was missing is run");
  const third = await stage({ results: first.results });
  assert.equal(third.store.state.study.status, "done");
  assert.equal(third.fleets().length, 0);
});

test("two pages on one study do no harm", async () => {
  const results = memory();
  const [one, other] = [await stage({ results }), await stage({ results })];
  one.store.send({ type: "studyStart" });
  other.store.send({ type: "studyStart" });
  await Promise.all([until(one.store, "done"), until(other.store, "done")]);
  assert.deepEqual([...one.store.state.study.done].sort(), [...other.store.state.study.done].sort());
});

test("a study whose last outcomes another page found comes to its end", async () => {
  const results = memory();
  const [one, other] = [await stage({ results }), await stage({ results })];
  one.store.send({ type: "studyStart" });
  await until(one.store, "done");
  other.store.send({ type: "tab", tab: "report" });
  other.store.send({ type: "studyStart" });
  await until(other.store, "done");
  assert.equal(other.fleets().length, 0, "nothing is run twice");
  await met(() => other.store.state.study.reported?.report.progress.complete === true, "its report is whole");
});

test("a pause holds what is under way, and a hidden page pauses", async () => {
  const { store, workers, fleets } = await stage({ script: { fleet: () => settle(40) } });
  store.send({ type: "studyStart" });
  await met(() => fleets().length > 0, "a fleet is under way");
  store.send({ type: "hidden", hidden: true });
  await settle(20);
  const before = fleets().length;
  await settle(60);
  assert.equal(fleets().length, before);
  assert.equal(store.state.study.status, "running", "it waits only because nobody looks");
  assert.ok(workers.some((worker) => worker.asked("hold").length > 0));
  store.send({ type: "hidden", hidden: false });
  await met(() => fleets().length > before, "it goes on");
  store.send({ type: "studyPause" });
  assert.equal(store.state.study.status, "ready");
  store.send({ type: "studyStart" });
  await until(store, "done");
});

test("a study waits for its turn among the sandboxes of one page", async () => {
  const { store, fleets } = await stage();
  store.send({ type: "hidden", hidden: false, waiting: true });
  store.send({ type: "studyStart" });
  await settle(40);
  assert.equal(fleets().length, 0, "another one trains");
  assert.equal(store.state.study.status, "running");
  store.send({ type: "hidden", hidden: false, waiting: false });
  await until(store, "done");
});

test("a study that is discarded is forgotten", async () => {
  const { store, results } = await stage();
  store.send({ type: "studyStart" });
  await until(store, "done");
  const ids = [...store.state.study.done];
  store.send({ type: "studyDiscard" });
  await until(store, "ready");
  assert.equal(store.state.study.done.size, 0);
  assert.equal((await results.outcomes(ids)).size, 0);
});

test("another study takes the place of one that runs, and says so", async () => {
  const { store } = await stage({ script: { fleet: () => settle(30) } });
  store.send({ type: "studyStart" });
  await settle(20);
  store.send({ type: "described", description: describe(`${LINK}&study.seed=7`) });
  await met(() => store.state.study.sheet?.study?.seed === 7, "the other one is shown");
  await until(store, "ready");
  assert.match(store.state.notice?.problem.message ?? "", /was paused/);
});

test("what comes late of a study that was left is not taken for its successor's", async () => {
  const results = memory();
  /** @type {(() => void)[]} */
  const puts = [];
  const put = results.put.bind(results);
  results.put = async (...given) => {
    await new Promise((resolve) => puts.push(() => resolve(undefined)));
    return put(...given);
  };
  const { store, workers } = await stage({ results });
  store.send({ type: "studyStart" });
  await met(() => puts.length > 0, "something is found");
  store.send({ type: "described", description: describe(`${LINK}&study.seed=7`) });
  await met(() => store.state.study.sheet?.study?.seed === 7, "the other one is shown");
  for (const go of puts) go();
  await until(store, "ready");
  assert.equal(store.state.study.done.size, 0);
  const opened = workers.flatMap((worker) => worker.asked("openStudy")).find(({ json }) => JSON.parse(json).seed === 7);
  assert.deepEqual(opened.outcomes, []);
});

test("a claim that is granted to a study that was left is given back", async () => {
  const { asked, locks } = locksmith();
  const { store } = await stage({ locks, tab: "sandbox" });
  store.send({ type: "tab", tab: "study" });
  await met(() => asked.length === 1, "the study is claimed");
  store.send({ type: "described", description: describe(`${LINK}&study.seed=7`) });
  await met(() => store.state.study.sheet?.study?.seed === 7, "the other one is shown");
  asked[0]?.grant();
  await met(() => asked.length === 2, "its successor is claimed");
  asked[1]?.grant();
  await until(store, "ready");
  assert.deepEqual(
    asked.map(({ held }) => held),
    [false, true],
  );
});

/** Locks of which each is held by one tab, as a browser gives them. */
function oneEach() {
  /** @type {Map<string, {waiting: (() => void)[]}>} */
  const held = new Map();
  const request = async (
    /** @type {string} */ name,
    /** @type {LockOptions} */ options,
    /** @type {(lock: object|null) => Promise<void>|undefined} */ hold,
  ) => {
    const other = held.get(name);
    if (other && options.ifAvailable) return hold(null);
    if (other) await new Promise((resolve) => other.waiting.push(() => resolve(undefined)));
    const mine = { waiting: other?.waiting ?? [] };
    held.set(name, mine);
    await hold({});
    held.delete(name);
    mine.waiting.shift()?.();
  };
  return /** @type {LockManager} */ (/** @type {unknown} */ ({ request }));
}

/** What tabs say to each other, heard a moment later by all others. */
function airwaves() {
  /** @type {Set<import("../../../web/app/other-tabs.js").Channel>} */
  const tabs = new Set();
  return () => {
    /** @type {import("../../../web/app/other-tabs.js").Channel} */
    const tab = {
      onmessage: null,
      postMessage: (data) =>
        void setTimeout(() => {
          for (const other of tabs) if (other !== tab) other.onmessage?.(/** @type {any} */ ({ data }));
        }),
      close: () => void tabs.delete(tab),
    };
    tabs.add(tab);
    return tab;
  };
}

test("a second tab follows the first: that it computes the study, and what it finds", async () => {
  const [results, locks, channel] = [memory(), oneEach(), airwaves()];
  const script = { fleet: () => settle(20) };
  const first = await stage({ results, locks, channel, script });
  const second = await stage({ results, locks, channel });
  const others = () => [first.store, second.store].map(({ state }) => state.study.others);
  await met(() => others().every(({ open }) => open === 1), "they know of each other");
  first.store.send({ type: "studyStart" });
  await met(() => second.store.state.study.others.running === 1, "the second knows that the first computes");
  first.store.send({ type: "hidden", hidden: true });
  await met(() => second.store.state.study.others.running === 0, "and that it is held");
  first.store.send({ type: "hidden", hidden: false });
  await until(first.store, "done");
  await until(second.store, "done");
  assert.equal(second.store.state.study.done.size, first.store.state.study.done.size);
  assert.equal(second.fleets().length, 0, "it computed nothing");
  assert.equal(second.store.state.study.others.running, 0);
  first.store.send({ type: "studyDiscard" });
  await until(second.store, "ready");
  assert.equal(second.store.state.study.done.size, 0);
  assert.match(second.store.state.notice?.problem.message ?? "", /discarded in another tab/);
  first.study.close();
  await met(() => second.store.state.study.others.open === 0, "it is alone");
});

test("a tab that is killed is missed, though it says nothing", async () => {
  const [results, locks, channel] = [memory(), oneEach(), airwaves()];
  const first = await stage({ results, locks, channel });
  const { study, kill } = await killable({ results, locks, channel });
  study.store.send({ type: "studyStart" });
  await met(() => first.store.state.study.others.running === 1, "it computes");
  kill();
  await met(() => first.store.state.study.others.open === 0, "it is gone");
});

/** @param {Parameters<typeof stage>[0] & {locks: LockManager, channel: () => any}} given */
async function killable(given) {
  /** @type {(() => void)[]} */
  const releases = [];
  // What a browser does for a page that is gone: its locks are free, and its channel is silent.
  const request = (/** @type {string} */ name, /** @type {any} */ options, /** @type {any} */ hold) =>
    given.locks.request(name, options, (lock) =>
      Promise.race([hold(lock), new Promise((release) => releases.push(() => release(undefined)))]),
    );
  let dead = false;
  const channel = () => {
    const real = given.channel();
    const { postMessage } = real;
    real.postMessage = (/** @type {any} */ data) => dead || postMessage(data);
    return real;
  };
  const study = await stage({
    ...given,
    locks: /** @type {any} */ ({ request }),
    channel,
    script: { fleet: () => settle(5000) },
  });
  return {
    study,
    kill() {
      dead = true;
      for (const release of releases.splice(0)) release();
    },
  };
}

test("a pause says since when, why and until when", async () => {
  let now = 1_000_000;
  const { store } = await stage({ script: { fleet: () => settle(20) }, clock: () => now });
  const pause = () => store.state.study.pause;
  store.send({ type: "studyStart" });
  assert.equal(pause(), null);
  now += 1000;
  store.send({ type: "hidden", hidden: true });
  assert.deepEqual(pause(), { since: 1_001_000, until: null, why: "hidden" });
  now += 90_000;
  store.send({ type: "hidden", hidden: false });
  assert.deepEqual(pause(), { since: 1_001_000, until: 1_091_000, why: "hidden" });
  store.send({ type: "studyPause" });
  assert.deepEqual(pause(), { since: 1_091_000, until: null, why: "asked" });
  store.send({ type: "studyStart" });
  assert.equal(pause(), null);
  store.send({ type: "background", on: true });
  store.send({ type: "hidden", hidden: true });
  assert.equal(pause(), null, "what runs in the background stands nowhere");
  await until(store, "done");
});

test("a study that was left says since when it stands still", async () => {
  const stored = storage();
  const results = (/** @type {number} */ at) =>
    new ResultStore({ factory: stored.factory, refused: () => undefined, damaged: () => undefined, clock: () => at });
  const first = await stage({ results: results(5000) });
  first.store.send({ type: "studyStart" });
  await met(() => first.store.state.study.done.size > 3, "something is found");
  first.study.close();
  const second = await stage({ results: results(9000) });
  await until(second.store, "ready");
  await met(() => second.store.state.study.pause !== null, "it says since when");
  assert.deepEqual(second.store.state.study.pause, { since: 5000, until: null, why: "left" });
});

test("an opening that is overtaken neither claims the study nor counts what it finds as a record's", async () => {
  const results = memory();
  const whole = JSON.parse(await record(results));
  const { asked, locks } = locksmith();
  const { store } = await stage({ results, locks, link: "v=1&p=repeat", tab: "sandbox", read: false });
  store.send({
    type: "studyFile",
    text: JSON.stringify({ ...whole, outcomes: whole.outcomes.slice(0, 1) }),
    name: "part.json",
  });
  store.send({ type: "tab", tab: "report" });
  await met(() => asked.length > 0, "the study is claimed");
  asked[0]?.grant();
  await met(() => store.state.study.reported !== null, "it is told");
  assert.deepEqual([asked.length, store.state.study.source?.kind], [1, "mixed"]);
});

test("a study of nothing says so and cannot be started", async () => {
  const { store } = await stage({ link: "v=1&p=repeat&study.without=" });
  assert.equal(store.state.study.sheet?.study, null);
  assert.equal(store.state.study.status, "idle");
});

test("a record is shown at once and read when the engine is there", async () => {
  const made = await stage();
  made.store.send({ type: "studyStart" });
  await until(made.store, "done");
  made.store.send({ type: "export", format: "record" });
  await met(() => made.saved.length > 0, "it is saved");
  const [record] = made.saved;
  assert.match(record?.name ?? "", /^fake-.*\.record\.json$/);
  const { store, fleets } = await stage({ tab: "report" });
  store.send({ type: "engine", status: "loading" });
  store.send({ type: "studyFile", text: record?.text ?? "", name: "mine.json" });
  await settle();
  assert.equal(store.state.study.reported?.report.analysis.components.length, 1);
  assert.equal(store.state.study.reported?.figures.length, 0);
  store.send({ type: "engine", status: "ready" });
  await until(store, "done");
  await met(() => store.state.study.reported?.figures.length === 1, "it is drawn");
  assert.equal(store.state.study.source?.kind, "stored");
  assert.equal(fleets().length, 0);
});

test("a file that is no study is refused, and what was there stays", async () => {
  const { store } = await stage();
  const before = store.state.study.sheet;
  store.send({ type: "studyFile", text: "not json", name: "x.json" });
  await met(() => store.state.notice !== null, "it is refused");
  assert.equal(store.state.notice?.tone, "error");
  assert.equal(store.state.study.sheet, before);
});

test("a file that is no study leaves one that runs alone", async () => {
  const { store } = await stage({ script: { fleet: () => settle(20) } });
  store.send({ type: "studyStart" });
  await met(() => store.state.study.running.size > 0, "it runs");
  store.send({ type: "studyFile", text: "not json", name: "x.json" });
  await met(() => store.state.notice !== null, "the file is refused");
  assert.deepEqual([store.state.study.status, store.state.page.study], ["running", null]);
  await until(store, "done");
});

test("the study that was chosen last is shown, whichever is loaded last", async (context) => {
  const answer = shipped(context);
  const { store, study } = await stage();
  await study.start();
  store.send({ type: "studyPreset", name: "a" });
  store.send({ type: "studyPreset", name: "b" });
  assert.equal(store.state.page.study, null, "the address names what is shown");
  await answer("b", studyFile("embed"));
  await met(() => store.state.page.study === "b", "it is shown");
  await answer("a", studyFile("position"));
  await settle();
  assert.deepEqual(shown(store), { variants: ["embed"], named: "b" });
  store.send({ type: "studyPreset", name: "a" });
  store.send({ type: "studyOfSandbox" });
  await met(() => store.state.page.study === null, "the link's study is shown");
  await answer("a", studyFile("embed"));
  await settle();
  assert.deepEqual(shown(store), { variants: ["position"], named: null });
});

test("a study that cannot be loaded leaves page and address at what is shown", async (context) => {
  const answer = shipped(context);
  const { store, study } = await stage();
  await study.start();
  store.send({ type: "studyPreset", name: "a" });
  await answer("a", null);
  await met(() => store.state.notice !== null, "it is said");
  assert.deepEqual(shown(store), { variants: ["position"], named: null });
  type(store, { study: "nowhere" });
  await met(() => (store.state.notice?.problem.message ?? "").includes("nowhere"), "a name that nothing has is said");
  await met(() => store.state.page.study === null, "the address names it no longer");
  assert.equal(store.state.study.status, "ready");
});

test("where the engine is not there, an address that names nothing is offered what ships with the page", async (context) => {
  const text = await record();
  const answer = shipped(context);
  const store = createStore();
  const study = new StudyRunner(store, {
    spawn: () => assert.fail("a worker is made"),
    results: memory(),
    cores: 1,
    studies: new URL("http://localhost/"),
    save: () => undefined,
  });
  ends.push(() => study.close());
  store.send({ type: "engine", status: "failed", problem: problem("load-failed", "It is not there.") });
  store.send({
    type: "asked",
    fragment: { ...PAGE_DEFAULTS, tab: "report", study: "nowhere" },
    link: "",
    corrections: [],
  });
  await study.start();
  await answer("a", text);
  await met(() => store.state.study.reported !== null, "it is shown");
  assert.equal(store.state.page.study, "a");
  assert.match(store.state.notice?.problem.message ?? "", /nowhere/);
});

test("a file that was chosen before the engine was there gives way to the bench", async () => {
  const { store } = await stage();
  store.send({ type: "engine", status: "loading" });
  store.send({ type: "studyFile", text: studyFile("embed"), name: "x.json" });
  store.send({ type: "studyOfSandbox" });
  store.send({ type: "engine", status: "ready" });
  store.send({ type: "described", description: describe(LINK) });
  await settle();
  assert.deepEqual(shown(store), { variants: ["position"], named: null });
});

test("a fragment that names no study shows the link's again", async () => {
  const { store } = await stage();
  store.send({ type: "studyFile", text: studyFile("embed"), name: "x.json" });
  await met(() => store.state.page.study === "file", "the file is shown");
  store.send({ type: "described", description: describe(`${LINK}&seed=2`) });
  await settle();
  assert.deepEqual(shown(store), { variants: ["embed"], named: "file" }, "what the bench shows is another thing");
  type(store, { study: null });
  await met(() => store.state.study.from === "link", "the link is read");
  assert.deepEqual(shown(store), { variants: ["position"], named: null });
  type(store, { study: "file" });
  await met(() => store.state.study.from === "file", "and the file again");
  assert.deepEqual(shown(store), { variants: ["embed"], named: "file" });
});

test("a link that could not be read is read the next time", async () => {
  let failing = true;
  const asked = (/** @type {string} */ call) => {
    if (call === "studyOfLink" && failing) throw problem("internal", "Not now.");
  };
  const { store } = await stage({ script: { asked }, read: false, tab: "sandbox" });
  await met(() => store.state.notice?.problem.message === "Not now.", "it is said");
  failing = false;
  store.send({ type: "tab", tab: "study" });
  await until(store, "ready");
});

test("a stored description is not what the link asks for", async () => {
  const store = createStore();
  const study = new StudyRunner(store, {
    spawn: () => assert.fail("a worker is made"),
    results: memory(),
    cores: 1,
    studies: new URL("http://localhost/"),
    save: () => undefined,
  });
  ends.push(() => study.close());
  store.send({ type: "stored", record: { description: describe("v=1&p=repeat"), view: /** @type {any} */ (null) } });
  store.send({ type: "tab", tab: "study" });
  store.send({ type: "studyOfSandbox" });
  await settle();
  assert.deepEqual([store.state.study.sheet, store.state.notice, store.state.link], [null, null, ""]);
});

test("a record is shown for what it says of itself only until it is read", async () => {
  const text = await record();
  const { store } = await stage({ tab: "report" });
  let early = 0;
  store.follow(({ type }) => (early += type === "recorded" ? 1 : 0));
  store.send({ type: "studyFile", text, name: "mine.json" });
  await met(() => store.state.study.from === "file", "it is read");
  assert.equal(early, 0, "the engine was there");

  const asked = (/** @type {string} */ call) => {
    if (call === "readRecord") throw problem("bad-study", "It was tampered with.");
  };
  const other = (await stage({ tab: "report", script: { asked } })).store;
  other.send({ type: "engine", status: "loading" });
  other.send({ type: "studyFile", text, name: "mine.json" });
  await met(() => other.state.study.reported !== null, "it is shown");
  assert.equal(other.state.page.study, "file");
  other.send({ type: "engine", status: "ready" });
  await met(() => other.state.notice !== null, "it is refused");
  await met(
    () => other.state.study.from === "link" && other.state.study.sheet !== null,
    "the link's study is shown again",
  );
  assert.deepEqual([other.state.study.reported, other.state.page.study], [null, null]);
});

test("where nothing is stored a study runs all the same", async () => {
  /** @type {string[]} */
  const refused = [];
  const results = new ResultStore({
    factory: () => undefined,
    damaged: () => undefined,
    refused: ({ code }) => refused.push(code),
  });
  const { store } = await stage({ results });
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.deepEqual(refused, ["blocked-storage"]);
});

test("stored outcomes that the engine cannot use are set aside and run again, with a sentence", async () => {
  /** @type {string[]} */
  const damaged = [];
  const results = new ResultStore({
    factory: () => undefined,
    refused: () => undefined,
    damaged: ({ message }) => damaged.push(message),
  });
  const first = await stage({ results });
  const [entry] = first.store.state.study.schedule;
  first.study.close();
  await results.put("study", new Map([[entry?.id ?? "", JSON.stringify({ trial: entry?.id })]]), []);
  const { store } = await stage({ results });
  assert.match(damaged.join(), /it lacks its device/);
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.equal(damaged.length, 1);
  assert.match((await results.outcomes([entry?.id ?? ""])).get(entry?.id ?? "") ?? "", /fake engine/);
});

test("a study that cannot be opened can be discarded", async () => {
  let broken = true;
  const asked = (/** @type {string} */ call) => {
    if (call === "plan" && broken) throw problem("bad-study", "Its outcomes do not go together.");
  };
  const results = memory();
  const kept = new Map([["x", JSON.stringify({ trial: "x", device: "CPU" })]]);
  const { store } = await stage({ results, script: { asked }, read: false, tab: "sandbox" });
  await met(() => store.state.study.sheet !== null, "it is described");
  await results.put(store.state.study.sheet?.study?.hash ?? "", kept, []);
  store.send({ type: "tab", tab: "study" });
  await until(store, "failed");
  assert.equal(canDiscard(store.state), true);
  broken = false;
  store.send({ type: "studyDiscard" });
  await until(store, "ready");
});

test("a worker that dies while it loads is replaced, which is said, and the study comes to its end", async () => {
  let deaths = 0;
  const load = (/** @type {StudyWorker} */ worker) =>
    void (worker.asked("load").length > 0 && deaths++ === 0 && worker.die());
  const { store } = await stage({ script: { load }, read: false });
  await met(() => store.state.study.status === "ready", "it is opened");
  assert.match(store.state.notice?.problem.hint ?? "", /started again/);
  store.send({ type: "studyStart" });
  await until(store, "done");
});

/** A study on a machine with a graphics adapter. @param {Parameters<typeof stage>[0]} [given] */
async function withAdapter(given) {
  const staged = await stage(given);
  staged.store.send({ type: "probed", adapter: "a card", problem: null });
  return staged;
}

/** Devices that ran fleets. @param {StudyWorker[]} workers */
const devicesOf = (workers) => [
  ...new Set(workers.filter((one) => one.asked("fleet").length).map((one) => one.device)),
];

for (const [device, speed] of /** @type {const} */ ([
  ["webgpu", 1000],
  ["cpu", 300],
])) {
  test(`both devices are measured when a study is started, and the faster one computes it: ${device}`, async () => {
    // Two processors make 200 steps a second each.
    const script = { speed: (/** @type {string} */ one) => (one === "cpu" ? 200 : speed) };
    const { store, workers, fleets } = await withAdapter({ script });
    store.send({ type: "studyStart" });
    await until(store, "done");
    const { study } = store.state;
    assert.deepEqual(study.speeds, { cpu: 400, webgpu: speed });
    assert.equal(study.device, device);
    assert.deepEqual(devicesOf(workers), [device]);
    assert.ok(fleets().length > 0);
    assert.ok(workers.flatMap((one) => one.asked("benchmark")).some(({ steps }) => steps === 20));
  });
}

test("a study is not measured where one device was asked for, or is there", async () => {
  const there = await stage();
  const asked = await withAdapter();
  asked.store.send({ type: "studyDevice", device: "webgpu" });
  for (const { store } of [there, asked]) {
    store.send({ type: "studyStart" });
    await until(store, "done");
    assert.equal(store.state.study.speeds, null);
  }
  assert.deepEqual(devicesOf(there.workers), ["cpu"]);
  assert.deepEqual(devicesOf(asked.workers), ["webgpu"]);
});

test("a study goes on where it was begun", async () => {
  const results = memory();
  // WebGPU would be chosen if both were measured.
  const script = { speed: (/** @type {string} */ device) => (device === "cpu" ? 1 : 1000) };
  const first = await stage({ results, script });
  first.store.send({ type: "studyStart" });
  await met(() => first.store.state.study.done.size > 0, "something is found");
  first.store.send({ type: "studyPause" });
  first.study.close();
  const { store, workers } = await withAdapter({ results, script });
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.deepEqual(devicesOf(workers), ["cpu"]);
});

test("nothing runs on a device before one is chosen, however early a study is started", async () => {
  const script = { speed: (/** @type {string} */ device) => (device === "cpu" ? 1 : 1000) };
  const { store, workers } = await withAdapter({ script, tab: "sandbox" });
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.deepEqual(devicesOf(workers), ["webgpu"]);
});

test("a study whose graphics device is lost goes on with the processor, and loses nothing", async () => {
  let lost = 0;
  const script = {
    fleet: (/** @type {any} */ _, /** @type {StudyWorker} */ worker) =>
      void (worker.device === "webgpu" && worker.asked("fleet").length === 2 && lost++ === 0 && worker.loseDevice()),
  };
  const { store, workers } = await withAdapter({ script });
  store.send({ type: "studyDevice", device: "webgpu" });
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.equal(lost, 1);
  const { study, notice } = store.state;
  assert.deepEqual([study.device, study.wanted], ["cpu", "cpu"]);
  assert.equal(notice?.problem.code, "device-lost");
  assert.match(notice?.problem.hint ?? "", /goes on with the processor/);
  assert.deepEqual(devicesOf(workers).sort(), ["cpu", "webgpu"]);
  const finished = workers.find((one) => one.device === "webgpu")?.asked("fleet")[0].ids;
  const again = workers
    .filter((one) => one.device === "cpu")
    .flatMap((one) => one.asked("fleet").flatMap(({ ids }) => ids));
  assert.ok(
    finished.length > 0 && finished.every((/** @type {string} */ id) => !again.includes(id)),
    "it is not run again",
  );
});

test("a study is computed on the processor where the module of WebGPU cannot be loaded", async () => {
  const script = {
    load: (/** @type {StudyWorker} */ worker) => {
      if (worker.heard.at(-1)?.args.device === "webgpu")
        throw problem("load-failed", "The module gpu could not be loaded.");
    },
  };
  const { store, workers } = await withAdapter({ script });
  store.send({ type: "studyStart" });
  await until(store, "done");
  assert.deepEqual(devicesOf(workers), ["cpu"]);
  assert.match(store.state.notice?.problem.message ?? "", /could not be loaded/);
});
