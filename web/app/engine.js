/**
 * One WebAssembly module and, once opened, one bench or one study; or it runs fleets of a study, one after the other.
 * It is served in a worker (`worker.js`) or, where workers are blocked, in the page itself (`in-page.js`).
 *
 * The only file that imports the WebAssembly glue. Training is pulled in slices; between slices messages are looked at,
 * so that pausing is not asking for the next slice.
 */

import { problem, toProblem } from "./protocol.js";
import { lostDevice, probe, watchDevices } from "./device.js";
import { AID, FOLDER, hasEngine, readFile } from "./files.js";
import { done as stepsDone, nextStride } from "./pace.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").CallName} CallName */
/** @typedef {import("./generated/protocol.js").Ablation} Ablation */
/** @typedef {import("./protocol.js").News} News */
/** @typedef {import("./generated/protocol.js").BenchProgress} Progress */
/**
 * The surface of the modules.
 *
 * @typedef {object} Bench
 * @property {(ablation: Ablation|null) => void} choose
 * @property {(steps: number) => Promise<Progress>} step
 * @property {() => Promise<import("./generated/protocol.js").View>} view
 * @property {() => Promise<Uint8Array>} checkpoint
 * @property {() => void} free
 */
/**
 * @typedef {object} Lane
 * @property {(steps: number) => Promise<{done: number, total: number, losses: (number|null)[]}>} step
 * @property {() => Promise<{outcomes(): string[], weights(index: number): Uint8Array|undefined, free(): void}>} finish
 *   ends the lane
 * @property {() => void} free
 */
/**
 * @typedef {object} Study
 * @property {(outcomes: string[]) => import("./generated/protocol.js").RefusedOutcome[]} add
 * @property {() => string[]} missing
 * @property {(cores: number, gpu: boolean, running: string[]) => import("./generated/protocol.js").Plan} plan
 * @property {() => import("./generated/protocol.js").StudyReport} report
 * @property {() => string} record
 * @property {() => void} free
 */
/**
 * @typedef {object} Effects
 * @property {(operator: string) => Promise<import("./generated/protocol.js").Figure>} measure
 * @property {(steps: number) => Promise<{done: number, total: number}>} step
 * @property {() => import("./generated/protocol.js").Figure|null} heads
 * @property {(operator: string, components: string[]) => Promise<import("./generated/protocol.js").Together>} together
 * @property {() => void} free
 */
/** @typedef {{add(id: string, weights: Uint8Array): void, free(): void}} Origins */
/**
 * @typedef {object} Engine
 * @property {() => Promise<unknown>} default
 * @property {() => Promise<void>} [start_gpu]
 * @property {() => import("./generated/protocol.js").Catalog} catalog
 * @property {(link: string) => import("./generated/protocol.js").Description} describe
 * @property {{create(link: string): Promise<Bench>, restore(bytes: Uint8Array): Promise<Bench>}} Bench
 * @property {{restore(bytes: Uint8Array): Promise<Effects>}} Effects
 * @property {(link: string) => import("./generated/protocol.js").Sheet} study_of_link
 * @property {(file: string) => import("./generated/protocol.js").Sheet} study_of_file
 * @property {(record: string) => {sheet: import("./generated/protocol.js").Sheet, outcomes: string[]}} study_of_record
 * @property {{open(json: string): Study}} Study
 * @property {{create(trials: string, origins: Origins): Lane}} Lane
 * @property {new () => Origins} Origins
 * @property {(bytes: Uint8Array) => string} add_corpus
 * @property {(text: Uint8Array, size: number) => string} [encode]  of the module `tokens`, which has nothing else
 */

/**
 * Where an engine is served.
 *
 * @typedef {object} Place
 * @property {(message: unknown, transfer?: Transferable[]) => void} say  to the page
 * @property {() => void} close  ends it, because nothing after a trap can be trusted
 * @property {() => Promise<unknown>} rest  a turn of the event loop, between two slices
 * @property {(name: string) => Promise<unknown>} load  an engine's module, ready to be called
 * @property {number} slice  milliseconds that a slice of training aims at
 * @property {number} drawEvery  milliseconds between two drawings of a run
 * @property {number} saveEvery  milliseconds between two checkpoints of a run
 */

/** Steps that are made before others are timed: the first ones compile what the others only run. */
const WARM_UP = 3;
const CLOSED = problem("internal", "This engine was ended before it was done.");

/**
 * An engine that hears requests and says answers and news.
 *
 * @param {Place} place
 */
export function serveEngine({ say, close, rest, load, slice: aim, drawEvery, saveEvery }) {
  /** Whether nobody listens any more. */
  let ended = false;
  /** @type {Engine|null} */
  let engine = null;
  /** @type {Bench|null} */
  let bench = null;
  /** @type {Effects|null} */
  let effects = null;
  /** @type {Study|null} */
  let study = null;
  /** Lets a fleet go on that is held; `null` while nothing is. @type {(() => void)|null} */
  let release = null;
  /** Settled once nothing is held. @type {Promise<void>} */
  let held = Promise.resolve();
  /**
   * The run that is being trained, or 0; runs are numbered so that one that was paused cannot wake beside its
   * successor.
   */
  let playing = 0;
  let plays = 0;
  /** What touches the bench waits here in line: the glue refuses two calls on one object at a time. */
  let line = Promise.resolve();

  /** @param {News} news @param {Transferable[]} [transfer] */
  function send(news, transfer = []) {
    say(news, transfer);
  }

  /**
   * @template T
   * @param {() => T|Promise<T>} work
   * @returns {Promise<T>}
   */
  function inTurn(work) {
    const result = line.then(work);
    line = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  function loaded() {
    if (!engine) throw problem("internal", "The worker was asked to work before its module was loaded.");
    return engine;
  }

  function opened() {
    if (!bench) throw problem("internal", "The worker was asked to train before a bench was opened.");
    return bench;
  }

  /** @param {"cpu"|"study"|"gpu"|"tokens"} file */
  async function importEngine(file) {
    refuseMissing(file);
    try {
      return /** @type {Engine} */ (await load(file));
    } catch (error) {
      if (toProblem(error).code === "not-included") throw error;
      if (await isBeingBuilt(file)) {
        throw problem(
          "module-building",
          `The module ${file} is still being built.`,
          "The page uses it as soon as it is there. Until then the sandbox trains on the CPU.",
        );
      }
      throw problem(
        "load-failed",
        `The module ${file} could not be loaded: ${toProblem(error).message}`,
        `${AID} Stored results stay readable.`,
      );
    }
  }

  /** @param {string} file */
  function refuseMissing(file) {
    if (hasEngine(file)) return;
    const message = `The module ${file} is not in this file.`;
    const otherwise = file === "tokens" ? "Give an encoded text" : "Train on the CPU";
    throw problem("not-included", message, `${otherwise}, or open the page on its site.`);
  }

  /**
   * Whether a server that builds while it serves (`cargo xtask serve`) does not have a file yet.
   *
   * @param {string} file
   */
  async function isBeingBuilt(file) {
    const answer = await readFile(new URL(`${file}.js`, FOLDER), { method: "HEAD", cache: "no-store" });
    return answer?.status === 503;
  }

  async function draw() {
    const view = await inTurn(() => opened().view());
    send({ news: "view", view });
  }

  /** @param {number} steps */
  async function save(steps) {
    const bytes = await inTurn(() => opened().checkpoint());
    send({ news: "checkpoint", bytes, steps }, [bytes.buffer]);
  }

  /** @param {number} steps */
  async function slice(steps) {
    const begun = performance.now();
    const progress = await inTurn(() => opened().step(steps));
    const took = performance.now() - begun;
    send({ news: "progress", progress, steps, took });
    return { progress, took };
  }

  /** @param {number} run */
  async function train(run) {
    const mine = opened();
    let stride = 1;
    let drawAt = 0;
    let saveAt = performance.now() + saveEvery;
    let finished = false;
    let steps = 0;
    const current = () => playing === run && bench === mine;
    while (current() && !finished && !ended) {
      const { progress, took } = await slice(stride);
      stride = nextStride(stride, took, aim);
      finished = progress.phase === "done";
      steps = stepsDone(progress);
      const now = performance.now();
      // A view evaluates models and a checkpoint reads a device: when one is slow, it is asked for less often.
      if (now >= drawAt && !finished) drawAt = performance.now() + Math.max(drawEvery, 4 * (await timed(draw)));
      if (now >= saveAt && !finished)
        saveAt = performance.now() + Math.max(saveEvery, 10 * (await timed(() => save(steps))));
      await rest();
    }
    if (bench !== mine) return;
    if (playing === run) playing = 0;
    await draw();
    await save(steps);
    // A run that was started in the meantime reports its own end.
    if (!playing) send({ news: "stopped", done: finished, problem: null });
  }

  /** @param {() => Promise<void>} work @returns {Promise<number>} milliseconds */
  async function timed(work) {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  }

  function openedStudy() {
    if (!study) throw problem("internal", "The worker was asked about a study before one was opened.");
    return study;
  }

  /** The texts that the module has. @type {Set<string>} */
  const texts = new Set();

  /** Hands over the texts that what follows reads. @param {import("./protocol.js").Text[]} [given] */
  function keepTexts(given = []) {
    for (const { sha256, bytes } of given) {
      if (!texts.has(sha256)) loaded().add_corpus(bytes);
      texts.add(sha256);
    }
  }

  /** @param {string} trials @param {import("./protocol.js").Weights[]} weights */
  function createLane(trials, weights) {
    const { Lane, Origins } = loaded();
    const origins = new Origins();
    try {
      for (const { id, bytes } of weights) origins.add(id, bytes);
      return Lane.create(trials, origins);
    } finally {
      origins.free();
    }
  }

  /**
   * Gives back a lane that is not finished. After a trap nothing can be, and the trap is what is told.
   *
   * @param {Lane} lane
   */
  function discard(lane) {
    try {
      lane.free();
    } catch {
      // The memory goes with the module.
    }
  }

  /**
   * Trains a fleet and measures it. Between slices it looks at its messages, and stands still while it is held.
   *
   * @param {Calls["fleet"]["args"]} fleet
   * @returns {Promise<Calls["fleet"]["value"]>}
   */
  async function runFleet({ trials, ids, origins, keep, texts }) {
    keepTexts(texts);
    const lane = createLane(trials, origins);
    let [stride, took, toldAt] = [1, 0, 0];
    /** @type {number} */
    let due;
    try {
      for (;;) {
        await held;
        if (ended) throw CLOSED;
        const begun = performance.now();
        const { done, total } = await lane.step(stride);
        const time = performance.now() - begun;
        took += time;
        stride = nextStride(stride, time, aim);
        due = total;
        if (done >= total) break;
        if (performance.now() >= toldAt) {
          send({ news: "lane", done, total });
          toldAt = performance.now() + drawEvery;
        }
        await rest();
      }
    } catch (error) {
      discard(lane);
      throw error;
    }
    const begun = performance.now();
    const finished = await lane.finish();
    took += performance.now() - begun;
    const outcomes = finished.outcomes();
    const weights = ids.flatMap((id, index) => {
      const bytes = keep.includes(id) ? finished.weights(index) : undefined;
      return bytes ? [{ id, bytes }] : [];
    });
    finished.free();
    return { outcomes, weights, updates: due * ids.length, took };
  }

  /**
   * How fast a lane trains, by as much of it as fits into a time.
   *
   * @param {Lane} lane
   * @param {number} replicas
   * @param {number} time  milliseconds
   * @param {number} most  steps
   */
  async function measured(lane, replicas, time, most) {
    // The first update makes what all others use again.
    await lane.step(1);
    const end = performance.now() + time;
    let [stride, took, steps] = [1, 0, 0];
    while (performance.now() < end && steps < most && !ended) {
      const begun = performance.now();
      const { done, total } = await lane.step(stride);
      const slice = performance.now() - begun;
      took += slice;
      steps = done - 1;
      const fits = Math.min(most - steps, Math.floor((time - took) / (slice / stride)));
      stride = Math.min(nextStride(stride, slice, aim), Math.max(1, fits));
      if (done >= total) break;
      await rest();
    }
    return { updates: steps * replicas, took };
  }

  /** @type {{[Name in CallName]: (args: Calls[Name]["args"]) => Calls[Name]["value"]|Promise<Calls[Name]["value"]>}} */
  const answers = {
    probe({ force }) {
      refuseMissing("gpu");
      return probe({ force });
    },

    async load({ device, force, study, tokens }) {
      if (device === "webgpu") {
        await probe({ force });
        watchDevices((lost) => send({ news: "lost", problem: lost }));
      }
      const module = await importEngine(device === "webgpu" ? "gpu" : tokens ? "tokens" : study ? "study" : "cpu");
      if (device === "webgpu") await module.start_gpu?.();
      engine = module;
      texts.clear();
      return null;
    },

    catalog: () => loaded().catalog(),

    describe({ link, texts }) {
      keepTexts(texts);
      return loaded().describe(link);
    },

    async open({ link, ablation, bytes, texts }) {
      playing = 0;
      keepTexts(texts);
      const { Bench } = loaded();
      await inTurn(async () => {
        bench?.free();
        bench = null;
        bench = bytes ? await Bench.restore(bytes) : await Bench.create(link);
        // The link may hold another ablation than the one that was chosen since; choosing what is chosen changes
        // nothing.
        bench.choose(ablation);
      });
      return null;
    },

    async choose({ ablation }) {
      await inTurn(() => opened().choose(ablation));
      await draw();
      return null;
    },

    async advance({ steps }) {
      const { progress } = await slice(steps);
      await draw();
      if (progress.phase === "done") send({ news: "stopped", done: true, problem: null });
      return null;
    },

    async time({ steps, limit }) {
      const mine = opened();
      let [made, took] = [0, 0];
      for (let step = -WARM_UP; step < steps && took < limit && !ended; step += 1) {
        const begun = performance.now();
        const { phase } = await inTurn(() => mine.step(1));
        if (phase === "done") break;
        if (step >= 0) [made, took] = [made + 1, took + performance.now() - begun];
        await rest();
      }
      return { made, took };
    },

    checkpoint: () => inTurn(() => opened().checkpoint()),

    async effects({ bytes, operator, texts }) {
      keepTexts(texts);
      effects?.free();
      effects = null;
      const opened = await loaded().Effects.restore(bytes);
      effects = opened;
      return { bars: await opened.measure(operator), heads: opened.heads() };
    },

    async together({ bytes, operator, components, texts }) {
      keepTexts(texts);
      const opened = await loaded().Effects.restore(bytes);
      try {
        return await opened.together(operator, components);
      } finally {
        opened.free();
      }
    },

    async retrainHeads() {
      const mine = effects;
      if (!mine) throw problem("internal", "The worker was asked about heads before effects were measured.");
      let stride = 1;
      for (let going = true; going && !ended;) {
        const begun = performance.now();
        const { done, total } = await mine.step(stride);
        stride = nextStride(stride, performance.now() - begun, aim);
        send({ news: "lane", done, total });
        going = done < total;
        await rest();
      }
      return mine.heads();
    },

    play() {
      if (playing) return null;
      playing = ++plays;
      train(playing).catch((error) => {
        playing = 0;
        fail(error);
      });
      return null;
    },

    pause() {
      playing = 0;
      return null;
    },

    studyOfLink: ({ link }) => loaded().study_of_link(link),

    studyOfFile: ({ text }) => loaded().study_of_file(text),

    readRecord: ({ text }) => loaded().study_of_record(text),

    openStudy({ json, outcomes }) {
      study?.free();
      study = null;
      study = loaded().Study.open(json);
      study.add(outcomes);
      return null;
    },

    addOutcomes: ({ outcomes }) => openedStudy().add(outcomes) ?? [],

    missing: () => openedStudy().missing(),

    plan: ({ cores, device, running }) => openedStudy().plan(cores, device === "webgpu", running),

    report: () => openedStudy().report(),

    record: () => openedStudy().record(),

    fleet: (fleet) => runFleet(fleet),

    async benchmark({ trials, time, steps, texts }) {
      keepTexts(texts);
      const lane = createLane(trials, []);
      const replicas = JSON.parse(trials).length;
      try {
        return await measured(lane, replicas, time, steps);
      } finally {
        discard(lane);
      }
    },

    encode({ text, size }) {
      const { encode } = loaded();
      if (!encode) throw problem("internal", "The worker was asked to encode a text by a module that cannot.");
      return encode(text, size);
    },

    hold({ on }) {
      if (on && !release) held = new Promise((resolve) => (release = resolve));
      if (!on) {
        release?.();
        release = null;
      }
      return null;
    },
  };

  /**
   * What ended training: a problem is reported and the worker lives on; a trap of the module ends it, because nothing
   * after it can be trusted. A device can be found gone by a call that fails before its own message arrives, so both
   * are reported alike.
   *
   * @param {unknown} error
   */
  function fail(error) {
    const failure = toProblem(error);
    if (!gone(failure)) send({ news: "stopped", done: false, problem: failure });
  }

  /**
   * Tells that the bench is gone, if that is what a problem says.
   *
   * @param {import("./protocol.js").Problem} failure
   * @returns {boolean}
   */
  function gone(failure) {
    if (failure.code === "worker-died") die(failure);
    else if (failure.code === "device-lost") send({ news: "lost", problem: lostDevice(failure.message) });
    else return false;
    return true;
  }

  /** @param {import("./protocol.js").Problem} failure */
  function die(failure) {
    send({ news: "died", problem: failure });
    close();
  }

  return {
    /** @param {import("./protocol.js").Request} request */
    async hear({ id, call, args }) {
      try {
        const value = await /** @type {(args: any) => unknown} */ (answers[call])(args);
        if (!ended) say({ id, value });
      } catch (error) {
        if (ended) return;
        const failure = toProblem(error);
        say({ id, problem: failure });
        gone(failure);
      }
    },
    fail,
    die,
    /** Stops at the next slice and gives back what was opened. */
    end() {
      ended = true;
      playing = 0;
      // A fleet that is held sees it, too.
      release?.();
      void inTurn(() => {
        bench?.free();
        study?.free();
        effects?.free();
        bench = study = effects = null;
      });
    },
  };
}
