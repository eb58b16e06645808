/** The page as one file, opened from a disk, in whichever browser. */

import { test } from "node:test";
import { SMALL } from "../browser.js";
import { singleFile } from "../single-file.js";
import { engine, launch, words } from "./suite.js";

const name = engine();
const driver = await launch(name);

test(`${name}: one file shows a stored result and trains`, async () => {
  const tab = await driver.tab();
  await tab.go(singleFile(SMALL.points));
  const { shows } = words(tab);
  await shows("#play:not([disabled])", /Train/);
  await tab.click("#play");
  await shows("run-bar .status", /^Done/);
  await shows('[data-card="reference"]', /\d/);
  await tab.close();
});
