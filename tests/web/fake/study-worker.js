/**
 * A worker in the same thread that answers what a study asks, with the fake engine, and that a test can stop, slow down
 * or kill.
 */

import { problem } from "../../../web/app/protocol.js";
import { study_of_file, study_of_link } from "./cpu.js";
import { Listener } from "./listener.js";
import { Lane, Origins, Study, readRecord } from "./studies.js";

/** @typedef {import("../../../web/app/protocol.js").Request} Request */
/**
 * @typedef {{fleet?: (args: any, worker: StudyWorker) => Promise<void>|void, asked?: (call: string) =>
 * Promise<void>|void, load?: (worker: StudyWorker) => void, speed?: (device: string) => number}} Script  what happens before a fleet, or
 * anything, is answered, and how many steps a second the worker is said to make
 */

export class StudyWorker extends Listener {
  /** @type {Study|null} */
  study = null;
  /** Whether the module of studies was loaded; no other knows what a study is. */
  loaded = false;
  held = false;
  /** @type {import("../../../web/app/protocol.js").DeviceName} */
  device = "cpu";
  /** Which of the workers of a test this is. */
  index = 0;
  /** @type {(() => void)[]} */
  waiting = [];

  /** @param {Script} [script] */
  constructor(script = {}) {
    super();
    this.script = script;
  }

  /** @param {Request} request */
  postMessage({ id, call, args }) {
    this.heard.push({ id, call, args });
    setTimeout(async () => {
      try {
        this.say({ id, value: (await this.answer(call, args)) ?? null });
      } catch (thrown) {
        this.say({ id, problem: thrown });
      }
    });
  }

  /** @param {string} call @param {any} args @returns {Promise<any>} */
  async answer(call, args) {
    if (call === "load") {
      this.script.load?.(this);
      this.loaded = args.study === true;
      this.device = args.device;
      return null;
    }
    await this.script.asked?.(call);
    if (!this.loaded) throw problem("internal", `${call} was asked of a worker without the module of studies.`);
    switch (call) {
      case "studyOfLink":
        return study_of_link(args.link);
      case "studyOfFile":
        return study_of_file(args.text);
      case "openStudy":
        this.study = Study.open(args.json);
        this.study.add(args.outcomes);
        return null;
      case "addOutcomes":
        return this.study?.add(args.outcomes);
      case "missing":
        return this.study?.missing();
      case "plan":
        return this.study?.plan(args.cores, args.device === "webgpu", args.running);
      case "report":
        return this.study?.report();
      case "record":
        return this.study?.record();
      case "readRecord":
        return readRecord(args.text);
      case "benchmark":
        return { updates: this.script.speed?.(this.device) ?? 200, took: 1000 };
      case "hold":
        this.held = args.on;
        if (!args.on) for (const go of this.waiting.splice(0)) go();
        return null;
      case "fleet":
        return this.fleet(args);
    }
  }

  /** @param {any} args */
  async fleet(args) {
    const origins = new Origins();
    for (const { id, bytes } of args.origins) origins.add(id, bytes);
    const lane = Lane.create(args.trials, origins);
    await this.script.fleet?.(args, this);
    if (this.held) await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    this.say({ news: "lane", done: 1, total: 2 });
    await lane.step(1000);
    const finished = await lane.finish();
    return {
      outcomes: finished.outcomes(),
      weights: args.keep.map((/** @type {string} */ id) => ({ id, bytes: finished.weights() })),
      updates: 40 * args.ids.length,
      took: 100,
    };
  }

  /** Its graphics device is gone. */
  loseDevice() {
    this.say({ news: "lost", problem: problem("device-lost", "The graphics device was lost.") });
  }

  /** @param {string} [why] */
  die(why = "unreachable") {
    this.say({ news: "died", problem: problem("worker-died", `The worker stopped: ${why}.`) });
  }
}
