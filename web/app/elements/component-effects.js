/** Direct and total effects of each component of the trained model, and what each head costs ablated and retrained. */

import { BaseElement, h, keyedList, setAttribute, setText } from "../dom.js";
import { isTrained, shownEffects } from "../effects.js";
import { ComponentsTogether } from "./components-together.js";
import { FigureCard } from "./figure-card.js";

/** @typedef {import("../generated/protocol.js").Site} Site */

/** What is offered first: where later components are left outputs that they know. */
const USUAL = "mean";

export class ComponentEffects extends BaseElement {
  // Nothing can be asked for before it is known whether there is a trained model.
  #operator = h("select", { id: "effects-operator", disabled: true });
  #measure = h("button", { type: "button", disabled: true, onclick: () => this.#ask(false) }, "Measure effects");
  #retrain = h(
    "button",
    { type: "button", disabled: true, onclick: () => this.#ask(true) },
    "Train without each head as well",
  );
  #stop = h("button", { type: "button", onclick: () => this.store.send({ type: "stopEffects" }) }, "Stop");
  #status = h("p", { class: "state", role: "status" });
  #figures = h("div", { class: "figures" });
  #together = new ComponentsTogether();

  build() {
    this.append(
      h(
        "p",
        { class: "note" },
        "An ablation takes away what a component adds to the right token’s logit (its direct effect), and what later " +
          "components and the final norm do about that. Where the total effect is smaller than the direct one, the " +
          "model repairs itself: a small change of the loss then does not say that the component did nothing.",
      ),
      h(
        "div",
        { class: "pick" },
        h("label", { for: "effects-operator" }, "Ablated by"),
        this.#operator,
        this.#measure,
        this.#retrain,
        this.#stop,
      ),
      this.#status,
      this.#figures,
      this.#together,
    );
    this.#operator.addEventListener("change", () => this.draw(this.store.state));
    this.#together.addEventListener("ablate-together", (event) => {
      const components = /** @type {CustomEvent<string[]>} */ (event).detail;
      this.store.send({ type: "together", operator: this.#operator.value, components });
    });
    this.#drawer?.addEventListener("toggle", () => this.draw(this.store.state));
  }

  /** What the effects are folded into. */
  get #drawer() {
    return this.closest("details");
  }

  /** @param {boolean} retrain */
  #ask(retrain) {
    this.store.send({ type: "effects", operator: this.#operator.value, retrain });
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    if (this.#drawer?.open === false) return;
    const sites = state.description?.sites ?? [];
    if (this.changed("sites", sites)) this.#drawOperators(sites);
    const effects = shownEffects(state);
    const busy = effects !== null && effects.status !== "done";
    const ready = isTrained(state) && !busy;
    const heads = sites.some(({ kind }) => kind === "head");
    setAttribute(this.#operator, "disabled", !ready);
    setAttribute(this.#measure, "disabled", !ready);
    setAttribute(this.#retrain, "disabled", !ready);
    this.#retrain.hidden = !heads;
    this.#stop.hidden = !busy;
    setText(this.#status, statusText(state, effects));
    const unit = state.view?.contrast.unit ?? "";
    const found = effects?.together ?? null;
    this.#together.show({ sites, operator: this.#operator.value, ready, unit, found });
    if (!this.changed("figures", effects?.bars, effects?.heads)) return;
    keyedList(
      this.#figures,
      [effects?.bars ?? [], effects?.heads ?? []].flat(),
      ({ name }) => name,
      () => new FigureCard(),
      (card, figure) => /** @type {FigureCard} */ (card).show(figure),
    );
  }

  /** The operators that are offered at branches of the stream and blocks. @param {Site[]} sites */
  #drawOperators(sites) {
    /** @type {Map<string, string>} */
    const labels = new Map();
    for (const { placement, ablations } of sites)
      if (placement === "branch" || placement === "group")
        for (const { operator, label, grade } of ablations) if (grade.grade !== "refused") labels.set(operator, label);
    const chosen = this.#operator.value || USUAL;
    keyedList(
      this.#operator,
      [...labels],
      ([operator]) => operator,
      ([operator]) => h("option", { value: operator }),
      (option, [, label]) => setText(option, label),
    );
    this.#operator.value = labels.has(chosen) ? chosen : ([...labels.keys()][0] ?? "");
  }
}

/**
 * @param {import("../store.js").State} state
 * @param {import("../effects.js").Effects|null} effects
 */
function statusText(state, effects) {
  if (effects?.problem) return `${effects.problem.message} ${effects.problem.hint}`.trim();
  if (effects?.status === "measuring")
    return effects.sets > 0 ? `Ablating ${effects.sets} sets…` : "Measuring every branch and head…";
  if (effects?.status === "training") return `Training without each head: ${Math.floor(100 * effects.share)} %.`;
  if (effects)
    return effects.retrained ? "One seed, untuned: no verdict. A study asks the same with tuning and seeds." : "";
  return isTrained(state) ? "" : "Train the model first.";
}
