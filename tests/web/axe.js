/** What axe finds on a page. */

import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** @param {import("./browser.js").Page} page */
export async function violations(page) {
  await page.addScriptTag({ path: AXE });
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
