/**
 * What the browser tests share: a browser, a served page, and words for what is done on it.
 *
 * The page under test is the folder `DIST` (default `dist`), the browser is `CHROMIUM` (default: whatever `which
 * chromium` finds). A test that cannot find them fails: a green run that tested nothing is worse than a red one.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./serve.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Small enough that every phase is over in seconds. */
export const SMALL = {
  transformer: "v=1&p=repeat&ablation.site=none&sandbox.recovery_steps=20&model.layers=1&model.width=16&train.steps=80",
  points: "v=1&p=two-moons&ablation.site=none&sandbox.recovery_steps=20&model.width=16&train.steps=80",
};

/** Milliseconds that a run may take on a slow machine. */
export const RUN = 90_000;

export function dist() {
  const folder = resolve(ROOT, process.env.DIST ?? "dist");
  for (const file of ["index.html", "cpu.js", "app/main.js"]) {
    assert.ok(
      existsSync(join(folder, file)),
      `${join(folder, file)} is missing: build the page first, or set DIST to a built one`,
    );
  }
  return folder;
}

export function executable() {
  const path = process.env.CHROMIUM ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
  assert.ok(existsSync(path), `there is no browser at ${path}: set CHROMIUM to a Chromium`);
  return path;
}

/** A browser for the tests of a file, closed after them. @param {{webgpu?: boolean, flags?: string[]}} [options] */
export async function launch({ webgpu = true, flags = [] } = {}) {
  const browser = await chromium.launch({
    executablePath: executable(),
    args: [...FLAGS, ...(webgpu ? ["--enable-unsafe-webgpu"] : []), ...flags],
  });
  after(() => browser.close());
  return browser;
}

/**
 * The page at a fragment. What it logs as an error, or throws, fails the test that opened it when it is closed.
 *
 * @param {Browser} browser
 * @param {string} fragment
 * @param {object} [options]
 * @param {import("./serve.js").Override} [options.override]
 * @param {string} [options.prefix]
 * @param {import("playwright-core").BrowserContextOptions} [options.context]
 * @param {string} [options.path]  another page than the index
 * @param {string} [options.init]  a script that runs before the page's own
 * @param {boolean} [options.kept]  whether the page may be kept for use without a network, which reads all its files
 */
export async function open(browser, fragment, { override, prefix, context, init, path = "", kept = false } = {}) {
  const server = await serve(dist(), { prefix, override });
  const session = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    serviceWorkers: kept ? "allow" : "block",
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
  await page.goto(`${server.url}${path}${fragment ? `#${fragment}` : ""}`);
  const close = async () => {
    await session.close();
    if (server.listening()) await server.close();
    assert.deepEqual(errors, [], "the page threw");
  };
  return { page, url: server.url, requests, server, close };
}

/** Waits until the engine is there. @param {Page} page */
export async function ready(page) {
  await page.locator("#play:not([disabled])").waitFor({ timeout: RUN });
}

/** Waits until every step that is due is done. @param {Page} page */
export async function done(page) {
  await page.locator("run-bar .status", { hasText: "Done" }).waitFor({ timeout: RUN });
  await drawn(page);
}

/** Waits until the pieces that are still to be drawn are. @param {Page} page */
export async function drawn(page) {
  await page.waitForTimeout(400);
}

/**
 * Opens what is behind a click: the run's options, the task and its settings, the panels of the arms, or the tour.
 *
 * @param {Page} page
 * @param {..."options"|"inputs"|"panels"|"effects"|"tour"} drawers
 */
export async function reveal(page, ...drawers) {
  const places = {
    options: "run-bar details.options",
    inputs: "details[data-drawer=inputs]",
    panels: "details[data-drawer=panels]",
    effects: "details[data-drawer=effects]",
    tour: "guided-tour details",
  };
  for (const drawer of drawers) {
    const details = page.locator(places[drawer]);
    await details.locator("> summary").waitFor();
    if (!(await details.evaluate((one) => /** @type {HTMLDetailsElement} */ (one).open)))
      await details.locator("> summary").click();
  }
}

/**
 * Selects a component of the model and chooses a way to ablate it.
 *
 * @param {Page} page
 * @param {string} site
 * @param {string} label
 */
export async function ablate(page, site, label) {
  const button = page.locator(`button[data-site="${site}"]`);
  if ((await button.getAttribute("aria-expanded")) !== "true") await button.click();
  await page
    .locator("site-actions")
    .getByRole("button", { name: `Ablate: ${label.toLowerCase()}`, exact: true })
    .click();
}

/**
 * The table of the first figure of a panel, as text.
 *
 * @param {Page} page
 * @param {string} panel
 * @returns {Promise<string[][]>}
 */
export async function curve(page, panel) {
  await reveal(page, "panels");
  const card = page.locator(`[data-panel="${panel}"] figure-card`).first();
  if (!(await card.locator("details.twin").evaluate((twin) => /** @type {HTMLDetailsElement} */ (twin).open)))
    await card.locator("details.twin summary").click();
  await drawn(page);
  return card
    .locator("tbody")
    .evaluate((body) =>
      [.../** @type {HTMLTableSectionElement} */ (body).rows].map((row) =>
        [...row.cells].map((cell) => cell.textContent ?? ""),
      ),
    );
}

/** A number as the figures write it, approximate or not. @param {string|undefined} text */
export function number(text) {
  return Number((text ?? "").replace("−", "-").replace(/[\s\u202f≈]/g, ""));
}

/** The step at which the bar says that training is. @param {Page} page */
export async function steps(page) {
  const text = await page.locator("run-bar .status").textContent();
  return number(/step ([\d\s\u202f]+?)(?: of |$)/.exec(text ?? "")?.[1] ?? "0");
}
