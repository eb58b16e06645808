/** One contender in one worker, as every contender runs: `create`, then timed chunks of steps on request. */

let contender;

const commands = {
  async create({ name, shape }) {
    const module = await import(`./contenders/${name}.js`);
    contender = await module.create(shape);
    return {};
  },

  /** Time per step in milliseconds, and the loss that was read at the end of the chunk. */
  async steps({ count }) {
    const start = performance.now();
    const loss = await contender.step(count);
    return { milliseconds: (performance.now() - start) / count, loss };
  },

  /** Peak single-precision throughput of this browser on one core, in GFLOP/s. */
  async probe() {
    const { instance } = await WebAssembly.instantiateStreaming(fetch("/probe.wasm"));
    const { burst, flops_per_iteration } = instance.exports;
    const iterations = 8_000_000; // about ten milliseconds, a hundred times the clock's resolution
    let best = 0;
    for (let i = 0; i < 25; i++) {
      const start = performance.now();
      burst(iterations);
      const seconds = (performance.now() - start) / 1000;
      best = Math.max(best, (iterations * flops_per_iteration.value) / seconds / 1e9);
    }
    return { gflops: best };
  },
};

self.onmessage = async ({ data: { id, command, options } }) => {
  try {
    self.postMessage({ id, result: await commands[command](options ?? {}) });
  } catch (error) {
    const text = error?.stack || [error?.code, error?.message ?? String(error), error?.hint].filter(Boolean).join(": ");
    self.postMessage({ id, error: text });
  }
};
