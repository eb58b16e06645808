/** Our worker module, through the same `Run` the page uses. Only its address is the benchmark's. */

import { parameterCount } from "../shapes.js";

export async function create(shape) {
  const module = await import("/dist/cpu.js");
  await module.default();
  const { corrections, parameters } = await module.describe(shape.link);
  // A link that is corrected trains a smaller model than the peers', and would win by that.
  const corrected = corrections.map(({ path, given, used }) => `${path} was asked to be ${given} and is ${used}`);
  if (corrected.length > 0) throw new Error(`the link was corrected: ${corrected.join("; ")}`);
  if (parameters !== parameterCount(shape)) {
    throw new Error(`the model has ${parameters} parameters, the peers' has ${parameterCount(shape)}`);
  }
  const run = await module.Run.create([{ link: shape.link, remove: [] }]);
  return {
    /** @returns {Promise<number>} the loss of the last of `n` steps */
    async step(n) {
      const { losses } = await run.step(n);
      return losses[0];
    },
  };
}
