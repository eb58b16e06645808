/** How much is run, and what it will take: known before it starts. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { about, count } from "../format.js";
import { STUDY_NUMBERS, termOf } from "../glossary.js";
import { canStudy } from "../store.js";
import { coresText } from "../study-device.js";
import { estimate, spent } from "../study-state.js";
import { trialsText } from "../trials.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("../generated/protocol.js").Cost} Cost */
/** @typedef {import("../generated/protocol.js").Design} Design */

const CLAIM =
  "The hypothesis in one sentence. It is fixed before anything runs and printed on the protocol card; " +
  "without one the study is exploratory.";

export class StudyProtocol extends BaseElement {
  #why = h("p", { class: "help", id: "study-claim-help" });
  #claim = h("input", {
    type: "text",
    id: "study-claim",
    maxlength: 300,
    "aria-describedby": "study-claim-help",
    onchange: () => this.store.send({ type: "set", changes: { "study.claim": this.#claim.value.trim() || null } }),
  });
  #tiers = h("fieldset", { class: "tiers" }, h("legend", {}, "Size of the study"));
  #list = h("div", { class: "tier-list" });
  #numbers = h("div", { class: "fields" });
  #title = h("h3", {}, "Cost");
  #total = h("p", { class: "total" });
  #how = h("p", { class: "note" });
  #items = h("tbody");
  #made = h(
    "details",
    {},
    h("summary", {}, "Cost by stage and arm"),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Trials and training steps by stage and arm" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h("tr", {}, ...["Stage", "Arm", "Trials", "Steps"].map((column) => h("th", { scope: "col" }, column))),
        ),
        this.#items,
      ),
    ),
  );

  build() {
    this.#tiers.append(this.#list);
    this.append(
      this.#title,
      h("div", { class: "cost" }, this.#total, this.#how, this.#made),
      this.#tiers,
      h(
        "details",
        { class: "own", open: true },
        h("summary", {}, "Claim and own numbers"),
        h("div", { class: "field claim" }, h("label", { for: "study-claim" }, "Claim"), this.#claim, this.#why),
        this.#numbers,
      ),
    );
  }

  /** @param {State} state */
  draw(state) {
    const { study, page } = state;
    if (page.tab !== "study" || !study.sheet) return;
    const { sheet, from, rate, measured, cores, device } = study;
    const free = from === "link" && canStudy(state, false) && study.status !== "running";
    // What was set just now is shown, and not what the engine last read.
    const asked = state.pending ?? state.description?.link ?? sheet.link ?? "";
    const fixed = study.done.size > 0;
    if (!this.changed("sheet", sheet, free, fixed, rate, measured, cores, device, asked, study.complete)) return;
    const shown = sheet.study;
    // A record that the engine has not read yet says nothing of what it took.
    this.hidden = !shown || shown.tiers.length === 0;
    if (!shown || this.hidden) return;
    this.#drawCost(shown.cost, study);
    setText(this.#title, study.complete ? "What it took" : "Cost");
    setAttribute(/** @type {Element} */ (this.#total.parentElement), "data-complete", study.complete);
    const given = new URLSearchParams(from === "link" ? asked : "");
    const chosen = from === "file" ? shown.design.tier : (given.get("study.tier") ?? "sketch");
    this.#drawTiers(shown.tiers, chosen, study, free);
    this.#drawClaim(given.get("study.claim") ?? (from === "file" ? shown.claim : ""), free, fixed);
    const { design } = shown;
    const values = {
      "study.seeds": design.seeds,
      "study.trials": design.trials,
      "study.margin": "share" in shown.margin ? shown.margin.share : shown.margin.absolute,
      "study.seed": shown.seed,
    };
    keyedList(
      this.#numbers,
      STUDY_NUMBERS,
      ({ key }) => key,
      (number) => this.#make(number),
      (row, { key }) => {
        const input = /** @type {HTMLInputElement} */ (row.querySelector("input"));
        setAttribute(input, "disabled", !free);
        const value = given.get(key) ?? String(values[/** @type {keyof typeof values} */ (key)]);
        // What is being typed is not corrected under the hand.
        if (input.value !== value && document.activeElement !== input) input.value = value;
      },
    );
  }

  /**
   * What a study is to show is not written after it was seen.
   *
   * @param {string} claim
   * @param {boolean} free
   * @param {boolean} fixed
   */
  #drawClaim(claim, free, fixed) {
    setAttribute(this.#claim, "disabled", !free || fixed);
    setText(
      this.#why,
      fixed ? "There are results already, and a claim is made before results: discard them to change it." : CLAIM,
    );
    if (this.#claim.value !== claim && document.activeElement !== this.#claim) this.#claim.value = claim;
  }

  /** @param {Cost} cost @param {import("../study-state.js").StudyState} study */
  #drawCost(cost, study) {
    const { ofUpdates } = spent(study);
    const seconds = study.complete ? null : estimate(study, ofUpdates);
    this.#total.replaceChildren(
      h("b", { class: "number" }, trialsText(study)),
      ", ",
      h("b", { class: "number" }, count(ofUpdates)),
      " training steps",
      ...(seconds === null ? [] : [", about ", h("b", { class: "number" }, about(seconds)), " here"]),
    );
    const when = study.measured ? "measured now" : "measured earlier";
    const where = study.device === "webgpu" ? "on WebGPU" : `on each of ${coresText(study.cores)}`;
    setText(
      this.#how,
      study.complete
        ? `Before it ran, ${count(cost.runs)} trials were expected. Trials that two arms share are run once; search ` +
            "ranges that have to be widened add trials."
        : study.rate
          ? `Estimated from ${count(study.rate)} steps/s ${where}, ${when}. ` +
            "Search ranges that have to be widened add trials."
          : "The time is estimated once the speed has been measured.",
    );
    keyedList(
      this.#items,
      cost.items,
      ({ stage, arm }) => `${stage} ${arm}`,
      () => h("tr", {}, h("td"), h("td"), h("td", { class: "number" }), h("td", { class: "number" })),
      (row, { stage, arm, runs, updates }) =>
        [termOf("stage", stage).name, termOf("arm", arm).name, count(runs), count(updates)].forEach((text, index) =>
          setText(/** @type {Element} */ (row.children[index]), text),
        ),
    );
  }

  /**
   * @param {(Design & {cost: Cost})[]} tiers
   * @param {string} chosen
   * @param {import("../study-state.js").StudyState} study
   * @param {boolean} free
   */
  #drawTiers(tiers, chosen, study, free) {
    keyedList(
      this.#list,
      tiers,
      ({ tier }) => tier,
      ({ tier }) =>
        h(
          "label",
          { class: "tier" },
          h("input", { type: "radio", name: "tier", value: tier, onchange: () => this.#tier(tier) }),
          h("span", { class: "name" }, tier),
          h("span", { class: "number time" }),
          h("span", { class: "note size" }),
          h("span", { class: "note what" }),
        ),
      (label, { tier, trials, tuning_seeds, searches, seeds, cost }) => {
        const input = /** @type {HTMLInputElement} */ (label.querySelector("input"));
        input.checked = tier === chosen;
        setAttribute(input, "disabled", !free);
        const seconds = estimate(study, cost.updates);
        setText(
          /** @type {Element} */ (label.querySelector(".time")),
          seconds === null ? `${count(cost.runs)} trials` : `≈ ${about(seconds)}`,
        );
        const repeated = searches > 1 ? `${searches} searches of ` : "";
        const finals = `${seeds} final seeds${searches > 1 ? " each" : ""}`;
        const tuning = tuning_seeds > 1 ? ` on ${tuning_seeds} seeds` : "";
        setText(
          /** @type {Element} */ (label.querySelector(".size")),
          `${repeated}${trials} search points${tuning}, ${finals}; ${count(cost.runs)} trials`,
        );
        setText(/** @type {Element} */ (label.querySelector(".what")), termOf("tier", tier).meaning);
      },
    );
  }

  /** @param {import("../glossary.js").StudyNumber} number */
  #make({ key, label, help, minimum, maximum, integer }) {
    const id = key.replace(".", "-");
    const input = h("input", {
      type: "number",
      id,
      min: minimum,
      max: maximum,
      step: integer ? 1 : "any",
      "aria-describedby": `${id}-help`,
      onchange: () => this.store.send({ type: "set", changes: { [key]: input.value === "" ? null : input.value } }),
    });
    return h(
      "div",
      { class: "field number" },
      h("label", { for: id }, label),
      input,
      h("p", { class: "help", id: `${id}-help` }, help),
    );
  }

  /** A tier brings its numbers with it. @param {string} tier */
  #tier(tier) {
    this.store.send({
      type: "set",
      changes: { "study.tier": tier === "sketch" ? null : tier, "study.seeds": null, "study.trials": null },
    });
  }
}
