/** One contender in one worker, as every contender runs: `create`, then timed chunks of steps on request. */

let contender;

const commands = {
  async create({ name, shape }) {
    const module = await import(`./contenders/${name}.js`);
    contender = await module.create(shape);
    return {};
  },

  /**
   * Time per step in milliseconds, the loss that was read at the end of the chunk, and the GPU kernels that all of it
   * started, where a contender counts them.
   */
  async steps({ count }) {
    const started = contender.kernels ?? (() => null);
    const before = started();
    const start = performance.now();
    const loss = await contender.step(count);
    const milliseconds = (performance.now() - start) / count;
    return { milliseconds, loss, kernels: before === null ? null : started() - before };
  },

  /** The graphics adapter of a worker, by name, and whether it is a program; or why there is none to use. */
  async adapter() {
    const { probe } = await import("/dist/app/device.js");
    try {
      const { name, fallback } = await probe({ force: true });
      const { info } = await navigator.gpu.requestAdapter();
      return { name: info.description || name, software: fallback };
    } catch ({ message }) {
      return { error: message };
    }
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

// A module that panics, out of memory for example, says why on the console and leaves what is waited for unanswered.
let panic = "";
const logged = console.error;
console.error = (...parts) => {
  const [first = "", second = ""] = String(parts[0]).split("\n");
  if (first.startsWith("panicked at")) panic = `the module panicked: ${second}`;
  logged(...parts);
};
const die = (message) => self.postMessage({ died: panic || message });
self.addEventListener("error", (event) => {
  event.preventDefault();
  die(event.message);
});
self.addEventListener("unhandledrejection", ({ reason }) => die(reason?.message ?? String(reason)));
