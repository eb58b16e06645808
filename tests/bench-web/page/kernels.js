/** Counts the GPU kernels that this worker starts. */

/** @returns {() => number} how many were started since */
export function countKernels() {
  let started = 0;
  for (const name of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"]) {
    const dispatch = GPUComputePassEncoder.prototype[name];
    GPUComputePassEncoder.prototype[name] = function counted(...size) {
      started += 1;
      return dispatch.apply(this, size);
    };
  }
  return () => started;
}
