/** A client of W3C WebDriver, as much of it as the tests need: JSON over HTTP. https://www.w3.org/TR/webdriver2 */

import { KEYS, SIZE, standing } from "./driver.js";

/** The name of an element's reference in JSON. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Milliseconds that a function given to a page may take. */
const SCRIPT = 60_000;

/**
 * Runs a function in a page and answers with what it comes to, or why it failed. Errors of the page do not pass through
 * WebDriver as they are.
 *
 * @param {(given: any) => unknown} work
 */
const script = (work) => `
  const [given, answer] = arguments;
  (async () => (${work.toString()})(given ?? undefined))()
    .then((value) => answer({ value: value ?? null }), (error) => answer({ error: String(error?.message ?? error) }));`;

export class WebDriver {
  /** The tab that commands go to. */
  #current = "";
  /** Commands of one session take turns, so that none goes to the tab of another. @type {Promise<unknown>} */
  #line = Promise.resolve();

  /** The window that came with the session. Nothing is shown in it. */
  #first = "";

  /** @param {string} base  address of the session */
  constructor(base) {
    this.base = base;
  }

  /** @param {string} server @param {object} capabilities */
  static async open(server, capabilities) {
    const { sessionId } = await command("POST", `${server}/session`, { capabilities: { alwaysMatch: capabilities } });
    const driver = new WebDriver(`${server}/session/${sessionId}`);
    await driver.#command("POST", "timeouts", { script: SCRIPT, pageLoad: SCRIPT });
    driver.#first = await driver.#command("GET", "window");
    return driver;
  }

  /** @returns {Promise<import("./driver.js").Tab>} */
  async tab() {
    // A tab that is not in front counts as hidden, and a window does not.
    const { handle } = await this.#inLine(async () => {
      // The one before may have been closed.
      await this.#command("POST", "window", { handle: this.#first });
      this.#current = this.#first;
      return this.#command("POST", "window/new", { type: "window" });
    });
    /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
    const here = (work) =>
      this.#inLine(async () => {
        if (this.#current !== handle) await this.#command("POST", "window", { handle });
        this.#current = handle;
        return work();
      });
    // What a window has around its page is not part of the size.
    await here(async () => {
      await this.#command("POST", "window/rect", SIZE);
      const [across, down] = await this.#evaluate(() => [outerWidth - innerWidth, outerHeight - innerHeight], null);
      await this.#command("POST", "window/rect", { width: SIZE.width + across, height: SIZE.height + down });
    });
    return {
      go: (url) => here(() => this.#command("POST", "url", { url })),
      reload: () => here(() => this.#command("POST", "refresh", {})),
      evaluate: (work, given) => here(() => this.#evaluate(work, given)),
      evaluateIn: (selector, work, given) =>
        here(async () => {
          await this.#command("POST", "frame", { id: await this.#find(selector) });
          try {
            return await this.#evaluate(work, given);
          } finally {
            await this.#command("POST", "frame", { id: null });
          }
        }),
      click: (selector) => here(() => this.#click(selector)),
      press: (key) =>
        here(async () => {
          const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] }));
          await this.#command("POST", "actions", { actions: [{ type: "key", id: "keyboard", actions }] });
        }),
      close: () => here(() => this.#command("DELETE", "window")),
    };
  }

  async close() {
    await this.#command("DELETE", "").catch(() => undefined);
  }

  /** @param {string} selector */
  async #click(selector) {
    await this.#evaluate(standing, selector);
    const element = await this.#find(selector);
    await this.#command("POST", `element/${element[ELEMENT]}/click`, {});
  }

  /** @param {string} selector @returns {Promise<Record<string, string>>} */
  #find(selector) {
    return this.#command("POST", "element", { using: "css selector", value: selector });
  }

  /** @param {(given: any) => any} work @param {unknown} given */
  async #evaluate(work, given) {
    const answer = await this.#command("POST", "execute/async", { script: script(work), args: [given ?? null] });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value ?? undefined;
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inLine(work) {
    const result = this.#line.then(work);
    this.#line = result.catch(() => undefined);
    return result;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  #command(method, path, body) {
    return command(method, path === "" ? this.base : `${this.base}/${path}`, body);
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @returns {Promise<any>}
 */
async function command(method, url, body) {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = /** @type {any} */ (await answer.json());
  if (!answer.ok) throw new Error(`${value.error}: ${value.message || url.split("/").slice(5).join("/")}`);
  return value;
}
