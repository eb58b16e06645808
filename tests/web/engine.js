/**
 * The engine without the page: a worker that imports a built module and does what a test tells it.
 */

/** @typedef {{evaluate: (work: (given: any) => any, given?: any) => Promise<any>}} Page  a page of any driver */

/**
 * Runs `work` inside a module worker of the page, with the module `cpu`, `study` or `gpu` as its first argument and
 * `given` as its second.
 *
 * @template Given, Result
 * @param {Page} page
 * @param {"cpu"|"study"|"gpu"} name
 * @param {(engine: any, given: Given) => Promise<Result>} work  sees nothing but its arguments
 * @param {Given} given
 * @returns {Promise<Result>}
 */
export async function inEngine(page, name, work, given) {
  const base = await page.evaluate(() => location.href);
  const code = `
    const engine = await import(${JSON.stringify(new URL(`${name}.js`, base).href)});
    try {
      await engine.default();
      if (engine.start_gpu) await engine.start_gpu();
      const result = await (${work.toString()})(engine, ${JSON.stringify(given)});
      postMessage({ result });
    } catch (error) {
      postMessage({ error: error?.message ?? String(error) });
    }`;
  const answer = await page.evaluate(
    (source) =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), {
          type: "module",
        });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => resolve({ error: event.message });
      }),
    code,
  );
  if (answer.error) throw new Error(`${name}: ${answer.error}`);
  return answer.result;
}
