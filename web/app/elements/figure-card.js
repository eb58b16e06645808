/** A figure: its drawing, and beside it the same numbers as a table. Patched in pieces; the table is made when it is asked for. */

import { attribute, h, say } from "../dom.js";
import { plotOf, rowAt, stepAt, xAt } from "../cursor.js";
import { ownIds, parseSvg } from "../svg.js";
import { soon } from "../pieces.js";

/** @typedef {import("../protocol.js").Figure} Figure */

let made = 0;

/** Rows that are put into a table in one piece. */
const ROWS = 40;

export class FigureCard extends HTMLElement {
  /** @type {Figure|null} */
  #figure = null;
  #svgText = "";
  /** @type {SVGSVGElement|null} */
  #svg = null;
  /** @type {import("../cursor.js").Plot|null} */
  #plot = null;
  /** @type {SVGLineElement|null} */
  #line = null;
  /** @type {number|null} */
  #step = null;
  #prefix = `f${++made}`;
  #caption = h("figcaption", { id: `${this.#prefix}-caption` });
  #drawing = h("div", { class: "drawing" });
  #readout = h("p", { class: "readout number" });
  #table = h("table");
  #scroll = h("div", { class: "scroll", tabindex: 0, role: "group" }, this.#table);
  #twin = h("details", { class: "twin", ontoggle: () => this.#fill(0) }, h("summary", {}, "Show as table"), this.#scroll);
  #filled = "";

  connectedCallback() {
    if (this.firstChild) return;
    this.append(h("figure", {}, this.#caption, this.#drawing, this.#readout, this.#twin));
    this.#drawing.addEventListener("pointermove", (event) => this.#point(event));
    this.#drawing.addEventListener("pointerdown", (event) => this.#point(event));
    this.#drawing.addEventListener("pointerleave", () => this.#tell(null));
  }

  /** What the plot spans, if this is a curve. */
  get plot() {
    return this.#plot;
  }

  /** @param {Figure} figure */
  show(figure) {
    this.#figure = figure;
    say(this.#caption, figure.title);
    attribute(this.#scroll, "aria-label", `${figure.title} as a table`);
    if (figure.svg !== this.#svgText) soon(this.#drawing, () => this.#draw(figure));
    if (this.#twin.open) soon(this.#table, () => this.#fill(0));
  }

  /** Marks one step and reads the figure there. @param {number|null} step */
  read(step) {
    this.#step = step;
    const at = this.#plot && step !== null ? xAt(this.#plot, step) : null;
    if (!this.#svg || !this.#plot || at === null) {
      this.#line?.remove();
      this.#line = null;
      say(this.#readout, "");
      return;
    }
    if (!this.#line) {
      this.#line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      this.#line.classList.add("cursor");
      this.#svg.append(this.#line);
    }
    attribute(this.#line, "x1", at);
    attribute(this.#line, "x2", at);
    attribute(this.#line, "y1", this.#plot.top);
    attribute(this.#line, "y2", this.#plot.top + this.#plot.height);
    const table = this.#figure?.table;
    const row = table ? rowAt(table, /** @type {number} */ (step)) : null;
    say(this.#readout, table && row ? row.map((cell, index) => `${table.columns[index] ?? ""} ${cell || "—"}`).join(" · ") : "");
  }

  /** @param {Figure} figure */
  #draw(figure) {
    this.#svgText = figure.svg;
    this.#svg = parseSvg(figure.svg);
    this.#line = null;
    if (!this.#svg) {
      this.#plot = null;
      this.#drawing.replaceChildren(h("p", { class: "note" }, "The drawing of this figure cannot be shown; its table can."));
      return;
    }
    ownIds(this.#svg, this.#prefix);
    attribute(this.#svg, "role", "img");
    if (!this.#svg.hasAttribute("aria-labelledby") && !this.#svg.querySelector(":scope > title")) attribute(this.#svg, "aria-label", `${figure.title}. ${figure.description}`);
    this.#plot = plotOf(this.#svg);
    attribute(this.#drawing, "data-curve", this.#plot !== null);
    this.#drawing.replaceChildren(this.#svg);
    this.read(this.#step);
    this.dispatchEvent(new CustomEvent("figure-drawn", { bubbles: true }));
  }

  /** Fills the table from row `from` on, some rows a piece. @param {number} from */
  #fill(from) {
    const table = this.#figure?.table;
    if (!table || !this.#twin.open) return;
    const mark = `${table.columns.join()} ${table.rows.length} ${table.rows.at(-1)?.join() ?? ""}`;
    if (from === 0) {
      if (mark === this.#filled) return;
      this.#filled = mark;
      this.#table.replaceChildren(h("thead", {}, h("tr", {}, ...table.columns.map((column) => h("th", { scope: "col" }, column)))), h("tbody"));
    } else if (mark !== this.#filled) return;
    const body = /** @type {HTMLElement} */ (this.#table.tBodies[0]);
    body.append(...table.rows.slice(from, from + ROWS).map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, cell || "—")))));
    if (from + ROWS < table.rows.length) soon(this.#table, () => this.#fill(from + ROWS));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const matrix = this.#plot && this.#svg?.getScreenCTM();
    if (!this.#plot || !matrix) return;
    this.#tell(stepAt(this.#plot, new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()).x));
  }

  /** @param {number|null} step */
  #tell(step) {
    if (this.#plot) this.dispatchEvent(new CustomEvent("read-at", { bubbles: true, detail: step }));
  }
}
