/**
 * Runs the contenders of each shape in alternating order, one chunk of steps at a time, so that a slow moment of the
 * machine
 * hits all of them alike. Nothing runs while another contender is being timed.
 */

import { Lane } from "./lane.js";
import { SHAPES } from "./shapes.js";

/** How long every contender trains before it is timed. */
const WARM_SECONDS = 4;

async function probe() {
  const lane = new Lane();
  const { gflops } = await lane.call("probe");
  lane.close();
  return gflops;
}

/**
 * Trains until the browser has compiled all that runs often with its slower, better compiler: small shapes reach their
 * speed only after a second or two, however many steps that is.
 */
async function warmUp(lane, { chunk }) {
  const end = performance.now() + 1000 * WARM_SECONDS;
  while (performance.now() < end) await lane.call("steps", { count: chunk });
}

/**
 * @param {import("./shapes.js").Shape} shape
 * @param {string[]} names
 * @param {(text: string) => void} say
 */
async function measure(shape, names, rounds, say) {
  const entries = [];
  for (const name of names) {
    const entry = { name, lane: new Lane(), samples: [], losses: [], error: null };
    try {
      say(`${shape.name}: ${name} warms up (${WARM_SECONDS} s)`);
      await entry.lane.call("create", { name, shape });
      entry.losses.push((await entry.lane.call("steps", { count: 1 })).loss);
      await warmUp(entry.lane, shape);
    } catch (error) {
      entry.error = String(error.message ?? error);
      say(`${shape.name}: ${name} failed: ${entry.error}`);
    }
    entries.push(entry);
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + round) % entries.length];
      if (entry.error) continue;
      // The others have filled the caches with their own numbers: the first steps of a turn are slower, for every trainer.
      await entry.lane.call("steps", { count: shape.chunk });
      const { milliseconds, loss } = await entry.lane.call("steps", { count: shape.chunk });
      entry.samples.push(milliseconds);
      entry.losses.push(loss);
    }
  }
  for (const entry of entries) entry.lane.close();
  return entries.map(({ name, samples, losses, error }) => ({ name, samples, losses, error }));
}

/** Called by the driver. `rounds` scales every shape's number of rounds. */
globalThis.bench = async ({ contenders, shapes, scale }, say) => {
  const results = [];
  const peaks = [await probe()];
  for (const shape of SHAPES) {
    if (shapes.length > 0 && !shapes.some((part) => shape.name.includes(part))) continue;
    const rounds = Math.max(2, Math.round(shape.rounds * scale));
    say(`${shape.name}: ${rounds} rounds of ${shape.chunk} steps`);
    results.push({ shape, contenders: await measure(shape, contenders, rounds, say) });
    peaks.push(await probe());
  }
  return { peak: Math.max(...peaks), isolated: globalThis.crossOriginIsolated, results };
};
