/** One of our worker modules, through the same `Run` the page uses. Only its address is the benchmark's. */

import { parameterCount } from "./shapes.js";

/**
 * @param {any} module  whose device is open
 * @param {import("./shapes.js").Shape | import("./shapes.js").Fleet} shape  the replicas of a fleet differ in their seeds
 */
export async function train(module, shape) {
  const { corrections, parameters } = await module.describe(shape.link);
  // A link that is corrected trains a smaller model than the peers', and would win by that.
  const corrected = corrections.map(({ path, given, used }) => `${path} was asked to be ${given} and is ${used}`);
  if (corrected.length > 0) throw new Error(`the link was corrected: ${corrected.join("; ")}`);
  if (parameters !== parameterCount(shape)) {
    throw new Error(`the model has ${parameters} parameters, the peers' has ${parameterCount(shape)}`);
  }
  const trials = Array.from({ length: shape.replicas ?? 1 }, (_, seed) => ({
    link: `${shape.link}&seed=${seed}`,
    remove: [],
  }));
  const run = await module.Run.create(trials);
  return {
    /** @returns {Promise<number>} the loss of the last of `n` steps, the mean over a fleet */
    async step(n) {
      const { losses } = await run.step(n);
      return losses.reduce((a, b) => a + b, 0) / losses.length;
    },
  };
}
