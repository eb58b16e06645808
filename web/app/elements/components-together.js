/**
 * A few components of the trained model, ablated together: what each costs alone, behind all others and over all
 * orders. Properties in, the event `ablate-together` with the chosen paths out.
 */

import { h, keyedList, setAttribute, setText } from "../dom.js";
import { signed } from "../format.js";
import { FEWEST, MOST, agreement, choose, firstChosen, isEnough, offered, untickedText } from "../together.js";

/** @typedef {import("../generated/protocol.js").Site} Site */
/** @typedef {import("../generated/protocol.js").Together} Together */

const COLUMNS = ["component", "alone", "last", "Shapley value"];

export class ComponentsTogether extends HTMLElement {
  /** @type {Site[]} */
  #offered = [];
  /** @type {string[]} */
  #chosen = [];
  #of = "";
  #ready = false;
  /** @type {Together|null} */
  #shown = null;
  #list = h("ul", { class: "choices" });
  #measure = h("button", { type: "button", disabled: true, onclick: () => this.#ask() }, "Ablate every set of them");
  #count = h("span", { class: "note" });
  /** What choosing one took away. */
  #unticked = h("p", { class: "note", role: "status" });
  #caption = h("caption");
  #rows = h("tbody");
  #table = h(
    "table",
    {},
    this.#caption,
    h("thead", {}, h("tr", {}, ...COLUMNS.map((column) => h("th", { scope: "col" }, column)))),
    this.#rows,
  );
  #found = h("p");

  connectedCallback() {
    if (this.firstChild) return;
    this.append(
      h("h3", {}, "Together"),
      h(
        "p",
        { class: "note" },
        "Where two components do the same work, each costs little alone, and much once the other is ablated as well. ",
        "Alone: only it is ablated. Last: it is ablated when all others are.",
      ),
      h("fieldset", {}, h("legend", {}, `Components, ${FEWEST} to ${MOST}`), this.#list),
      this.#unticked,
      h("div", { class: "pick" }, this.#measure, this.#count),
      this.#table,
      this.#found,
    );
  }

  /**
   * @param {object} shown
   * @param {Site[]} shown.sites
   * @param {string} shown.operator
   * @param {boolean} shown.ready  whether the model is trained and nothing else is computed
   * @param {string} shown.unit  of the loss
   * @param {Together|null} shown.found
   */
  show({ sites, operator, ready, unit, found }) {
    this.#offered = offered(sites, operator);
    this.hidden = this.#offered.length < FEWEST;
    this.#ready = ready;
    const paths = this.#offered.map(({ path }) => path);
    if (this.#of !== paths.join()) {
      this.#of = paths.join();
      setText(this.#unticked, "");
      const kept = this.#chosen.filter((path) => paths.includes(path));
      this.#chosen = isEnough(kept) ? kept : firstChosen(this.#offered);
    }
    this.#drawChoices();
    this.#drawFound(found, unit);
  }

  #ask() {
    const paths = this.#offered.map(({ path }) => path).filter((path) => this.#chosen.includes(path));
    this.dispatchEvent(new CustomEvent("ablate-together", { bubbles: true, detail: paths }));
  }

  #drawChoices() {
    keyedList(
      this.#list,
      this.#offered,
      ({ path }) => path,
      ({ path }) => {
        const box = h("input", { type: "checkbox", value: path, onchange: () => this.#choose(path, box.checked) });
        return h("li", {}, h("label", {}, box, h("code", {}, path)));
      },
      (row, { path }) => {
        const box = /** @type {HTMLInputElement} */ (row.querySelector("input"));
        box.checked = this.#chosen.includes(path);
        setAttribute(box, "disabled", !this.#ready);
      },
    );
    setAttribute(this.#measure, "disabled", !this.#ready || !isEnough(this.#chosen));
    setText(this.#count, isEnough(this.#chosen) ? `${2 ** this.#chosen.length} sets` : `${this.#chosen.length} ticked`);
  }

  /** @param {string} path @param {boolean} on */
  #choose(path, on) {
    const before = this.#chosen;
    this.#chosen = choose(before, path, on);
    setText(this.#unticked, untickedText(path, before, this.#chosen));
    this.#drawChoices();
  }

  /** @param {Together|null} found @param {string} unit */
  #drawFound(found, unit) {
    this.#table.hidden = this.#found.hidden = found === null;
    if (!found || found === this.#shown) return;
    this.#shown = found;
    setText(this.#caption, `Rise of the test loss${unit && ` in ${unit}`} (${found.operator}); one seed, no verdict`);
    const all = h("th", { scope: "row" }, "all together");
    const sum = h("tr", {}, all, h("td", { colspan: 2 }), h("td", {}, signed(found.all)));
    this.#rows.replaceChildren(...found.shares.map(row), sum);
    setText(this.#found, agreement(found));
  }
}

/** @param {import("../generated/protocol.js").Shares} shares */
function row({ component, first, last, shapley }) {
  const cells = [first, last, shapley].map((value) => h("td", {}, signed(value)));
  return h("tr", {}, h("th", { scope: "row" }, component), ...cells);
}
