/** A study on the CPU, in whichever browser: to its report, with the same record, and kept over a reload. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { number } from "../browser.js";
import { TINY, engine, launch, open, saved, served, until } from "./suite.js";

const name = engine();
const driver = await launch(name);

/** A study run to its report, and what is taken away of it. @param {import("./driver.js").Driver} one */
async function study(one) {
  const { tab, shows, count, texts, close } = await open(one, `${TINY}&view.tab=study`);
  await shows("#study-go:not([disabled])");
  await tab.click("#study-go");
  await shows("study-bar .status", /^Done/);
  await tab.click("#tab-report");
  await shows("report-figures svg");
  await shows("report-head .badge", /^computed here, on CPU/);
  assert.equal(await count("verdict-table tbody tr"), 2);
  await tab.click('[data-format="record"]');
  const record = await saved(one, /\.record\.json$/);
  const found = {
    verdicts: await texts("verdict-table tbody tr"),
    sentences: await texts("report-sentences li"),
    record,
  };
  await close();
  return found;
}

test(`${name}: a study runs to its report, and its verdicts and record are to the byte those of Chromium`, async () => {
  const here = await study(driver);
  assert.equal(JSON.parse(here.record).schema, "ablation-record/v2");
  const there = await study(await launch("chromium"));
  assert.deepEqual([here.verdicts, here.sentences], [there.verdicts, there.sentences]);
  assert.ok(here.record === there.record, "the records are the same");
});

test(`${name}: what was finished is there when the page is loaded again`, async () => {
  const { tab, shows, text, close } = await open(
    driver,
    `${TINY.replace("train.steps=20", "train.steps=400")}&view.tab=study`,
  );
  const done = async () => number(/([\d\s\u202f]+) of/.exec(await text("study-bar .status"))?.[1] ?? "0");
  await shows("#study-go:not([disabled])");
  await tab.click("#study-go");
  await until(async () => ((await done()) > 2 ? true : null), "three trials");
  const before = await done();
  await tab.reload();
  await shows("study-bar .status", /^Paused/);
  assert.ok((await done()) >= before, `${await done()} trials after, ${before} before`);
  await tab.click("#study-go");
  await shows("study-bar .status", /^Running/);
  await close();
});

test(`${name}: a second tab says that another one computes the study, and follows it`, async () => {
  const server = await served();
  const link = `${TINY.replace("train.steps=20", "train.steps=400")}&view.tab=study`;
  const first = await open(driver, link, server);
  await first.shows("#study-go:not([disabled])");
  await first.tab.click("#study-go");
  // Some browsers hide the tab that is not in front.
  await first.tab.click("study-bar .background input");
  await first.shows("study-bar .status", /^Running/);
  const second = await open(driver, link, server);
  await second.shows("study-bar .since", /^Another tab computes this study/);
  await second.shows("study-bar .status", /^Running in another tab, [1-9]/);
  await first.close();
  await second.shows("study-bar .status", /^Paused/);
  await second.tab.click("#study-go");
  await second.shows("study-bar .status", /^Running, [1-9]/);
  await second.close();
  await server.close();
});
