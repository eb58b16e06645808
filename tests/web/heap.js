/** Memory of a page of Chromium, after everything that nobody refers to was collected. */

import { readFile } from "node:fs/promises";

/** @typedef {import("playwright-core").Page} Page */

/** Bytes that the objects of a page take up. @param {Page} page */
export async function heap(page) {
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("HeapProfiler.enable");
  await protocol.send("HeapProfiler.collectGarbage");
  const { usedSize } = await protocol.send("Runtime.getHeapUsage");
  await protocol.detach();
  return usedSize;
}

/**
 * Bytes that the processes of the browser's pages take up, their workers and WebAssembly included; `null` where the
 * system does not say.
 *
 * @param {import("playwright-core").Browser} browser
 */
export async function resident(browser) {
  const protocol = await browser.newBrowserCDPSession();
  const { processInfo } = await protocol.send("SystemInfo.getProcessInfo");
  await protocol.detach();
  let pages = 0;
  for (const { id, type } of processInfo) {
    if (type !== "renderer") continue;
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    const size = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
    if (size === undefined) return null;
    pages += 1024 * Number(size);
  }
  return pages;
}
