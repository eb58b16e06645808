/**
 * Whether training diverged. A model that diverged has a loss, and a difference of such losses reads like a result.
 */

/** @typedef {import("./generated/protocol.js").BenchProgress} Progress */

/** A training loss so many times that of the constant predictor is that of no model that still learns. */
const FAR = 10;

/** Which arms each phase trains. @type {Record<string, string[]>} */
const TRAINS = { reference: ["reference"], recovery: ["recovered", "sham"], retrained: ["retrained"] };

/**
 * The first arm whose training diverged, and the step of its phase at which that was seen. What is fine-tuned after an
 * ablation begins as far off as the ablation threw it, so for it only a loss that is no number counts.
 *
 * @param {Progress|null} progress
 * @param {number|null} constant  loss of the constant predictor
 * @returns {{arm: string, step: number}|null}
 */
export function divergence(progress, constant) {
  for (const [phase, arms] of Object.entries(TRAINS)) {
    const step = progress?.steps[phase]?.[0] ?? 0;
    if (step === 0) continue;
    for (const arm of arms) {
      const loss = progress?.losses[arm];
      if (loss === undefined) continue;
      const far = arm !== "recovered" && constant !== null && loss !== null && loss > FAR * constant;
      if (loss === null || far) return { arm, step };
    }
  }
  return null;
}
