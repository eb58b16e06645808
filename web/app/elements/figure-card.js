/**
 * A figure: its drawing, and beside it the same numbers as a table. Patched in pieces; the table is made when it is
 * asked for.
 */

import { captionOf, mapUnder } from "../attention.js";
import { setAttribute, h, setText, svg } from "../dom.js";
import { plotOf, rowAt, stepAt, xAt } from "../cursor.js";
import { parseSvg } from "../svg.js";
import { schedule } from "../scheduler.js";

/** @typedef {import("../generated/protocol.js").Figure} Figure */

let made = 0;

/** Rows that are put into a table in one piece. */
const ROWS = 20;

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
  /** @type {SVGRectElement|null} */
  #band = null;
  /** @type {number|null} */
  #step = null;
  /** The head whose attention map is lit. @type {string|null} */
  #lit = null;
  #prefix = `f${++made}`;
  #caption = h("figcaption", { id: `${this.#prefix}-caption` });
  #drawing = h("div", { class: "drawing" });
  #readout = h("p", { class: "readout number" });
  #table = h("table");
  #scroll = h("div", { class: "scroll", tabindex: 0, role: "group" }, this.#table);
  #twin = h(
    "details",
    { class: "twin", ontoggle: () => this.#fill(0) },
    h("summary", {}, "Show as table"),
    this.#scroll,
  );
  #head = "";
  /** What the rows of the table say. @type {string[]} */
  #rows = [];

  connectedCallback() {
    if (this.firstChild) return;
    this.append(h("figure", {}, this.#caption, this.#drawing, this.#readout, this.#twin));
    new ResizeObserver(() => this.#reach()).observe(this.#drawing);
    this.#drawing.addEventListener("pointermove", (event) => this.#point(event));
    this.#drawing.addEventListener("pointerdown", (event) => this.#point(event));
    this.#drawing.addEventListener("pointerleave", () => this.#readAt(null));
  }

  /** On a narrow screen a drawing is wider than its box: then the keyboard has to reach it to scroll it. */
  #reach() {
    const scrolls = this.#drawing.scrollWidth > this.#drawing.clientWidth;
    setAttribute(this.#drawing, "tabindex", scrolls ? 0 : null);
    setAttribute(this.#drawing, "role", scrolls ? "group" : null);
    setAttribute(this.#drawing, "aria-labelledby", scrolls ? this.#caption.id : null);
  }

  /** What the plot spans, if this is a curve. */
  get plot() {
    return this.#plot;
  }

  /** The drawing, once it is drawn. */
  get drawing() {
    return this.#svg;
  }

  /** @param {Figure} figure */
  show(figure) {
    this.#figure = figure;
    setText(this.#caption, figure.title);
    setAttribute(this, "data-figure", figure.name);
    setAttribute(this.#scroll, "aria-label", `${figure.title} as a table`);
    if (figure.svg !== this.#svgText) schedule(this.#drawing, () => this.#draw(figure));
    if (this.#twin.open) schedule(this.#table, () => this.#fill(0));
  }

  /** Marks one step and reads the figure there. @param {number|null} step */
  read(step) {
    this.#step = step;
    const at = this.#plot && step !== null ? xAt(this.#plot, step) : null;
    if (!this.#svg || !this.#plot || at === null) {
      this.#line?.remove();
      this.#line = null;
      setText(this.#readout, "");
      return;
    }
    if (!this.#line) {
      this.#line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      this.#line.classList.add("cursor");
      this.#svg.append(this.#line);
    }
    setAttribute(this.#line, "x1", at);
    setAttribute(this.#line, "x2", at);
    setAttribute(this.#line, "y1", this.#plot.top);
    setAttribute(this.#line, "y2", this.#plot.top + this.#plot.height);
    const table = this.#figure?.table;
    const row = table ? rowAt(table, /** @type {number} */ (step)) : null;
    setText(
      this.#readout,
      table && row ? row.map((cell, index) => `${table.columns[index] ?? ""} ${cell || "—"}`).join(" · ") : "",
    );
  }

  /** Lights the attention map of a head, if this figure holds it. @param {string|null} path */
  light(path) {
    this.#lit = path;
    for (const old of this.#svg?.querySelectorAll(".lit") ?? []) old.remove();
    const map = mapUnder(this.#svg, captionOf(this.#figure ?? undefined, path));
    const size = Number(map?.querySelector("rect")?.getAttribute("width") ?? 0);
    if (map && size > 0) map.append(svg("rect", { class: "lit", x: -2, y: -2, width: size + 4, height: size + 4 }));
  }

  /** Marks a part of the drawing from side to side. @param {{top: number, bottom: number}|null} rows */
  markBand(rows) {
    this.#band?.remove();
    this.#band = null;
    if (!this.#svg || !rows) return;
    const { x, width } = this.#svg.viewBox.baseVal;
    this.#band = svg("rect", { class: "band", x, y: rows.top, width, height: rows.bottom - rows.top });
    // Behind everything that is drawn, and after the drawing's title.
    const body = this.#svg.querySelector(":scope > g");
    if (body) body.before(this.#band);
    else this.#svg.append(this.#band);
  }

  /** @param {Figure} figure */
  #draw(figure) {
    this.#svgText = figure.svg;
    this.#svg = parseSvg(figure.svg);
    this.#line = null;
    this.#band = null;
    if (!this.#svg) {
      this.#plot = null;
      this.#drawing.replaceChildren(
        h("p", { class: "note" }, "The drawing of this figure cannot be shown; its table can."),
      );
      return;
    }
    setAttribute(this.#svg, "role", "img");
    if (!this.#svg.hasAttribute("aria-labelledby") && !this.#svg.querySelector(":scope > title"))
      setAttribute(this.#svg, "aria-label", `${figure.title}. ${figure.description}`);
    this.#plot = plotOf(this.#svg);
    setAttribute(this.#drawing, "data-curve", this.#plot !== null);
    this.#drawing.replaceChildren(this.#svg);
    this.read(this.#step);
    if (this.#lit !== null) this.light(this.#lit);
    this.dispatchEvent(new CustomEvent("figure-drawn", { bubbles: true }));
  }

  /**
   * Brings the table up to date from row `from` on, some rows a piece: rows that say what they said are left alone,
   * because a browser lays out a whole table for each row that is put in.
   *
   * @param {number} from
   */
  #fill(from) {
    const table = this.#figure?.table;
    if (!table || !this.#twin.open) return;
    const head = table.columns.join("\t");
    if (head !== this.#head) {
      this.#head = head;
      this.#rows = [];
      this.#table.replaceChildren(
        h("thead", {}, h("tr", {}, ...table.columns.map((column) => h("th", { scope: "col" }, column)))),
        h("tbody"),
      );
    }
    const body = /** @type {HTMLTableSectionElement} */ (this.#table.tBodies[0]);
    let at = from;
    for (let changed = 0; at < table.rows.length && changed < ROWS; at++) {
      const row = /** @type {string[]} */ (table.rows[at]);
      const text = row.join("\t");
      if (this.#rows[at] === text) continue;
      this.#rows[at] = text;
      changed += 1;
      const existing = body.rows[at];
      if (existing) existing.replaceChildren(...cells(row));
      else body.append(h("tr", {}, ...cells(row)));
    }
    if (at < table.rows.length) schedule(this.#table, () => this.#fill(at));
    else while (body.rows.length > at) body.deleteRow(-1);
    this.#rows.length = Math.max(at, Math.min(this.#rows.length, body.rows.length));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const matrix = this.#plot && this.#svg?.getScreenCTM();
    if (!this.#plot || !matrix) return;
    this.#readAt(stepAt(this.#plot, new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()).x));
  }

  /** @param {number|null} step */
  #readAt(step) {
    if (this.#plot) this.dispatchEvent(new CustomEvent("read-at", { bubbles: true, detail: step }));
  }
}

/** @param {string[]} row */
function cells(row) {
  return row.map((cell) => h("td", {}, cell || "—"));
}
