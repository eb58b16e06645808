/** The page: its store, its workers, its elements. */

import { announcer } from "./announce.js";
import { bindAddress } from "./address.js";
import { Sandbox, reporter } from "./sandbox.js";
import { SandboxWorkers } from "./sandbox-workers.js";
import { replayOnce } from "./replay.js";
import { ResultStore } from "./result-store.js";
import { StudyRunner } from "./study-runner.js";
import { createStore, initial } from "./store.js";
import { rememberTheme, rememberedTheme, showTheme } from "./theme.js";
import { define } from "./elements/all.js";
import { HEADINGS } from "./elements/view-tabs.js";
import { h, setText } from "./dom.js";

/** What the skip link says on each view. */
const SKIPS = { sandbox: "Skip to the outcomes", study: "Skip to the study", report: "Skip to the report" };

/** One worker per core, and not more than the memory of a small machine holds. */
const cores = Math.min(8, Math.max(1, navigator.hardwareConcurrency || 1));
const start = initial();
const store = createStore({ ...start, study: { ...start.study, cores } });
const spawn = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const workers = new SandboxWorkers({ spawn, report: reporter(store) });
const sandbox = new Sandbox(store, workers, {
  preset: document.body.dataset.preset ?? "",
  records: new URL("../static/records/", import.meta.url),
});
const study = new StudyRunner(store, {
  spawn,
  results: new ResultStore({
    refused: (problem) => store.send({ type: "storageRefused", problem }),
    damaged: (problem) => store.send({ type: "notice", notice: { tone: "info", problem } }),
  }),
  cores,
  studies: new URL("../static/studies/", import.meta.url),
  save,
  locks: navigator.locks,
});

bindAddress(store);
followTheme();
followVisibility();
speak();
replayOnce(store, document.body, matchMedia("(prefers-reduced-motion: reduce)").matches);
define(store);
skip();
void study.start();
void sandbox.start();

function followTheme() {
  if (store.state.page.theme === "auto") showTheme(rememberedTheme());
  else showTheme(store.state.page.theme);
  store.follow((event, state) => {
    if (event.type === "asked" && state.page.theme !== "auto") showTheme(state.page.theme);
    if (event.type === "theme") {
      showTheme(state.page.theme);
      rememberTheme(state.page.theme);
    }
  });
}

function followVisibility() {
  const report = () => store.send({ type: "hidden", hidden: document.visibilityState === "hidden" });
  document.addEventListener("visibilitychange", report);
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

/** Downloads a file. @param {string} name @param {string} type @param {string} text */
function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function speak() {
  const live = document.getElementById("live");
  if (live) store.listen(announcer((text) => setText(live, text)));
}
