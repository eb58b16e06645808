/**
 * Whether training diverged. A model that diverged has a loss, and a difference of such losses reads like a result.
 */

/** @typedef {import("./generated/protocol.js").BenchProgress} Progress */

/** A training loss so many times that of the constant predictor is that of no model that still learns. */
const FAR = 10;

/**
 * Which arms each phase trains. Without a search of its own, the model that is retrained is another arm.
 *
 * @param {boolean} searching
 * @returns {Record<string, string[]>}
 */
const trains = (searching) => ({
  reference: ["reference"],
  recovery: ["recovered", "sham"],
  short_retrain: ["short-retrain"],
  retrained: [searching ? "retrained" : "retrained-untuned"],
});

/**
 * The first arm whose training diverged, and the step of its phase at which that was seen. What is fine-tuned after an
 * ablation begins as far off as the ablation threw it, so for it only a loss that is no number counts.
 *
 * While several learning rates are tried side by side, the loss that is given is that of one of them, and that it
 * diverges says nothing of the others. So such an arm is judged once its phase is over and its best rate is chosen.
 *
 * @param {Progress|null} progress
 * @param {number|null} constant  loss of the constant predictor
 * @param {boolean} searching  whether reference and retrained model try several learning rates
 * @returns {import("./headline.js").Diverged|null}
 */
export function divergence(progress, constant, searching) {
  for (const [phase, arms] of Object.entries(trains(searching))) {
    const [step, of] = progress?.steps[phase] ?? [0, 0];
    const searched = searching && phase !== "recovery";
    if (step === 0 || (searched && step < of)) continue;
    for (const arm of arms) {
      const loss = progress?.losses[arm];
      if (loss === undefined) continue;
      const far = arm !== "recovered" && constant !== null && loss !== null && loss > FAR * constant;
      if (loss === null || far) return { arm, step, ...(searched ? { searched } : {}) };
    }
  }
  return null;
}
