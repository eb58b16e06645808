/**
 * One way to drive three browsers. A test is written against `Tab`; how a browser is started and told what to do is in
 * the file that is called after it.
 *
 * Functions given to a page are sent there as text: they see their one argument and the page, and nothing else.
 */

import { spawn } from "node:child_process";

/**
 * @typedef {object} Tab  one page of a browser
 * @property {(url: string) => Promise<void>} go
 * @property {() => Promise<void>} reload
 * @property {<Given, Result>(work: (given: Given) => Result | Promise<Result>, given?: Given) => Promise<Result>} evaluate
 *   what the function comes to in the page
 * @property {<Given, Result>(frame: string, work: (given: Given) => Result | Promise<Result>,
 *   given?: Given) => Promise<Result>} evaluateIn  the same in the frame that a selector finds
 * @property {(selector: string) => Promise<void>} click  as a person would: in the middle of what is seen
 * @property {(key: Key) => Promise<void>} press
 * @property {() => Promise<void>} close
 */
/** @typedef {keyof typeof KEYS} Key */
/**
 * @typedef {object} Driver
 * @property {() => Promise<Tab>} tab  another page; all of one driver share what is stored
 * @property {string|null} downloads  folder of what pages save, where it can be set
 * @property {() => Promise<void>} close
 */

/** Keys by the names that pages know, and as WebDriver calls them. */
export const KEYS = {
  Tab: "\ue004",
  Enter: "\ue007",
  Escape: "\ue00c",
  End: "\ue010",
  Home: "\ue011",
  ArrowLeft: "\ue012",
  ArrowUp: "\ue013",
  ArrowRight: "\ue014",
  ArrowDown: "\ue015",
};

/** Width and height of every page. */
export const SIZE = { width: 1280, height: 900 };

/** A program in the background, ended with the tests whatever happens. @param {Parameters<typeof spawn>} given */
export function start(...given) {
  const child = spawn(...given);
  const end = () => child.kill();
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

/**
 * Brings an element into view and waits until it stands still and can be pressed, as a person would. Given to a page.
 *
 * @param {string} selector
 */
export async function standing(selector) {
  const box = () => JSON.stringify(document.querySelector(selector)?.getBoundingClientRect() ?? null);
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    const element = document.querySelector(selector);
    element?.scrollIntoView({ block: "center", behavior: "instant" });
    const before = box();
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    if (before !== "null" && before === box() && !element?.matches(":disabled")) return;
  }
  throw new Error(`${selector} is not there, is disabled or never stands still`);
}
