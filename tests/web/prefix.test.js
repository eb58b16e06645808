/** The same folder works wherever it is put. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL, done, launch, open, ready } from "./browser.js";

const browser = await launch();

for (const prefix of ["/", "/ablation/", "/docs/v1/lab/"]) {
  test(`it trains when it is served at ${prefix}`, async () => {
    const { page, url, requests, close } = await open(browser, SMALL.points, { prefix });
    await ready(page);
    await page.click("#play");
    await done(page);
    assert.ok(
      requests.every((one) => one.startsWith(url) || one.startsWith("data:")),
      "nothing is asked for outside of the prefix",
    );
    await close();
  });
}
