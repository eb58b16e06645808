/**
 * The four arms at a glance: each with its test loss and how that stands to the constant predictor, its training loss
 * on the scale of all, and one example of what it predicts. The panels hold the rest.
 */

import { BaseElement, setAttribute, keyedList, h, setText, svg } from "../dom.js";
import { count, measure } from "../format.js";
import { armOf } from "../glossary.js";
import { exampleOf, ownCurve, polyline, scaleOf } from "../curves.js";
import { STANDINGS, constantLoss, lossesOf, standing } from "../headline.js";
import { approximationOf, referenceView, shownView } from "../store.js";
import { schedule } from "../scheduler.js";
import { parseSvg } from "../svg.js";
import { sentence } from "../verdicts.js";
import { PANELS, onlyReference } from "./arm-panels.js";
import { SHORT } from "./contrast-summary.js";

/** @typedef {import("../generated/protocol.js").View} View */
/** @typedef {import("../generated/protocol.js").Panel} Panel */
/** @typedef {import("../curves.js").Scale} Scale */
/** @typedef {{name: string, title: string, panel: Panel|undefined}} Card */

/** What is drawn in a box, so that what did not change is left alone. @type {WeakMap<Element, string>} */
const DRAWN = new WeakMap();

export class ArmCards extends BaseElement {
  #list = h("ul", { class: "cards" });

  build() {
    this.append(this.#list);
    this.#show(null, null, "");
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const view = shownView(state);
    const kept = view ? null : referenceView(state);
    const approximation = approximationOf(state);
    if (this.changed("view", view, kept, state.run.diverged, approximation))
      this.#show(view ?? (kept && onlyReference(kept)), state.run.diverged?.arm ?? null, approximation);
  }

  /**
   * @param {View|null} view
   * @param {string|null} diverged  the arm whose training diverged
   * @param {string} approximation  why what follows from the ablation is approximate
   */
  #show(view, diverged, approximation) {
    const constant = constantLoss(view);
    const scale = scaleOf(view, constant);
    const { reference, ablated, recovered } = lossesOf(view);
    const worsened = recovered !== undefined && ablated !== undefined && recovered > 1.01 * ablated;
    const before = view?.panels.find(({ name }) => name === "reference");
    keyedList(
      this.#list,
      PANELS.map(([name, symbol]) => ({
        name,
        title: sentence(armOf(symbol).name),
        panel: view?.panels.find((panel) => panel.name === name),
      })),
      ({ name }) => name,
      make,
      (card, { name, panel }) =>
        schedule(card, () => {
          const arm = panel?.arms[0];
          const [loss, score] = arm?.measures ?? [];
          const value = loss?.value ?? null;
          const lost = diverged !== null && diverged === (arm?.name ?? name);
          setAttribute(card, "data-known", value !== null);
          const approximate = approximation !== "" && value !== null && (name === "ablated" || name === "recovered");
          setAttribute(card, "data-approximate", approximate);
          const what = arm ? `${panel?.label}: ${arm.label}` : null;
          setAttribute(card, "title", approximate ? `${what}. Approximate: ${approximation}` : what);
          setText(part(card, ".value"), lost ? "diverged" : `${approximate ? "≈ " : ""}${measure(value)}`);
          setText(
            part(card, ".unit"),
            value === null || lost || (loss?.unit.length ?? 0) > SHORT ? "" : (loss?.unit ?? ""),
          );
          setText(
            part(card, ".score"),
            score && value !== null ? ` · ${score.label.toLowerCase()} ${measure(score.value)}` : "",
          );
          const stands = value === null || diverged !== null ? "unknown" : standing(value, constant, reference);
          setAttribute(card, "data-standing", stands);
          setText(
            part(card, ".standing"),
            name === "recovered" && worsened && diverged === null
              ? `${STANDINGS[stands]}${STANDINGS[stands] ? ", and" : ""} worse than before fine-tuning`.trim()
              : STANDINGS[stands] || statusOf(panel, view),
          );
          drawSpark(part(card, ".spark"), { name, panel, before, scale, constant });
          drawExample(part(card, ".example"), panel);
        }),
    );
  }
}

/** @param {Card} card */
function make({ name, title }) {
  return h(
    "li",
    { class: `arm-card ${name}`, "data-card": name },
    h("h3", {}, h("span", { class: `glyph ${name}`, "aria-hidden": "true" }), title),
    h(
      "p",
      { class: "loss number" },
      h("span", { class: "value" }),
      h("span", { class: "unit" }),
      h("span", { class: "what" }, "test loss"),
    ),
    h("p", { class: "read" }, h("span", { class: "standing" }), h("span", { class: "score" })),
    h("div", { class: "spark", role: "img" }),
    h("div", { class: "example" }),
  );
}

/** @param {Element} card @param {string} selector */
function part(card, selector) {
  return /** @type {HTMLElement} */ (card.querySelector(selector));
}

/** What is said of an arm whose loss needs no word. @param {Panel|undefined} panel @param {View|null} view */
function statusOf(panel, view) {
  const arm = panel?.arms[0];
  if (!arm || !view) return "not run yet";
  if (arm.status === "training") return `${count(arm.step)} of ${count(arm.steps)} steps`;
  if (arm.status === "done") return view.source.kind === "stored" ? "stored" : "computed here";
  return arm.reason ?? "not run yet";
}

/**
 * The training loss of an arm, with that of the reference behind it and the constant predictor's as a line.
 *
 * @param {HTMLElement} box
 * @param {{name: string, panel: Panel|undefined, before: Panel|undefined, scale: Scale, constant: number|null}} given
 */
function drawSpark(box, { name, panel, before, scale, constant }) {
  const own = panel ? ownCurve(panel) : [];
  const behind = name === "reference" || !before || own.length === 0 ? [] : ownCurve(before);
  const key = `${polyline(own, scale)} ${polyline(behind, scale)} ${constant}`;
  if (DRAWN.get(box) === key) return;
  DRAWN.set(box, key);
  const last = own.at(-1);
  const y = constant === null ? null : 100 - (100 * constant) / scale.loss;
  setAttribute(
    box,
    "aria-label",
    last
      ? `Training loss from ${measure(own[0]?.loss)} to ${measure(last.loss)}, constant predictor ${measure(constant)}`
      : "No training loss yet",
  );
  const line = (/** @type {Record<string, unknown>} */ given) => svg("polyline", { fill: "none", ...given });
  const end = h("i", { class: `glyph ${name}` });
  if (last) {
    end.style.left = `${(100 * last.step) / scale.steps}%`;
    end.style.top = `${100 - (100 * Math.max(0, last.loss)) / scale.loss}%`;
  }
  box.replaceChildren(
    svg(
      "svg",
      { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
      y !== null && last !== undefined && line({ class: "constant", points: `0,${y} 100,${y}` }),
      line({ class: "behind", points: polyline(behind, scale) }),
      line({ class: `own ${name}`, points: polyline(own, scale) }),
    ),
    ...(last ? [end] : []),
  );
}

/** One prediction, or the samples where they are no tokens. @param {HTMLElement} box @param {Panel|undefined} panel */
function drawExample(box, panel) {
  const figure = panel?.figures.find(({ name }) => name === "sample");
  const key = figure?.svg ?? "";
  if (DRAWN.get(box) === key) return;
  DRAWN.set(box, key);
  const example = exampleOf(figure?.table);
  setAttribute(/** @type {Element} */ (box.parentElement), "data-example", null);
  if (!figure) box.replaceChildren();
  else if (example)
    box.replaceChildren(
      h(
        "p",
        { class: "tokens" },
        h(
          "span",
          { class: "text" },
          ...example.tokens.map(({ text, wrong }) =>
            wrong ? h("mark", { title: "wrong" }, text) : h("span", {}, text),
          ),
        ),
        h("span", { class: "count" }, example.correct, example.correct && h("span", { class: "word" }, " right")),
      ),
    );
  else {
    const drawing = parseSvg(figure.svg);
    for (const text of drawing?.querySelectorAll("text") ?? []) text.remove();
    if (drawing) setAttribute(drawing, "role", "img");
    if (drawing) setAttribute(drawing, "aria-label", figure.title);
    const [, , width = 1, height = 1] = (drawing?.getAttribute("viewBox") ?? "").split(" ").map(Number);
    setAttribute(/** @type {Element} */ (box.parentElement), "data-example", width > 2 * height ? "wide" : "square");
    box.replaceChildren(...(drawing ? [drawing] : []));
  }
}
