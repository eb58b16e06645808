/** How much is run, and what it will take: known before it starts. */

import { Part, attribute, each, h, say } from "../dom.js";
import { armLabel } from "../arms.js";
import { about, count } from "../format.js";
import { canStudy } from "../store.js";
import { estimate } from "../study-state.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("../protocol.js").Cost} Cost */
/** @typedef {import("../protocol.js").Design} Design */

/** What each tier is good for. @type {Record<string, string>} */
const TIERS = {
  sketch: "Enough to see which way it goes.",
  standard: "Ten seeds, and a search twice as fine: what a paper should show.",
  gold: "The whole search repeated eight times: the luck of tuning is measured too.",
};

const STAGES = { search: "Search", train: "Training", cut: "Cutting", heal: "Healing" };

/** @type {{key: string, label: string, help: string, minimum: number, maximum: number, step: string}[]} */
const NUMBERS = [
  {
    key: "study.seeds",
    label: "Seeds",
    help: "Paired runs of every arm. Below six no test can find a difference.",
    minimum: 1,
    maximum: 64,
    step: "1",
  },
  {
    key: "study.trials",
    label: "Search points",
    help: "Hyper-parameters that each arm tries; the same number for all.",
    minimum: 1,
    maximum: 256,
    step: "1",
  },
  {
    key: "study.margin",
    label: "Margin",
    help: "The smallest difference that matters, as a share of what the reference learned. Fixed before any variant runs.",
    minimum: 0.0001,
    maximum: 0.5,
    step: "any",
  },
  {
    key: "study.seed",
    label: "Root seed",
    help: "All seeds are drawn from it. The same study has the same seeds everywhere.",
    minimum: 0,
    maximum: 4294967295,
    step: "1",
  },
];

const CLAIM =
  "What the study is to show, in a sentence. Written down before anything runs, and printed on its card; without one the study is exploratory.";

export class StudyProtocol extends Part {
  #why = h("p", { class: "help", id: "study-claim-help" });
  #claim = h("input", {
    type: "text",
    id: "study-claim",
    maxlength: 300,
    "aria-describedby": "study-claim-help",
    onchange: () => this.store.send({ type: "set", changes: { "study.claim": this.#claim.value.trim() || null } }),
  });
  #tiers = h("fieldset", { class: "tiers" }, h("legend", {}, "How much is run"));
  #list = h("div", { class: "tier-list" });
  #numbers = h("div", { class: "fields" });
  #total = h("p", { class: "total" });
  #how = h("p", { class: "note" });
  #items = h("tbody");
  #made = h(
    "details",
    {},
    h("summary", {}, "What it is made of"),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Runs and updates by stage and arm" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h("tr", {}, ...["Stage", "Arm", "Runs", "Updates"].map((column) => h("th", { scope: "col" }, column))),
        ),
        this.#items,
      ),
    ),
  );

  build() {
    this.#tiers.append(this.#list);
    this.append(
      h("h3", {}, "What it takes"),
      h("div", { class: "cost" }, this.#total, this.#how, this.#made),
      this.#tiers,
      h(
        "details",
        { class: "own", open: true },
        h("summary", {}, "Claim and numbers of your own"),
        h("div", { class: "field claim" }, h("label", { for: "study-claim" }, "Claim"), this.#claim, this.#why),
        this.#numbers,
      ),
    );
  }

  /** @param {State} state */
  draw(state) {
    const { study, page } = state;
    if (page.tab !== "study" || !study.sheet) return;
    const { sheet, from, rate, measured, cores } = study;
    const free = from === "link" && canStudy(state, false) && study.status !== "running";
    // What was set just now is shown, and not what the engine last read.
    const asked = state.pending ?? state.description?.link ?? sheet.link ?? "";
    const fixed = study.done.size > 0;
    if (!this.changed("sheet", sheet, free, fixed, rate, measured, cores, asked)) return;
    const shown = sheet.study;
    // A record that the engine has not read yet says nothing of what it took.
    this.hidden = !shown || shown.tiers.length === 0;
    if (!shown || this.hidden) return;
    this.#drawCost(shown.cost, study);
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
    each(
      this.#numbers,
      NUMBERS,
      ({ key }) => key,
      (number) => this.#make(number),
      (row, { key }) => {
        const input = /** @type {HTMLInputElement} */ (row.querySelector("input"));
        attribute(input, "disabled", !free);
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
    attribute(this.#claim, "disabled", !free || fixed);
    say(
      this.#why,
      fixed
        ? "There are results already, and a claim is written before them: discard what was found to change it."
        : CLAIM,
    );
    if (this.#claim.value !== claim && document.activeElement !== this.#claim) this.#claim.value = claim;
  }

  /** @param {Cost} cost @param {import("../study-state.js").StudyState} study */
  #drawCost(cost, study) {
    const seconds = estimate(study, cost.updates);
    this.#total.replaceChildren(
      h("b", { class: "number" }, count(cost.runs)),
      " runs, ",
      h("b", { class: "number" }, count(cost.updates)),
      " updates",
      ...(seconds === null ? [] : [", about ", h("b", { class: "number" }, about(seconds)), " here"]),
    );
    const where = `${study.cores} ${study.cores === 1 ? "core" : "cores"}`;
    say(
      this.#how,
      study.rate
        ? `An estimate from the speed ${study.measured ? "measured just now" : "measured here before"}: ${count(study.rate)} updates a second on each of ${where}. Ranges that have to be widened take more.`
        : "How long it takes here is said once the speed is measured.",
    );
    each(
      this.#items,
      cost.items,
      ({ stage, arm }) => `${stage} ${arm}`,
      () => h("tr", {}, h("td"), h("td"), h("td", { class: "number" }), h("td", { class: "number" })),
      (row, { stage, arm, runs, updates }) =>
        [STAGES[stage], armLabel(arm), count(runs), count(updates)].forEach((text, index) =>
          say(/** @type {Element} */ (row.children[index]), text),
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
    each(
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
        attribute(input, "disabled", !free);
        const seconds = estimate(study, cost.updates);
        say(
          /** @type {Element} */ (label.querySelector(".time")),
          seconds === null ? `${count(cost.runs)} runs` : `≈ ${about(seconds)}`,
        );
        const repeated = searches > 1 ? `${searches} searches of ` : "";
        const tuning = tuning_seeds > 1 ? ` on ${tuning_seeds} seeds` : "";
        say(
          /** @type {Element} */ (label.querySelector(".size")),
          `${repeated}${trials} points${tuning}, ${seeds} final seeds${searches > 1 ? " each" : ""}; ${count(cost.runs)} runs`,
        );
        say(/** @type {Element} */ (label.querySelector(".what")), TIERS[tier] ?? "");
      },
    );
  }

  /** @param {typeof NUMBERS[number]} number */
  #make({ key, label, help, minimum, maximum, step }) {
    const id = key.replace(".", "-");
    const input = h("input", {
      type: "number",
      id,
      min: minimum,
      max: maximum,
      step,
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
