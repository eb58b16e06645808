/**
 * Trains fleets of one shape by our modules for WebGPU and for the CPU, in alternating order, one chunk of steps at a
 * time. Both train the same models, which the losses of the first steps show.
 */

import { Lane } from "./lane.js";
import { SHAPES } from "./shapes.js";

/** How long both train before they are timed, where the steps that kernels are counted with are over sooner. */
const WARM_SECONDS = 4;
/** A chunk takes about so long, where that is no more steps than the shape's own. */
const CHUNK_MILLISECONDS = 1000;
/** The first chunks, in steps. The first compiles kernels; those of the other two differ by one step's. */
const OPENING = [1, 1, 2];

const [SHAPE] = SHAPES;

/** A fleet's time was up before an answer came. */
class Late extends Error {}

/** One trainer of a fleet. Its time is up at `end`, in the milliseconds of `performance.now()`. */
class Trainer {
  #lane = new Lane();
  #name;
  #chunk = 1;
  /** The latest chunk of those before any round; it is timed where the time is up before a round is over. */
  #before = null;
  /** Milliseconds a step and steps, of each round. */
  #rounds = [];
  #losses = [];
  #kernels = null;
  #error = null;

  constructor(name) {
    this.#name = name;
  }

  /** Makes the first steps, and as many more as it takes until everything runs at its speed. */
  async open(replicas, end) {
    const warm = performance.now() + 1000 * WARM_SECONDS;
    await this.#call("create", { name: this.#name, shape: { ...SHAPE, replicas } }, end);
    const kernels = [];
    for (const [index, count] of OPENING.entries()) {
      const chunk = await this.#steps(count, end);
      this.#losses.push(chunk.loss);
      kernels.push(chunk.kernels);
      if (index > 0) this.#before = chunk;
    }
    const [, one, two] = kernels;
    if (one !== null) this.#kernels = two - one;
    this.#chunk = Math.max(1, Math.min(SHAPE.chunk, Math.floor(CHUNK_MILLISECONDS / this.#before.milliseconds)));
    while (performance.now() < warm) this.#before = await this.#steps(this.#chunk, end);
  }

  async round(end) {
    this.#rounds.push(await this.#steps(this.#chunk, end));
  }

  /** Does some of the work, unless something failed before. @param {() => Promise<void>} work */
  async attempt(work) {
    if (this.#error) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Late)) this.#error = error.message;
    }
  }

  close() {
    this.#lane.close();
    const rounds = this.#rounds.length > 0 || !this.#before ? this.#rounds : [this.#before];
    const samples = rounds.map(({ milliseconds, steps }) => ({ milliseconds, steps }));
    const late = samples.length > 0 ? null : "its time was up before a step was timed; --seconds gives it more";
    return { samples, losses: this.#losses, kernels: this.#kernels, error: this.#error ?? late };
  }

  async #steps(count, end) {
    return { ...(await this.#call("steps", { count }, end)), steps: count };
  }

  async #call(command, options, end) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Late()), Math.max(0, end - performance.now()));
    });
    try {
      return await Promise.race([this.#lane.call(command, options), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * @param {number} replicas
 * @param {{rounds: number, seconds: number}} limits
 * @param {(text: string) => void} say
 */
async function measure(replicas, { rounds, seconds }, say) {
  const end = performance.now() + 1000 * seconds;
  const cpu = new Trainer("ours");
  const gpu = new Trainer("gpu");
  for (const [trainer, device] of [
    [cpu, "the CPU"],
    [gpu, "WebGPU"],
  ]) {
    say(`fleet of ${replicas}: warms up on ${device}`);
    await trainer.attempt(() => trainer.open(replicas, end));
  }
  say(`fleet of ${replicas}: at most ${rounds} rounds`);
  for (let round = 0; round < rounds && performance.now() < end; round++) {
    const turns = round % 2 === 0 ? [cpu, gpu] : [gpu, cpu];
    for (const trainer of turns) await trainer.attempt(() => trainer.round(end));
  }
  return { replicas, cpu: cpu.close(), gpu: gpu.close() };
}

/** Called by the driver. */
globalThis.bench = async ({ fleets, rounds, seconds }, say) => {
  const lane = new Lane();
  const adapter = await lane.call("adapter");
  lane.close();
  if (adapter.error) return { adapter, shape: SHAPE, fleets: [] };
  const measured = [];
  for (const replicas of fleets) measured.push(await measure(replicas, { rounds, seconds }, say));
  return { adapter, shape: SHAPE, fleets: measured };
};
