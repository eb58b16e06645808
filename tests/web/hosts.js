/**
 * Pages that have the sandbox in a frame, on an origin of their own: the sandbox is served on 127.0.0.1 and its hosts on
 * localhost, which are two sites to a browser.
 */

import assert from "node:assert/strict";
import { serve } from "./serve.js";
import { dist } from "./browser.js";

/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Frame} Frame */

/** The frame of section 4.2, as the page itself writes it. */
export const IFRAME =
  'sandbox="allow-scripts allow-same-origin allow-downloads allow-popups" allow="fullscreen; clipboard-write"';

/** Keeps what frames say to a host, with what says who said it. */
const EARS = `
  window.heard = [];
  addEventListener("message", ({ data, origin, source }) => {
    const frames = [...document.querySelectorAll("iframe")];
    window.heard.push({ data, origin, from: frames.findIndex((one) => one.contentWindow === source) });
  });
  window.say = (message, frame = 0) =>
    document.querySelectorAll("iframe")[frame].contentWindow.postMessage(message, "*");`;

/**
 * @typedef {object} Open
 * @property {Page} page
 * @property {string} embed  address of `embed.html`
 * @property {string} base
 * @property {string[]} requests
 * @property {string[]} errors
 * @property {(name: string, least?: number) => Promise<any[]>} heard  the messages of a type, once there are so many
 * @property {(name: string, fields?: object) => Promise<void>} say
 * @property {(index?: number) => Promise<Frame>} frame
 * @property {() => Promise<void>} close
 */

/**
 * Opens a host page. In its text, EMBED stands for the address of `embed.html` and BASE for the folder of the sandbox.
 *
 * @param {Browser} browser
 * @param {string} body
 * @param {object} [options]
 * @param {Record<string, string>} [options.headers]  of the host
 * @param {Record<string, string>} [options.served]  headers of the sandbox
 * @param {import("./serve.js").Override} [options.override]  of the sandbox
 * @param {string} [options.prefix]
 * @param {import("playwright-core").BrowserContextOptions} [options.context]
 * @param {string} [options.init]  a script that runs before those of every page and frame
 * @param {boolean} [options.throws]  whether the host or its frames may throw
 * @returns {Promise<Open>}
 */
export async function host(browser, body, { headers, served, override, prefix, context, init, throws = false } = {}) {
  const sandbox = await serve(dist(), { prefix, override, headers: served });
  const text = `<!doctype html><meta charset="utf-8"><title>host</title><script src="/ears.js"></script>${body}`;
  const page_ = text.replaceAll("EMBED", `${sandbox.url}embed.html`).replaceAll("BASE", sandbox.url);
  const around = await serve(dist(), { override: (path) => (path === "/ears.js" ? EARS : page_), headers });
  const session = await browser.newContext({
    viewport: { width: 900, height: 800 },
    serviceWorkers: "block",
    ...context,
  });
  const page = await session.newPage();
  /** @type {string[]} */
  const errors = [];
  /** @type {string[]} */
  const requests = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  if (init) await page.addInitScript(init);
  await page.goto(around.url.replace("127.0.0.1", "localhost"));
  const type = (/** @type {string} */ name) => `ablation-sandbox:${name}`;
  return {
    page,
    embed: `${sandbox.url}embed.html`,
    base: sandbox.url,
    requests,
    errors,
    async heard(name, least = 1) {
      await page.waitForFunction(
        ([wanted, count]) =>
          /** @type {any} */ (window).heard.filter((/** @type {any} */ { data }) => data?.type === wanted).length >=
          count,
        /** @type {[string, number]} */ ([type(name), least]),
        { timeout: 60_000 },
      );
      return page.evaluate(
        (wanted) => /** @type {any} */ (window).heard.filter((/** @type {any} */ { data }) => data?.type === wanted),
        type(name),
      );
    },
    async say(name, fields = {}) {
      await page.evaluate((message) => /** @type {any} */ (window).say(message), { ...fields, type: type(name), v: 1 });
    },
    async frame(index = 0) {
      const element = await page.locator("iframe").nth(index).elementHandle();
      const frame = await element?.contentFrame();
      assert.ok(frame, "there is a frame");
      return frame;
    },
    async close() {
      await session.close();
      await Promise.all([sandbox.close(), around.close()]);
      if (!throws) assert.deepEqual(errors, [], "nothing was thrown");
    },
  };
}
