/** What an embedded page loads once its stored result is drawn: its controls, and the engine when somebody looks. */

import { announcer } from "../announce.js";
import { setText } from "../dom.js";
import { ArmCards } from "../elements/arm-cards.js";
import { ArmPanels } from "../elements/arm-panels.js";
import { defineElements } from "../elements/define.js";
import { FigureCard } from "../elements/figure-card.js";
import { ModelMap } from "../elements/model-map.js";
import { OwnText } from "../elements/own-text.js";
import { RunBar } from "../elements/run-bar.js";
import { SettingsForm } from "../elements/settings-form.js";
import { SiteActions } from "../elements/site-actions.js";
import { TaskCard } from "../elements/task-card.js";
import { TaskPicker } from "../elements/task-picker.js";
import { FOLDER, scriptOf } from "../files.js";
import { followPrint } from "../print.js";
import { toProblem } from "../protocol.js";
import { ResultStore } from "../result-store.js";
import { saveFile } from "../save.js";
import { Sandbox, reporter } from "../sandbox.js";
import { SandboxWorkers } from "../sandbox-workers.js";
import { spawner } from "../spawn.js";
import { loadStyle } from "../styles.js";
import { Texts } from "../texts.js";
import { followAttention } from "./attention.js";
import { whenWanted } from "./wanted.js";

/** @typedef {import("../store.js").Store} Store */
/** @typedef {import("../study-runner.js").StudyRunner} StudyRunner */

const STYLES = ["cards", "run-bar", "inputs", "model-map", "outcomes", "figure"];

/**
 * @param {Store} store
 * @param {{records: URL, preset: string, loaded: string|null}} given
 */
export async function start(store, { records, preset, loaded }) {
  followPrint();
  void loadStyle("print", "print");
  const spawn = spawner(scriptOf("app/worker.js"), {
    first: () => (store.state.page.force === "main" ? "page" : "worker"),
    found: (way) => store.send({ type: "place", place: way === "page" ? "page" : "worker" }),
  });
  // Frames of other sites are often refused storage: a text is then there for as long as the frame is.
  const kept = new ResultStore({ refused: () => {}, damaged: () => {} });
  const texts = new Texts({ results: kept, folder: new URL("static/corpora/", FOLDER) });
  const find = (/** @type {string[]} */ hashes) => texts.find(hashes);
  const workers = new SandboxWorkers({ spawn, report: reporter(store), texts: find });
  await Promise.all(STYLES.map((name) => loadStyle(name)));
  customElements.define("figure-card", FigureCard);
  customElements.define("site-actions", SiteActions);
  defineElements(store, {
    "arm-cards": ArmCards,
    "run-bar": RunBar,
    "model-map": ModelMap,
    "arm-panels": ArmPanels,
    "task-picker": TaskPicker,
    "task-card": TaskCard,
    "own-text": OwnText,
    "settings-form": SettingsForm,
  });
  const live = document.getElementById("live");
  if (live) {
    const speak = announcer((text) => setText(live, text));
    // What the reader is to guess is not said.
    store.listen((state) => document.body.dataset.predict !== "asking" && speak(state));
  }
  const sandbox = new Sandbox(store, workers, { preset, records, loaded, texts, save: saveFile });
  const attention = followAttention(store);

  /** Loaded where a study is shown. @type {Promise<StudyRunner>|null} */
  let studies = null;
  const loadStudies = () =>
    (studies ??= Promise.all(["report", "files", "study"].map((name) => loadStyle(name)))
      .then(() => import("./report.js"))
      .then(({ startReport }) => startReport(store, spawn, find)));
  const fail = (/** @type {unknown} */ error) =>
    store.send({ type: "notice", notice: { tone: "error", problem: toProblem(error) } });
  store.listen(({ page }) => {
    if (!studies && (page.tab !== "sandbox" || page.study !== null)) loadStudies().catch(fail);
  });

  let begun = false;
  const begin = () => {
    if (begun || store.state.page.stored) return;
    begun = true;
    void sandbox.start();
  };
  void attention.seen.then(begin);

  const runs = whenWanted(store);

  /**
   * A record that the host gives. That of a study is read and checked by the engine; that of a sandbox is opened by its
   * link, because its numbers are computed again in seconds and need not be believed.
   *
   * @param {string} text
   */
  const loadRecord = async (text) => {
    const link = linkIn(text);
    if (link !== null) return store.send({ type: "goto", link });
    runs.load(true);
    try {
      store.send({ type: "tab", tab: "report" });
      await loadStudies();
      store.send({ type: "studyFile", text, name: "record of the host" });
    } catch (error) {
      // The next record may find what is missing now.
      studies = null;
      runs.load(false);
      runs.forget();
      fail(error);
    }
  };

  return {
    /** @param {import("./messages.js").Command} command */
    follow(command) {
      switch (command.type) {
        case "run":
        case "resume":
          begin();
          runs.want();
          break;
        case "pause":
          runs.forget();
          store.send({ type: store.state.page.tab === "sandbox" ? "pause" : "studyPause" });
          break;
        case "stop":
          runs.forget();
          store.send({ type: "studyPause" });
          store.send({ type: "stop" });
          break;
        case "visible":
          attention.hostSees(command.visible);
          break;
        case "load":
          if ("record" in command) void loadRecord(command.record);
          break;
      }
    },
    record: async () => (await studies)?.planner.record() ?? null,
  };
}

/** @param {string} text */
function linkIn(text) {
  try {
    const record = JSON.parse(text);
    const link = Object.hasOwn(record, "view") ? (record.description?.link ?? null) : null;
    return typeof link === "string" ? link : null;
  } catch {
    // The engine says what is wrong with it.
    return null;
  }
}
