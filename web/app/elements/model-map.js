/** The model, drawn: the stream from top to bottom, branches beside it. Every component is a button. */

import { headMap, headOf } from "../attention.js";
import { BaseElement, setAttribute, bringIntoView, h } from "../dom.js";
import { count } from "../format.js";
import { rowsOf } from "../layout.js";
import { schedule } from "../scheduler.js";
import { ablationOf, approximationOf, shownView } from "../store.js";
import { keyOf } from "../link.js";
import { SiteActions } from "./site-actions.js";

/** @typedef {import("../generated/protocol.js").Site} Site */
/** @typedef {import("../layout.js").Row} Row */

export class ModelMap extends BaseElement {
  #figure = h("div", {
    class: "map",
    role: "group",
    "aria-label": "Components of the model: arrow keys move, Enter opens the actions, Escape closes them",
  });
  /** The attention maps of the head that is pointed at; the panels hold them too. */
  #peek = h("div", { class: "peek", "aria-hidden": "true" });
  /** The component that is reached by the Tab key. @type {string|null} */
  #stop = null;
  #shape = "";
  #total = h("p", { class: "note" });
  #help = h("p", { class: "note" });
  #actions = new SiteActions();
  /**
   * The component that was pressed, until its actions stand under it: these may be longer than what is left of the
   * window.
   */
  #pressed = "";

  build() {
    this.#actions.store = this.store;
    this.#peek.hidden = true;
    this.#figure.addEventListener("keydown", (event) => this.#key(event));
    this.#figure.addEventListener("focusin", (event) => this.#focused(siteOf(event.target)));
    this.#figure.addEventListener("focusout", () => this.#point(null));
    this.#figure.addEventListener("pointerover", (event) => this.#point(siteOf(event.target)));
    this.#figure.addEventListener("pointerleave", () => this.#point(null));
    this.append(this.#figure, this.#peek, this.#help, this.#total);
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
      this.#help.textContent = "Choose a component to ablate it, retrain without it or swap it.";
      const total = `${count(description.parameters)} parameters.`;
      this.#total.textContent = `${total} The numbers in the map count those of each component.`;
    }
    if (this.changed("pointed", state.pointed)) this.#peekAt(state);
    const ablation = ablationOf(state);
    if (!this.changed("marks", selected, keyOf(ablation), shape)) return;
    const word = approximationOf(state) === "" ? "▲ ablated" : "▲ ablated ≈";
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#figure.querySelectorAll("button[data-site]"))) {
      setAttribute(button, "aria-expanded", button.dataset.site === selected);
      setAttribute(button, "data-ablated", button.dataset.site === ablation?.site);
      const mark = button.querySelector(".ablated-mark");
      if (mark) mark.textContent = button.dataset.site === ablation?.site ? word : "";
    }
    this.#tabStop(selected ?? this.#stop);
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

  /** @returns {HTMLElement[]} */
  #buttons() {
    return [...this.#figure.querySelectorAll("button[data-site]")].map((one) => /** @type {HTMLElement} */ (one));
  }

  /** The map is one stop of the Tab key. @param {string|null} path */
  #tabStop(path) {
    const buttons = this.#buttons();
    const stop = buttons.find(({ dataset }) => dataset.site === path) ?? buttons[0];
    this.#stop = stop?.dataset.site ?? null;
    for (const button of buttons) setAttribute(button, "tabindex", button === stop ? 0 : -1);
  }

  /** @param {string|null} path */
  #focused(path) {
    if (path === null) return;
    this.#tabStop(path);
    this.#point(path);
  }

  /**
   * Left and right go through all components, up and down through those that stand in the stream or beside it.
   *
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const { selected } = this.store.state;
    if (event.key === "Escape" && selected !== null) {
      event.preventDefault();
      this.store.send({ type: "select", site: null });
      this.#buttonOf(selected)?.focus();
      return;
    }
    const here = siteOf(event.target);
    if (here === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = this.#buttons();
    const at = all.findIndex(({ dataset }) => dataset.site === here);
    const large = (/** @type {HTMLElement} */ one) => !one.classList.contains("small");
    const to = {
      ArrowRight: all[at + 1],
      ArrowLeft: all[at - 1],
      ArrowDown: all.slice(at + 1).find(large),
      ArrowUp: all.slice(0, Math.max(at, 0)).findLast(large),
      Home: all[0],
      End: all.at(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  /** @param {string|null} path */
  #point(path) {
    const head = headOf(path) ? path : null;
    if (head !== this.store.state.pointed) this.store.send({ type: "point", site: head });
  }

  /** @param {import("../store.js").State} state */
  #peekAt(state) {
    const { pointed } = state;
    const maps = (pointed === null ? [] : (shownView(state)?.panels ?? [])).flatMap(({ name, label, figures }) => {
      const map = headMap(
        figures.find((figure) => figure.name === "attention"),
        pointed,
      );
      return map ? [h("figure", {}, map, h("figcaption", {}, h("span", { class: `glyph ${name}` }), label))] : [];
    });
    this.#peek.hidden = maps.length === 0;
    this.#peek.replaceChildren(...maps);
    const button = pointed === null ? null : this.#buttonOf(pointed);
    if (button && maps.length > 0) {
      const top = button.getBoundingClientRect().bottom - this.getBoundingClientRect().top;
      this.#peek.style.top = `${Math.round(top)}px`;
    }
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
        ...row.lead.map((site) => this.#component(site, [], " leads")),
        this.#component(row.site, row.inner),
      ),
    );
  }

  /** @param {Site} site @param {Site[]} inner @param {string} [role] */
  #component(site, inner, role = "") {
    if (inner.length === 0) return h("div", { class: `component ${site.kind}${role}` }, this.#button(site));
    return h(
      "div",
      { class: `component ${site.kind}${role}` },
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
        tabindex: -1,
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

/** The component whose button something happened on. @param {EventTarget|null} target @returns {string|null} */
function siteOf(target) {
  const button = target instanceof Element ? target.closest("button[data-site]") : null;
  return button instanceof HTMLElement ? (button.dataset.site ?? null) : null;
}
