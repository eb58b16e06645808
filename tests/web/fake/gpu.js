/** The fake engine on WebGPU: it asks for a device, as the real one does, and then does not use it. */

export * from "./cpu.js";
export { default } from "./cpu.js";

export async function start_gpu() {
  const adapter = await /** @type {any} */ (navigator).gpu.requestAdapter();
  await adapter.requestDevice();
}
