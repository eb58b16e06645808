/**
 * The page in a frame of another page. First what is stored is drawn, with as little as that takes; then the rest is
 * loaded (`embed/rest.js`), and the engine once somebody looks. An article with five of these loads no engine that
 * nobody sees.
 */

import { bindAddress } from "./address.js";
import { setAttribute, setText } from "./dom.js";
import { drawn } from "./scheduler.js";
import { AnswerLine } from "./elements/answer-line.js";
import { ContrastSummary } from "./elements/contrast-summary.js";
import { NoticeList } from "./elements/notice-list.js";
import { defineElements } from "./elements/define.js";
import { Host, tellHost } from "./embed/messages.js";
import { tellHeights } from "./embed/heights.js";
import { FOLDER } from "./files.js";
import { followLesson } from "./lesson.js";
import { PAGE_DEFAULTS, join, presetOf } from "./link.js";
import { toProblem } from "./protocol.js";
import { keepSteady } from "./steady.js";
import { createStore } from "./store.js";
import { fetchRecord } from "./stored-records.js";
import { followTheme } from "./theme.js";

/** @typedef {import("./embed/messages.js").Command} Command */
/** @typedef {Awaited<ReturnType<typeof import("./embed/rest.js").start>>} Rest */

const records = new URL("static/records/", FOLDER);
const defaultPreset = document.body.dataset.preset ?? "";
const store = createStore();

/** What the host asked for before the rest was there. @type {Command[]} */
const early = [];
/** @type {Rest|null} */
let rest = null;
/** Kept once the rest is there, or cannot be had. */
let loaded = () => {};
/** @type {Promise<void>} */
const loading = new Promise((resolve) => (loaded = resolve));

const host = new Host(window, { follow });
tellHost(store, host, { hash: () => location.hash.slice(1), record: async () => rest?.record() ?? null });
followViews();
const address = bindAddress(store);
followTheme(store);
followLesson(store);
keepSteady(store, document.body, () => loading);
document.getElementById("unloaded")?.remove();
defineElements(store, {
  "notice-list": NoticeList,
  "answer-line": AnswerLine,
  "contrast-summary": ContrastSummary,
});
tellHeights(window);
void begin().finally(loaded);

/** @param {Command} command */
function follow(command) {
  if (command.type === "load" && "hash" in command) address.open(command.hash);
  else if (rest) rest.follow(command);
  else early.push(command);
}

async function begin() {
  const { page, link } = store.state;
  if (page.predict) await import("./predict.js").then(({ askFirst }) => askFirst(store));
  const preset = presetOf(link) ?? defaultPreset;
  // A report is drawn by the rest, and so is what no stored result is of.
  const shown = page.tab === "sandbox" && page.study === null ? preset : null;
  if (shown !== null) await showStored(shown);
  const { start } = await import("./embed/rest.js");
  rest = await start(store, { records, preset: defaultPreset, loaded: shown });
  for (const command of early.splice(0)) rest.follow(command);
}

/** @param {string} preset */
async function showStored(preset) {
  try {
    store.send({ type: "stored", record: await fetchRecord(records, preset) });
  } catch (error) {
    store.send({ type: "storedMissing", why: toProblem(error).message });
  }
  await drawn();
}

/** An assignment takes more room than a frame has: it is worked on in a page of its own. */
function leaveAssignment() {
  const { page, link, pageCorrections } = store.state;
  if (page.assignment === null) return;
  const reason = "an assignment is opened on the whole page, not in a frame";
  const correction = { path: "view.assignment", given: page.assignment, used: "ignored", reason };
  const fragment = /** @type {const} */ ({ ...page, assignment: null, study: null, tab: "sandbox" });
  store.send({ type: "asked", fragment, link, corrections: [...pageCorrections, correction] });
}

/** A frame has no tabs: it shows the sandbox, or the report of a study. */
function followViews() {
  store.follow((event) => {
    if (event.type !== "asked") return;
    leaveAssignment();
    if (store.state.page.tab === "study") store.send({ type: "tab", tab: "report" });
  });
  const whole = document.getElementById("whole");
  const title = document.getElementById("outcomes-title");
  store.listen(({ page, link, description, live }) => {
    for (const [id, shown] of Object.entries({ sandbox: page.tab === "sandbox", report: page.tab !== "sandbox" }))
      setAttribute(/** @type {Element} */ (document.getElementById(`view-${id}`)), "hidden", !shown);
    const kept = { ...PAGE_DEFAULTS, tab: page.tab, study: page.study, predict: page.predict, text: page.text };
    const fragment = join(live ? (description?.link ?? link) : link, kept);
    const of = page.tab === "sandbox" && description ? `: ${description.data_set.label}` : "";
    if (title) setText(title, `Ablation sandbox${of}`);
    if (whole) setAttribute(whole, "href", `./${fragment ? `#${fragment}` : ""}`);
  });
}
