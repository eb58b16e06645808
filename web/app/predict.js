/**
 * Predict first: a link with `view.predict=1` asks for a guess before it shows results, and shows the guess beside them
 * afterwards. Who has committed to an answer looks at the result differently from who has only read it.
 *
 * Of the sandbox the two gaps of the ablated component are asked; of a study, which of its components are needed, and
 * in which order. A guess stays in this tab and is sent nowhere.
 */

import { BaseElement, h, keyedList, setText } from "./dom.js";
import { fineSigned, signed } from "./format.js";
import { ablationOf, settledView } from "./store.js";
import { called, neededText } from "./labels.js";
import { keyOf } from "./link.js";
import { loadStyle } from "./styles.js";
import { verdictOf } from "./verdicts.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {{key: string, label: string, changed: boolean}} Item  changed: not left out but changed */
/** @typedef {{id: string, kind: "gaps"|"components", title: string, items: Item[]}} Question */
/**
 * What was said of each item, in the reader's order. A list: an object puts names that are whole numbers first.
 *
 * @typedef {readonly (readonly [key: string, said: string])[]} Guess
 */
/** @typedef {{key: string, label: string, guess: string, result: string}} Row */

/** Results, and what says what comes out: the claim of a study is its authors' own guess. */
export const RESULTS = [
  'answer-line, contrast-summary, arm-cards, [data-drawer="panels"], [data-drawer="effects"], .report, model-map .peek',
  "task-card .needed, .actions .need, .actions .answer, .claim",
].join();

const CHOICES = ["rises", "stays about the same", "falls"];

const GAPS = /** @type {const} */ ([
  { key: "disruption", label: "Ablated in the trained model, the test loss", changed: false },
  { key: "necessity", label: "Retrained without it, the test loss compared with the reference", changed: false },
]);

/**
 * What the reader is asked, `null` where there is nothing to guess yet.
 *
 * @param {Pick<State, "page"|"description"|"study">} state
 * @returns {Question|null}
 */
export function questionOf({ page, description, study }) {
  // An assignment asks about its study, whichever view is looked at.
  if (page.tab === "sandbox" && page.assignment === null) {
    const ablation = ablationOf(/** @type {State} */ ({ description }));
    if (!ablation || !description) return null;
    const site = description.sites.find(({ path }) => path === ablation.site);
    const title = `Before you look: what happens without ${site ? `${site.label} (${site.path})` : ablation.site}?`;
    return { id: `${description.link} ${keyOf(ablation)}`, kind: "gaps", title, items: [...GAPS] };
  }
  // What is compared is known before any of it was run, and then the guess is worth most.
  const { sheet, reported } = study;
  const items =
    reported?.report.analysis.components.map(({ component, label, changed }) => itemOf(component, label, changed)) ??
    sheet?.study?.variants.map(({ name, label, remove }) => itemOf(name, label, remove.length === 0)) ??
    [];
  if (items.length === 0) return null;
  // Not in the order of the report, which says something.
  items.sort((a, b) => (a.label < b.label ? -1 : 1));
  const title = "Before you look: which of these are needed, and which are needed most?";
  return { id: idOf(sheet?.study?.hash ?? study.name ?? ""), kind: "components", title, items };
}

/** A component by the name that the study gives it. @type {(name: string, label: string, changed: boolean) => Item} */
function itemOf(name, label, changed) {
  return { key: name, label: called(name, label, changed), changed };
}

/** The id of the question about a study. @param {string} hash */
export function idOf(hash) {
  return `study ${hash}`;
}

/**
 * The guess beside the result.
 *
 * @param {Question} question
 * @param {Guess} guess
 * @param {Pick<State, "study"> & {view: import("./generated/protocol.js").View|null}} state
 * @returns {Row[]}
 */
export function compare({ kind, items }, guess, { study, view }) {
  if (kind === "gaps") {
    const contrast = view?.contrast;
    return items.map(({ key, label }) => {
      const value = key === "disruption" ? contrast?.disruption : (contrast?.necessity ?? contrast?.untuned);
      const known = value !== null && value !== undefined;
      const result = known ? `${signed(value)} ${contrast?.unit ?? ""}`.trim() : "not computed yet";
      return { key, label, guess: guess.find(([one]) => one === key)?.[1] ?? "", result };
    });
  }
  const analysis = study.reported?.report.analysis;
  const components = analysis?.components ?? [];
  const measured = components
    .filter(({ answers }) => answers.necessity)
    .sort((a, b) => (b.answers.necessity?.mean ?? 0) - (a.answers.necessity?.mean ?? 0))
    .map(({ component }) => component);
  return guess.flatMap(([key, said], index) => {
    const item = items.find((one) => one.key === key);
    const component = components.find((one) => one.component === key);
    if (!item || !component || !analysis) return [];
    const { necessity } = component.answers;
    const { name } = verdictOf(component, analysis.units);
    const rank = measured.indexOf(key);
    const place = necessity ? `; ${fineSigned(necessity.mean)}, place ${rank + 1} of ${measured.length}` : "";
    return [
      {
        key,
        label: item.label,
        guess: `${neededText(said === "needed", item.changed)}, place ${index + 1}`,
        result: `${name}${place}`,
      },
    ];
  });
}

export class PredictFirst extends BaseElement {
  /** @type {Question|null} */
  #question = null;
  /** The items in the order in which they stand. @type {Item[]} */
  #order = [];
  #title = h("h2", { tabindex: -1, id: "predict-title" });
  #how = h("p", { class: "note" });
  #list = h("ol", { class: "guesses" });
  /** That nothing is needed is said, and not taken from an untouched form. It is no component: it has no name. */
  #none = h("input", { type: "checkbox", onchange: () => this.#only(this.#none) });
  #noneText = h("span");
  #noneRow = h("p", { class: "none-of-them" }, h("label", {}, this.#none, this.#noneText));
  #lacks = h("p", { class: "lacks", role: "alert", hidden: true });
  #submit = h("button", { type: "button", class: "primary", onclick: () => this.#commit() });
  /** It is not sent: a frame may forbid that, and nobody would get it. */
  #form = h("form", {}, this.#how, this.#list, this.#noneRow, this.#lacks, this.#submit);
  #rows = h("tbody");
  #table = h(
    "table",
    {},
    h("caption", {}, "Your guess beside the result"),
    h(
      "thead",
      {},
      h("tr", {}, ...["", "Your guess", "Result"].map((text) => h("th", { scope: "col" }, text || "Question"))),
    ),
    this.#rows,
  );

  build() {
    this.append(this.#title, this.#form, this.#table);
  }

  focusFallback() {
    return this.#title;
  }

  /** @param {State} state */
  draw(state) {
    const question = state.page.predict ? questionOf(state) : null;
    if (question?.id !== this.#question?.id) this.#ask(question);
    const guess = question ? state.guesses.get(question.id) : undefined;
    const { predict, tab, assignment } = state.page;
    this.hidden = !predict || (question === null && tab === "sandbox" && assignment === null);
    document.body.dataset.predict = state.page.predict && !guess && !this.hidden ? "asking" : "answered";
    this.#form.hidden = !question || guess !== undefined;
    this.#table.hidden = !guess;
    const shown = question?.kind === "gaps" || state.study.reported;
    setText(this.#submit, shown ? "Show the results" : "Commit to this guess");
    setText(this.#title, guess ? "Your guess" : (question?.title ?? "The study is being loaded."));
    if (!question || !guess) return;
    keyedList(
      this.#rows,
      compare(question, guess, { study: state.study, view: settledView(state) }),
      ({ key }) => key,
      () => h("tr", {}, h("th", { scope: "row" }), h("td", { "data-is": "guess" }), h("td", { "data-is": "result" })),
      (row, { label, guess: said, result }) =>
        [label, said, result].forEach((text, index) => setText(/** @type {Element} */ (row.children[index]), text)),
    );
  }

  /** @param {Question|null} question */
  #ask(question) {
    this.#question = question;
    this.#order = [...(question?.items ?? [])];
    this.#list.replaceChildren();
    const changes = this.#order.some(({ changed }) => changed);
    setText(
      this.#how,
      question?.kind === "components"
        ? `Say of each whether ${changes ? "the model is worse without it or with the change" : "it is needed"}, ` +
            "and put the one that matters most first."
        : "Several answers can be true of one component.",
    );
    this.#none.checked = false;
    this.#noneRow.hidden = question?.kind !== "components";
    setText(this.#noneText, changes ? "None of them makes the model worse" : "None of them is needed");
    this.#lacks.hidden = true;
    this.#drawOrder();
  }

  #drawOrder() {
    const { kind } = this.#question ?? {};
    const last = this.#order.length - 1;
    keyedList(
      this.#list,
      this.#order.map((item, index) => ({ ...item, index })),
      ({ key }) => key,
      (item) => (kind === "gaps" ? choices(item) : this.#movable(item)),
      (row, { index }) => {
        const [up, down] = row.querySelectorAll("button");
        if (up) up.disabled = index === 0;
        if (down) down.disabled = index === last;
      },
    );
  }

  /** @param {Item} item */
  #movable(item) {
    const move = (/** @type {number} */ by) => {
      const from = this.#order.findIndex(({ key }) => key === item.key);
      const [moved] = this.#order.splice(from, 1);
      if (moved) this.#order.splice(from + by, 0, moved);
      this.#drawOrder();
    };
    const button = (/** @type {string} */ text, /** @type {number} */ by) =>
      h("button", { type: "button", "aria-label": `${text}: ${item.label}`, onclick: () => move(by) }, text);
    return h(
      "li",
      { class: "movable" },
      h(
        "label",
        {},
        h("input", {
          type: "checkbox",
          name: item.key,
          onchange: (/** @type {Event} */ { target }) => this.#only(/** @type {HTMLInputElement} */ (target)),
        }),
        h("span", {}, item.changed ? `Worse with ${item.label}` : `${item.label} is needed`),
      ),
      h("span", { class: "moves" }, button("Up", -1), button("Down", 1)),
    );
  }

  /** What was ticked, and that nothing is, exclude each other. @param {HTMLInputElement} ticked */
  #only(ticked) {
    this.#lacks.hidden = true;
    if (!ticked.checked) return;
    if (ticked !== this.#none) this.#none.checked = false;
    else for (const box of this.#list.querySelectorAll("input")) box.checked = false;
  }

  #commit() {
    const question = this.#question;
    if (!question || !this.#form.reportValidity()) return;
    const boxes = [this.#none, ...this.#list.querySelectorAll("input")];
    if (question.kind === "components" && !boxes.some(({ checked }) => checked)) {
      this.#lacks.hidden = false;
      setText(this.#lacks, `Tick at least one, or “${this.#noneText.textContent}”.`);
      return boxes[1]?.focus();
    }
    const given = new FormData(this.#form);
    const said = (/** @type {string} */ key) =>
      question.kind === "gaps" ? String(given.get(key) ?? "") : given.has(key) ? "needed" : "not needed";
    /** @type {Guess} */
    const guess = this.#order.map(({ key }) => [key, said(key)]);
    this.store.send({ type: "guessed", id: question.id, guess });
    this.draw(this.store.state);
    this.#title.focus();
  }
}

/** @param {Item} item */
function choices({ key, label }) {
  return h(
    "li",
    {},
    h(
      "fieldset",
      {},
      h("legend", {}, `${label} …`),
      ...CHOICES.map((choice) =>
        h("label", {}, h("input", { type: "radio", name: key, value: choice, required: true }), h("span", {}, choice)),
      ),
    ),
  );
}

/**
 * Asks before anything is shown. The results are hidden at once, by a rule that needs no file.
 *
 * @param {import("./store.js").Store} store
 */
export function askFirst(store) {
  document.body.dataset.predict = "asking";
  const hiding = new CSSStyleSheet();
  hiding.replaceSync(
    `body[data-predict="asking"] :is(${RESULTS}), body:not([data-predict="asking"]) .after-guess ` +
      "{ display: none !important; }",
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, hiding];
  // The Report view would be empty meanwhile.
  document
    .querySelector("#view-report")
    ?.prepend(h("p", { class: "after-guess note" }, "Results are shown after you have committed to a guess."));
  void loadStyle("lesson");
  customElements.define("predict-first", PredictFirst);
  const element = /** @type {PredictFirst} */ (document.createElement("predict-first"));
  const place = document.querySelector("[data-place=predict]");
  if (place) place.append(element);
  else (document.querySelector("notice-list") ?? document.querySelector("main"))?.after(element);
  element.store = store;
}
