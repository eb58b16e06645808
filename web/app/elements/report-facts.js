/** What the numbers of a report are read with: how many, against what, trained how. */

import { BaseElement, keyedList, h, setText } from "../dom.js";
import { count, fine } from "../format.js";

/** @typedef {import("../generated/protocol.js").Report} Report */
/** @typedef {import("../generated/protocol.js").ShownStudy} StudyShown */
/** @typedef {{label: string, value: string, help: string}} Fact */

export class ReportFacts extends BaseElement {
  #list = h("dl", { class: "facts" });

  build() {
    this.append(h("h3", { class: "unseen" }, "What the numbers rest on"), this.#list);
  }

  /** @param {import("../store.js").State} state */
  draw({ study, page }) {
    if (page.tab !== "report" || !this.changed("reported", study.reported, study.sheet)) return;
    const { reported, sheet } = study;
    this.hidden = reported === null;
    if (!reported) return;
    keyedList(
      this.#list,
      factsOf(reported.report, sheet?.study ?? null),
      ({ label }) => label,
      ({ label, help }) =>
        h("div", {}, h("dt", {}, label), h("dd", { class: "number" }), h("dd", { class: "note" }, help)),
      (row, { value }) => setText(/** @type {Element} */ (row.querySelector("dd")), value),
    );
  }
}

/** @param {Report} report @param {StudyShown|null} study @returns {Fact[]} */
export function factsOf({ analysis, reference, spent, registration, constant_predictor, tuning }, study) {
  const units = String(study?.units ?? analysis.units);
  const unit = study?.unit ? ` ${study.unit}` : "";
  const facts = [
    analysis.unit_of_analysis === "seed"
      ? { label: "Seeds", value: units, help: "one trial of every arm per seed, paired" }
      : { label: "Repetitions", value: units, help: "of the whole search and its final seeds; each counts once" },
    {
      label: "Margin",
      value: analysis.margin === null ? "not fixed yet" : `${fine(analysis.margin)}${unit}`,
      help: "the smallest difference that matters",
    },
    {
      label: "Reference",
      value: reference ? `${fine(reference.mean)}${reference.sd === null ? "" : ` ± ${fine(reference.sd)}`}` : "—",
      help: "loss of the reference, ± standard deviation",
    },
    {
      label: "Constant predictor",
      value: fine(constant_predictor),
      help: "loss of the best prediction that ignores the input",
    },
    {
      label: "Trials",
      value: `${count(spent.runs)}${spent.diverged > 0 ? `, ${count(spent.diverged)} diverged` : ""}`,
      help: "searches included",
    },
    ...training(study?.settings ?? {}),
    ...chosen(tuning),
  ];
  if (registration)
    facts.push({
      label: "Registration hash",
      value: registration.slice(0, 16),
      help: "hash of the study and its margin, fixed before any variant ran; it changes if either is changed",
    });
  return facts;
}

/** How every arm was trained. @param {StudyShown["settings"]} settings @returns {Fact[]} */
function training({ "train.steps": steps, "train.batch": batch }) {
  if (typeof steps !== "number" || typeof batch !== "number") return [];
  const help = "examples in each step, the same for every arm";
  return [{ label: "Training", value: `${count(steps)} steps of ${count(batch)}`, help }];
}

/** What the search of the reference chose. @param {Report["tuning"]} tuning @returns {Fact[]} */
function chosen(tuning) {
  const searches = tuning.filter(({ arm }) => arm === "reference");
  const [search] = searches;
  const point = search && search.chosen !== null ? search.points[search.chosen] : undefined;
  if (!point) return [];
  const named = (/** @type {string} */ path) => path.slice(path.lastIndexOf(".") + 1).replaceAll("_", " ");
  const value = Object.entries(point.settings).map(
    ([path, one]) => `${named(path)} ${typeof one === "number" ? fine(one) : one}`,
  );
  const by = searches.length > 1 ? "the first of its searches" : "its own search";
  const help = `of the reference, chosen by ${by}; every arm has its own`;
  return [{ label: "Hyper-parameters", value: value.join(", "), help }];
}
