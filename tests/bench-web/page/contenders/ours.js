/** Our module for the CPU: one worker, and so one core. */

import { train } from "../train.js";

export async function create(shape) {
  const module = await import("/dist/cpu.js");
  await module.default();
  return train(module, shape);
}
