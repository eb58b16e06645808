/** From samples to medians, ratios and a table, with what does not add up named. */

import { flops } from "./page/shapes.js";

const LABELS = { ours: "ours", jax: "jax-js 0.1.25 (wasm, jit)", tfjs: "TensorFlow.js 4.22 (wasm)" };

/** The q-quantile of the sorted samples, linearly interpolated. */
export function quantile(samples, q) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
}

/** The mean of the first or last few losses, so that one lucky batch decides nothing. */
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

export function summarise({ peak, isolated, results }, machine) {
  const problems = [];
  const shapes = results.map(({ shape, contenders }) => {
    const operations = flops(shape);
    const rows = contenders.map(({ name, samples, losses, error }) => {
      if (error) {
        problems.push(`${shape.name}: ${name} failed: ${error.split("\n")[0]}`);
        return { name, label: LABELS[name] ?? name, error };
      }
      const median = quantile(samples, 0.5);
      const initialLoss = losses[0];
      const finalLoss = mean(losses.slice(-3));
      if (!(finalLoss < initialLoss))
        problems.push(`${shape.name}: ${name} does not learn: ${initialLoss} to ${finalLoss}`);
      const gflops = operations / median / 1e6;
      return {
        name,
        label: LABELS[name] ?? name,
        median,
        p95: quantile(samples, 0.95),
        best: Math.min(...samples),
        samples: samples.length,
        gflops,
        ofPeak: gflops / peak,
        initialLoss,
        finalLoss,
      };
    });
    const ours = rows.find((row) => row.name === "ours" && !row.error);
    for (const row of rows) row.ratio = ours && !row.error ? row.median / ours.median : null;
    const peers = rows.filter((row) => row.name !== "ours" && !row.error);
    const [first] = peers;
    for (const row of peers) {
      if (Math.abs(row.initialLoss - first.initialLoss) > 1e-3 * first.initialLoss) {
        problems.push(
          `${shape.name}: ${row.name} and ${first.name} do not train the same model: initial losses ${row.initialLoss} and ${first.initialLoss}`,
        );
      }
    }
    // Ours draws its own initial values and batches, so it agrees only roughly: the denoiser starts between 1.5 and 3.7, by seed.
    if (ours && first && Math.abs(Math.log(ours.initialLoss / first.initialLoss)) > Math.log(3)) {
      problems.push(`${shape.name}: ours starts at a loss of ${ours.initialLoss}, the peers at ${first.initialLoss}`);
    }
    const fastest = peers.length > 0 ? Math.min(...peers.map((row) => row.median)) : null;
    return { name: shape.name, flops: operations, rows, advantage: ours && fastest ? fastest / ours.median : null };
  });
  return { machine: { ...machine, isolated, peakGflops: peak }, shapes, problems };
}

/** The table people read. */
export function table({ machine, shapes, problems }) {
  const lines = [
    `${machine.browser} on ${machine.cores} x ${machine.processor}, ${machine.isolated ? "threads allowed" : "one thread each"}, ` +
      `load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after`,
    `SIMD peak of one core in this browser (multiply and add): ${machine.peakGflops.toFixed(1)} GFLOP/s`,
    "",
    row(["shape", "trainer", "ms/step", "p95", "best", "x ours", "GFLOP/s", "% peak", "loss"]),
    row(["-----", "-------", "-------", "---", "----", "------", "-------", "------", "----"]),
  ];
  for (const shape of shapes) {
    for (const r of shape.rows) {
      lines.push(
        r.error
          ? row([shape.name, r.label, "failed", "", "", "", "", "", ""])
          : row([
              shape.name,
              r.label,
              r.median.toPrecision(3),
              r.p95.toPrecision(3),
              r.best.toPrecision(3),
              r.ratio ? r.ratio.toFixed(2) : "-",
              r.gflops.toFixed(1),
              (100 * r.ofPeak).toFixed(0),
              `${r.initialLoss.toFixed(3)} to ${r.finalLoss.toFixed(3)}`,
            ]),
      );
    }
    if (shape.advantage) lines.push(`  ours is ${shape.advantage.toFixed(2)} times as fast as the fastest peer here`);
  }
  if (problems.length > 0) lines.push("", ...problems.map((problem) => `problem: ${problem}`));
  return lines.join("\n");
}

const WIDTHS = [32, 28, 8, 8, 8, 7, 8, 7, 16];
const row = (cells) =>
  cells
    .map((cell, i) => (i < 2 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i])))
    .join(" ")
    .trimEnd();
