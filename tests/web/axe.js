/** What axe finds on a page. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Run as an expression and not as an element: pages with a strict policy refuse inline scripts. */
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @param {import("./browser.js").Page} page */
export async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() =>
    /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] }),
  );
  return found.violations.map(
    (/** @type {any} */ one) =>
      `${one.id}: ${one.help} — ${one.nodes
        .map((/** @type {any} */ node) => node.target.join(" "))
        .slice(0, 3)
        .join(", ")}`,
  );
}
