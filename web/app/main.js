/** The page: its store, its workers, its elements. */

import { announcer } from "./announce.js";
import { bindAddress } from "./address.js";
import { FOLDER, scriptOf } from "./files.js";
import { keepOffline } from "./offline.js";
import { followEffects } from "./effects.js";
import { Sandbox, reporter } from "./sandbox.js";
import { SandboxWorkers } from "./sandbox-workers.js";
import { replayOnce } from "./replay.js";
import { followPrint } from "./print.js";
import { ResultStore } from "./result-store.js";
import { StudyRunner } from "./study-runner.js";
import { createStore, initial } from "./store.js";
import { Texts } from "./texts.js";
import { followTheme } from "./theme.js";
import { followLesson } from "./lesson.js";
import { saveFile } from "./save.js";
import { keepSteady } from "./steady.js";
import { spawner } from "./spawn.js";
import { define } from "./elements/all.js";
import { HEADINGS } from "./elements/view-tabs.js";
import { setText } from "./dom.js";

/** What the skip link says on each view. */
const SKIPS = { sandbox: "Skip to the outcomes", study: "Skip to the study", report: "Skip to the report" };

/** One worker per core, and not more than the memory of a small machine holds. */
const cores = Math.min(8, Math.max(1, navigator.hardwareConcurrency || 1));
const start = initial();
const store = createStore({ ...start, study: { ...start.study, cores } });
const spawn = spawner(scriptOf("app/worker.js"), {
  first: () => (store.state.page.force === "main" ? "page" : "worker"),
  found: (way) => store.send({ type: "place", place: way === "page" ? "page" : "worker" }),
});
const results = new ResultStore({
  refused: (problem) => store.send({ type: "storageRefused", problem }),
  damaged: (problem) => store.send({ type: "notice", notice: { tone: "info", problem } }),
});
const texts = new Texts({ results, folder: new URL("static/corpora/", FOLDER) });
const workers = new SandboxWorkers({ spawn, report: reporter(store), texts: (hashes) => texts.find(hashes) });
const sandbox = new Sandbox(store, workers, {
  preset: document.body.dataset.preset ?? "",
  records: new URL("static/records/", FOLDER),
  texts,
  save: saveFile,
});
const study = new StudyRunner(store, {
  spawn,
  results,
  texts: (hashes) => texts.find(hashes),
  cores,
  studies: new URL("static/studies/", FOLDER),
  save: saveFile,
  locks: navigator.locks,
});

keepOffline(store);
warnOfLoss();
openAssignment();
bindAddress(store);
followTheme(store);
followLesson(store);
followVisibility();
followPrint();
keepSteady(store, document.body);
speak();
replayOnce(store, document.body, matchMedia("(prefers-reduced-motion: reduce)").matches);
define(store);
skip();
followPredict();
followAssignment();
void study.start();
followEffects(store, workers);
void sandbox.start();

function followVisibility() {
  const report = () => store.send({ type: "hidden", hidden: document.visibilityState === "hidden" });
  document.addEventListener("visibilitychange", report);
}

/** What no storage keeps is lost with the page: the browser asks before it is left. */
function warnOfLoss() {
  addEventListener("beforeunload", (event) => {
    const { kept, status, done } = store.state.study;
    if (!kept && done.size > 0 && status !== "idle") event.preventDefault();
  });
}

/** A page that was made for one assignment opens it where the address says nothing. */
function openAssignment() {
  const name = document.body.dataset.opens;
  if (name && location.hash === "") history.replaceState(null, "", `#view.assignment=${name}`);
}

/** A link, or the panel that makes a lesson, may ask for a guess first. */
function followPredict() {
  const stop = store.follow(() => ask());
  const ask = () => {
    if (!store.state.page.predict) return;
    stop();
    void import("./predict.js").then(({ askFirst }) => askFirst(store));
  };
  ask();
}

/** A link may name an assignment, and a file may be one. */
function followAssignment() {
  const assignments = new URL("static/assignments/", FOLDER);
  const given = { record: () => study.record(), results, assignments, save: saveFile };
  const begin = (/** @type {import("./store.js").Event|undefined} */ event) => {
    const file = event?.type === "assignmentFile" ? event : undefined;
    if (!file && store.state.page.assignment === null) return;
    stop();
    // What is not to be seen is not shown first.
    if (!file) document.body.dataset.assignment = "unnamed";
    void import("./assignment/begin.js").then(({ beginAssignments }) => beginAssignments(store, given, file));
  };
  const stop = store.follow((event) => begin(event));
  begin(undefined);
}

/** The fragment is the study's, so the skip link moves the focus itself. */
function skip() {
  const link = document.querySelector("a[data-skip]");
  link?.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(HEADINGS[store.state.page.tab])?.focus();
  });
  store.listen(({ page }) => link && setText(link, SKIPS[page.tab]));
}

function speak() {
  const live = document.getElementById("live");
  const say = live && announcer((text) => setText(live, text));
  // What the reader is to guess is not said.
  if (say) store.listen((state) => document.body.dataset.predict !== "asking" && say(state));
}
