/** A browser for a file of tests, and words for what is done on its pages. Which browser it is says `ENGINE`. */

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { after } from "node:test";
import { RUN, dist } from "../browser.js";
import { serve } from "../serve.js";

/** @typedef {import("./driver.js").Tab} Tab */
/** @typedef {import("./driver.js").Driver} Driver */
/** @typedef {"chromium"|"firefox"|"webkit"} Name */

export const NAMES = /** @type {const} */ (["chromium", "firefox", "webkit"]);

/** Two variants, two seeds, two search points, twenty steps, a width of eight: a study of seconds. */
export const TINY =
  "v=1&p=repeat&model.layers=1&model.width=8&train.steps=20&study.seeds=2&study.trials=2&study.without=position,blocks.0.mlp";

/** The browser that the tests are run in. @returns {Name} */
export function engine() {
  const asked = process.env.ENGINE ?? "chromium";
  const name = NAMES.find((one) => one === asked);
  assert.ok(name, `ENGINE is ${asked}, and the browsers are ${NAMES.join(", ")}`);
  return name;
}

/** A browser, closed after the tests of the file. @param {Name} name @returns {Promise<Driver>} */
export async function launch(name) {
  const driver = await (await import(`./${name}.js`)).launch();
  after(() => driver.close());
  return driver;
}

/**
 * What a page throws or logs as an error, in every browser the same way: no protocol tells it in all of them. Kept where
 * the next page of the tab finds it.
 */
const EARS = `<script>
  {
    const hear = (text) => {
      try {
        sessionStorage.faults = JSON.stringify([...JSON.parse(sessionStorage.faults ?? "[]"), text]);
      } catch {
        (window.faults ??= []).push(text);
      }
    };
    addEventListener("error", (event) => hear(event.message ?? "not loaded: " + (event.target.src ?? event.target.href)), true);
    addEventListener("unhandledrejection", ({ reason }) => hear("rejected: " + (reason?.message ?? reason)));
    const { error } = console;
    console.error = (...given) => (hear("logged: " + given.join(" ")), error.apply(console, given));
  }
</script>`;

/** @returns {string[]} what the ears of a page have heard */
export const heard = () => {
  try {
    return JSON.parse(sessionStorage.faults ?? "[]");
  } catch {
    return /** @type {any} */ (window).faults ?? [];
  }
};

/**
 * The built page, served with ears at an address, and so with a storage, of its own.
 *
 * @param {import("../serve.js").Override} [override]
 */
export function served(override = () => undefined) {
  return serve(dist(), {
    override: async (path, real) => {
      const other = await override(path, real);
      if (other !== undefined || !/^\/(index|embed)\.html$/.test(path)) return other;
      return `${await real()}`.replace(/<meta charset="utf-8" \/>/, (meta) => meta + EARS);
    },
  });
}

/**
 * A page at a fragment. What it throws, or logs as an error, fails the test that opened it when it is closed.
 *
 * @param {Driver} driver
 * @param {string} fragment
 * @param {{url: string}} [server]
 */
export async function open(driver, fragment, server) {
  const own = server ? null : await served();
  const url = (server ?? own)?.url ?? "";
  const tab = await driver.tab();
  await tab.go(`${url}${fragment ? `#${fragment}` : ""}`);
  const close = async () => {
    const faults = await tab.evaluate(heard);
    await tab.close();
    await own?.close();
    assert.deepEqual(faults, [], "the page threw");
  };
  return { tab, url, close, ...words(tab) };
}

/** What is looked for and waited for on a page. @param {Pick<Tab, "evaluate">} tab */
export function words(tab) {
  /** How many elements there are. @param {string} selector */
  const count = (selector) => tab.evaluate((given) => document.querySelectorAll(given).length, selector);
  /** The text of the first one, as it is seen. @param {string} selector */
  const text = (selector) =>
    tab.evaluate((given) => /** @type {HTMLElement|null} */ (document.querySelector(given))?.innerText ?? "", selector);
  /** The texts of all, with white space as browsers agree on it. @param {string} selector */
  const texts = (selector) =>
    tab.evaluate(
      (given) =>
        [...document.querySelectorAll(given)].map((one) =>
          // Drawings have no text as it is seen.
          (one instanceof HTMLElement ? one.innerText : (one.textContent ?? "")).replaceAll(/\s+/g, " ").trim(),
        ),
      selector,
    );
  /**
   * Waits until an element is there and its text matches.
   *
   * @param {string} selector
   * @param {RegExp} [expected]
   */
  const shows = (selector, expected = /(?:)/) =>
    until(
      async () => {
        const found = await texts(selector);
        return found.some((one) => expected.test(one)) || null;
      },
      async () => `${selector} to match ${expected}; it says ${JSON.stringify(await texts(selector)).slice(0, 300)}`,
    );
  return { count, text, texts, shows };
}

/**
 * Asks again and again until there is an answer.
 *
 * @template T
 * @param {() => Promise<T|null|undefined>} ask
 * @param {string|(() => Promise<string>)} what  is waited for
 * @param {number} [patience]
 * @returns {Promise<T>}
 */
export async function until(ask, what, patience = RUN) {
  for (const end = performance.now() + patience; performance.now() < end; await pass(60)) {
    const answer = await ask();
    if (answer !== null && answer !== undefined) return answer;
  }
  throw new Error(`waited in vain for ${typeof what === "string" ? what : await what()}`);
}

/**
 * The file that the page saves under a name that matches.
 *
 * @param {Driver} driver
 * @param {RegExp} name
 */
export async function saved({ downloads }, name) {
  assert.ok(downloads, "the driver knows where files are saved");
  return until(async () => {
    const [file] = (await readdir(downloads)).filter((one) => name.test(one));
    const text = file && (await readFile(join(downloads, file), "utf8"));
    return text ? text : null;
  }, `a file called ${name}`);
}
