/** The model, drawn: the stream from top to bottom, branches beside it. Every component is a button. */

import { BaseElement, setAttribute, bringIntoView, h } from "../dom.js";
import { count } from "../format.js";
import { rowsOf } from "../layout.js";
import { schedule } from "../scheduler.js";
import { ablationOf } from "../store.js";
import { keyOf } from "../link.js";
import { SiteActions } from "./site-actions.js";

/** @typedef {import("../generated/protocol.js").Site} Site */
/** @typedef {import("../layout.js").Row} Row */

export class ModelMap extends BaseElement {
  #figure = h("div", { class: "map" });
  #shape = "";
  #total = h("p", { class: "note" });
  #actions = new SiteActions();
  /**
   * The component that was pressed, until its actions stand under it: these may be longer than what is left of the
   * window.
   */
  #pressed = "";

  build() {
    this.#actions.store = this.store;
    this.append(
      this.#figure,
      h("p", { class: "note" }, "Choose a component to ablate it, retrain without it or swap it."),
      this.#total,
    );
  }

  /** @param {import("../store.js").State} state */
  draw(state) {
    const { description, selected } = state;
    if (!description) return;
    if (this.changed("description", description))
      this.#shape = JSON.stringify(
        description.sites.map(({ path, parent, label, placement, parameters }) => [
          path,
          parent,
          label,
          placement,
          parameters,
        ]),
      );
    const shape = this.#shape;
    if (this.changed("sites", shape)) {
      this.#rebuild(description.sites);
      const total = `${count(description.parameters)} parameters.`;
      this.#total.textContent = `${total} The numbers in the map count those of each component.`;
    }
    const ablation = ablationOf(state);
    if (!this.changed("marks", selected, keyOf(ablation), shape)) return;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#figure.querySelectorAll("button[data-site]"))) {
      setAttribute(button, "aria-expanded", button.dataset.site === selected);
      setAttribute(button, "data-ablated", button.dataset.site === ablation?.site);
      const mark = button.querySelector(".ablated-mark");
      if (mark) mark.textContent = button.dataset.site === ablation?.site ? "▲ ablated" : "";
    }
    this.#place(selected);
    if (selected === this.#pressed) schedule(this.#figure, () => bringIntoView(this.#actions));
    this.#pressed = "";
  }

  /** @param {Site[]} sites */
  #rebuild(sites) {
    const active = /** @type {HTMLElement|null} */ (document.activeElement);
    const focused = this.#actions.contains(active)
      ? this.store.state.selected
      : this.contains(active)
        ? (active?.dataset.site ?? null)
        : null;
    this.#figure.replaceChildren(
      h("p", { class: "end" }, "data"),
      ...rowsOf(sites).map((row) => this.#row(row)),
      h("p", { class: "end last" }, "prediction"),
    );
    if (focused) this.#buttonOf(focused)?.focus();
  }

  /**
   * The actions stand under the component that they act on, where eye and keyboard come to next.
   *
   * @param {string|null} selected
   */
  #place(selected) {
    const button = selected === null ? null : this.#buttonOf(selected);
    const anchor = button?.closest(".component") ?? button;
    if (!anchor) this.#actions.remove();
    else if (anchor.nextElementSibling !== this.#actions) anchor.after(this.#actions);
  }

  /** @param {string} path @returns {HTMLElement|null} */
  #buttonOf(path) {
    return this.#figure.querySelector(`button[data-site="${CSS.escape(path)}"]`);
  }

  /** @param {Row} row @returns {HTMLElement} */
  #row(row) {
    if (row.type === "group") {
      return h(
        "div",
        { class: "group", role: "group", "aria-label": row.site.label },
        this.#button(row.site, "title"),
        ...row.rows.map((inner) => this.#row(inner)),
      );
    }
    if (row.type === "stream") return h("div", { class: "in-stream" }, this.#component(row.site, row.inner));
    return h(
      "div",
      { class: `branch${row.source ? " source" : ""}` },
      h("span", { class: "plus", "aria-hidden": "true" }, "+"),
      h(
        "div",
        { class: "lane" },
        ...row.lead.map((site) => this.#component(site, [])),
        this.#component(row.site, row.inner),
      ),
    );
  }

  /** @param {Site} site @param {Site[]} inner */
  #component(site, inner) {
    if (inner.length === 0) return h("div", { class: `component ${site.kind}` }, this.#button(site));
    return h(
      "div",
      { class: `component ${site.kind}` },
      this.#button(site),
      h(
        "div",
        { class: "inner", role: "group", "aria-label": `Components of ${site.label}` },
        ...inner.map((one) => this.#button(one, "small")),
      ),
    );
  }

  /** @param {Site} site @param {string} [style] */
  #button(site, style = "plain") {
    const short =
      style === "small" && site.placement === "slice" ? site.path.slice(site.path.lastIndexOf(".") + 1) : site.label;
    return h(
      "button",
      {
        type: "button",
        class: `site ${style}`,
        "data-site": site.path,
        "aria-expanded": "false",
        "aria-label": short === site.label ? null : site.label,
        title: site.path,
        onclick: () => this.#select(site.path),
      },
      h("span", { class: "label" }, short),
      h("span", { class: "ablated-mark" }),
      style !== "small" && site.parameters > 0 && h("span", { class: "number" }, count(site.parameters)),
    );
  }

  /** @param {string} path */
  #select(path) {
    this.#pressed = path;
    this.store.send({ type: "select", site: this.store.state.selected === path ? null : path });
  }
}
