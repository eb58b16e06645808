import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, pauseText } from "../../../web/app/pause.js";

const at = (/** @type {number} */ hour, /** @type {number} */ minute, day = 3) =>
  new Date(2026, 7, day, hour, minute).getTime();
const now = at(15, 0);

test("a time is one of today, or has its date", () => {
  assert.equal(clock(at(9, 5), now), "09:05");
  assert.equal(clock(at(23, 59, 2), now), "2026-08-02 23:59");
});

test("a pause says since when, why and what to do", () => {
  assert.equal(pauseText(null, now), "");
  assert.equal(pauseText({ since: at(14, 2), until: null, why: "asked" }, now), "Paused since 14:02.");
  assert.match(pauseText({ since: at(14, 2), until: null, why: "left" }, now), /^Paused since 14:02, when .+ Resume/);
  assert.match(pauseText({ since: at(14, 2), until: null, why: "hidden" }, now), /^Paused since 14:02, while .+ tick/);
  const over = pauseText({ since: at(14, 2), until: at(14, 9), why: "hidden" }, now);
  assert.match(over, /^Paused from 14:02 to 14:09, while this tab was hidden; nothing is lost\. .+ tick/);
  assert.equal(pauseText({ since: now, until: now + 1000, why: "hidden" }, now), "", "a glance elsewhere");
});
