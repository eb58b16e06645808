/** From samples of fleets to a table, with what is missing and what does not add up named. */

import { quantile } from "./report.mjs";

/** How far the losses of both may be apart, relative to the larger and at least to one: they sum in other orders. */
const TOLERANCE = 1e-4;
/** Characters of a reason that are shown; the graphics stack answers with whole backtraces. */
const REASON = 160;
const WAY_OUT = "The page chrome://gpu of this Chromium says why; what it needs can be given to it with --flag.";

export function summarise({ adapter, shape, fleets }, machine) {
  const problems = [];
  const rows = fleets.map(({ replicas, cpu, gpu }) => {
    const apart = gpu.losses.findIndex((loss, index) => !near(loss, cpu.losses[index] ?? loss));
    if (apart >= 0) {
      problems.push(
        `fleet of ${replicas}: WebGPU and the CPU do not train the same models: losses ${gpu.losses[apart]} and ${cpu.losses[apart]}`,
      );
    }
    return { replicas, gpu: timed(gpu), cpu: timed(cpu) };
  });
  if (adapter.error) problems.push(`no fleet was trained on WebGPU: ${adapter.error} ${WAY_OUT}`);
  else if (rows.every(({ gpu }) => gpu.median === null)) problems.push("no fleet was timed on WebGPU");
  return { machine, adapter, shape: shape.name, fleets: rows, problems };
}

/** The median and the fastest sample, the steps in all of them, and why they are missing or few. */
function timed({ samples, losses, kernels, error }) {
  const times = samples.map(({ milliseconds }) => milliseconds);
  return {
    median: times.length > 0 ? quantile(times, 0.5) : null,
    best: times.length > 0 ? Math.min(...times) : null,
    steps: samples.reduce((sum, sample) => sum + sample.steps, 0),
    kernels,
    loss: losses.at(-1) ?? null,
    error,
  };
}

/** A loss that is no number is near nothing. */
const near = (a, b) => Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));

/** The table people read. */
export function table({ machine, adapter, shape, fleets, problems }) {
  const lines = [
    `${machine.browser} on ${machine.cores} x ${machine.processor}, load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after`,
    `adapter: ${adapter.name ?? "none"}`,
  ];
  if (adapter.software)
    lines.push(
      "This adapter is a program on the processor: its times say nothing of a graphics card, only its kernels do.",
    );
  if (fleets.length > 0) {
    lines.push(`fleets of ${shape}`, "");
    lines.push(row(["replicas", "trainer", "ms/step", "best", "steps", "kernels/step", "loss"]));
    lines.push(row(["--------", "-------", "-------", "----", "-----", "------------", "----"]));
  }
  for (const { replicas, gpu, cpu } of fleets) {
    lines.push(trainer(replicas, adapter.software ? "WebGPU (software)" : "WebGPU", gpu));
    lines.push(trainer(replicas, "CPU, one core", cpu));
    if (!adapter.software && gpu.median && cpu.median)
      lines.push(`  WebGPU is ${(cpu.median / gpu.median).toPrecision(2)} times as fast as one core here`);
  }
  if (problems.length > 0) lines.push("", ...problems.map((problem) => `problem: ${problem}`));
  return lines.join("\n");
}

function trainer(replicas, label, { median, best, steps, kernels, loss, error }) {
  const why = error?.split("\n")[0].slice(0, REASON);
  if (median === null) return row([replicas, label, `missing: ${why}`]);
  const line = row([replicas, label, digits(median), digits(best), steps, kernels ?? "-", loss?.toFixed(3) ?? "-"]);
  return error ? `${line}  stopped: ${why}` : line;
}

/** Three digits, and all of a whole number. */
const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

const WIDTHS = [8, 18, 8, 8, 6, 13, 7];
const row = (cells) =>
  cells
    .map((cell, i) => (i === 1 ? cell.padEnd(WIDTHS[i]) : String(cell).padStart(WIDTHS[i])))
    .join(" ")
    .trimEnd();
