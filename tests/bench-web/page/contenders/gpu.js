/** Our module for WebGPU. A device that is lost answers nothing any more, so that word of it ends whatever is waited for. */

import { watchDevices } from "/dist/app/device.js";
import { countKernels } from "../kernels.js";
import { train } from "../train.js";

export async function create(shape) {
  const kernels = countKernels();
  const lost = new Promise((_, reject) => {
    watchDevices(({ message }) => reject(new Error(message)));
  });
  const open = async () => {
    const module = await import("/dist/gpu.js");
    await module.default();
    await module.start_gpu();
    return train(module, shape);
  };
  const { step } = await Promise.race([open(), lost]);
  return { kernels, step: (n) => Promise.race([step(n), lost]) };
}
