/**
 * What the page has to say for itself: a problem, what was corrected in the link, results that are missing. Nothing of
 * this is silent and nothing covers the page.
 */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { isPlain, presetOf } from "../link.js";
import { storedView } from "../store.js";

/** @typedef {import("../store.js").State} State */
/**
 * @typedef {{key: string, tone: "info"|"error", message: string, hint: string, code?: string, action?: {label: string,
 *   do: () => void}}} Line
 */

/** A mangled link can hold hundreds of things to correct; so many are said one by one. */
const SHOWN = 8;

export class NoticeList extends BaseElement {
  #lines = h("ul", { class: "notices" });
  #corrections = h("ul");
  #more = h("p");
  #corrected = h(
    "div",
    { class: "corrections", role: "group", "aria-label": "Corrections" },
    h("p", {}),
    this.#corrections,
    this.#more,
  );

  build() {
    this.#corrected.hidden = true;
    this.append(this.#lines, this.#corrected);
  }

  focusFallback() {
    return this.#lines.querySelector("button") ?? document.getElementById(`tab-${this.store.state.page.tab}`);
  }

  /** @param {State} state */
  draw(state) {
    this.#drawLines(lines(state, this.store));
    this.#drawCorrections(state);
  }

  /** @param {Line[]} items */
  #drawLines(items) {
    keyedList(
      this.#lines,
      items,
      ({ key }) => key,
      ({ action }) =>
        h(
          "li",
          {},
          h("p", { class: "message" }),
          h("p", { class: "hint" }),
          action && h("button", { type: "button", onclick: action.do }, action.label),
        ),
      (element, { tone, code, message, hint }) => {
        setAttribute(element, "class", tone);
        setAttribute(element, "data-code", code);
        setText(/** @type {Element} */ (element.querySelector(".message")), message);
        setText(/** @type {Element} */ (element.querySelector(".hint")), hint);
      },
    );
  }

  /** @param {State} state */
  #drawCorrections({ description, live, pageCorrections, study: { sheet } }) {
    if (!this.changed("corrections", description, pageCorrections, sheet)) return;
    const all = [...pageCorrections, ...(live ? (description?.corrections ?? []) : []), ...(sheet?.corrections ?? [])];
    this.#corrected.hidden = all.length === 0;
    setText(
      /** @type {Element} */ (this.#corrected.querySelector("p")),
      all.length === 1 ? "One entry of the link was corrected:" : `${all.length} entries of the link were corrected:`,
    );
    this.#more.hidden = all.length <= SHOWN;
    setText(this.#more, all.length > SHOWN ? `and ${all.length - SHOWN} more` : "");
    keyedList(
      this.#corrections,
      all.slice(0, SHOWN).map((correction, index) => ({ ...correction, key: `${index}` })),
      ({ key }) => key,
      () => h("li"),
      (element, { path, given, used, reason }) =>
        element.replaceChildren(h("code", {}, path), " ", h("code", {}, given || "(empty)"), ` → ${used} — ${reason}`),
    );
  }
}

/** @param {State} state @param {import("../store.js").Store} store @returns {Line[]} */
function lines(state, store) {
  /** @type {Line[]} */
  const all = [];
  const { engine, notice, stored, storedMissing, page, link, description } = state;
  if (engine.status === "failed" && engine.problem) {
    const shown = stored ? "The stored result is shown." : "There is no stored result to show either.";
    all.push({
      key: "engine",
      tone: "error",
      code: engine.problem.code,
      message: `${engine.problem.message} ${shown}`,
      hint: engine.problem.hint,
    });
  }
  if (stored && !isPlain(link) && (engine.status === "failed" || page.stored)) {
    const preset = presetOf(link) ?? "its preset";
    all.push({
      key: "asked",
      tone: "info",
      message: `The link sets other values than the stored result of ${preset}; they are not applied.`,
      hint: "",
    });
  }
  if (state.place === "page" && engine.status !== "failed") {
    all.push({
      key: "place",
      tone: "info",
      message:
        page.force === "main"
          ? "The link asks for training in the page itself (view.force=main), which is slower than in a worker."
          : "Workers are blocked here, so training runs in the page itself and is slower.",
      hint: page.force === "main" ? "" : "In a tab of its own the page uses workers.",
    });
  }
  if (state.newer) {
    all.push({
      key: "newer",
      tone: "info",
      message: "A newer version of this page is ready: reload.",
      hint: "It is used once no other tab shows this one. A study goes on where it stopped.",
      action: { label: "Reload", do: () => location.reload() },
    });
  }
  if (page.stored) {
    all.push({
      key: "stored-only",
      tone: "info",
      message: "This link shows stored results only.",
      hint: "",
      action: { label: "Run it here", do: () => runHere(store) },
    });
  }
  if (
    storedMissing &&
    !state.view &&
    (description === null || isPlain(link)) &&
    (page.stored || engine.status === "failed" || !storedView(state))
  ) {
    const hint = engine.status === "failed" || page.stored ? "" : "Press Train to compute it here.";
    all.push({ key: "missing", tone: "info", message: storedMissing, hint });
  }
  if (notice)
    all.push({
      key: "notice",
      tone: notice.tone,
      code: notice.problem.code,
      message: notice.problem.message,
      hint: notice.problem.hint,
      action: { label: "Dismiss", do: () => store.send({ type: "notice", notice: null }) },
    });
  return all;
}

/**
 * Runs what the page shows by then, which need not be what it showed when the button was made.
 *
 * @param {import("../store.js").Store} store
 */
function runHere(store) {
  const { page, link } = store.state;
  store.send({ type: "asked", fragment: { ...page, stored: false }, link, corrections: [] });
}
