/** The report of a study in an embedded page, and what runs the study. */

import { defineElements } from "../elements/define.js";
import { ReportExports } from "../elements/report-exports.js";
import { ReportFacts } from "../elements/report-facts.js";
import { ReportFigures } from "../elements/report-figures.js";
import { ReportHead } from "../elements/report-head.js";
import { ReportProtocol } from "../elements/report-protocol.js";
import { ReportSentences } from "../elements/report-sentences.js";
import { VerdictTable } from "../elements/verdict-table.js";
import { FOLDER } from "../files.js";
import { saveFile } from "../save.js";
import { ResultStore } from "../result-store.js";
import { StudyRunner } from "../study-runner.js";

/**
 * @param {import("../store.js").Store} store
 * @param {() => import("../worker-channel.js").WorkerLike} spawn
 * @param {(hashes: string[]) => Promise<import("../texts.js").Text[]>} texts  those of the texts that are here
 */
export async function startReport(store, spawn, texts) {
  defineElements(store, {
    "report-head": ReportHead,
    "report-figures": ReportFigures,
    "report-sentences": ReportSentences,
    "verdict-table": VerdictTable,
    "report-protocol": ReportProtocol,
    "report-exports": ReportExports,
    "report-facts": ReportFacts,
  });
  // Half of the cores: the page around this one has work of its own.
  const cores = Math.max(1, Math.floor(Math.min(8, navigator.hardwareConcurrency || 1) / 2));
  // Frames of other sites are often refused storage. That matters to a study that runs, and not to one that is read.
  /** @type {import("../protocol.js").Problem|null} */
  let refused = null;
  const sayRefused = () => {
    if (!refused || store.state.study.status !== "running") return;
    store.send({ type: "storageRefused", problem: refused });
    refused = null;
  };
  store.follow((event) => event.type === "studyStart" && queueMicrotask(sayRefused));
  const runner = new StudyRunner(store, {
    spawn,
    texts,
    results: new ResultStore({
      refused: (problem) => {
        refused = problem;
        sayRefused();
      },
      damaged: (problem) => store.send({ type: "notice", notice: { tone: "info", problem } }),
    }),
    cores,
    studies: new URL("static/studies/", FOLDER),
    save: saveFile,
    locks: navigator.locks,
  });
  await runner.start();
  const { study } = store.state.page;
  if (study !== null) runner.choice.named(study);
  return runner;
}
