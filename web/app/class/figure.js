/**
 * The class in one figure: a row for each component, a mark for every student's disruption and necessity, the medians,
 * and the margin below which a difference does not count.
 */

import { seedOf } from "../assignment/student.js";
import { h, svg, setText } from "../dom.js";
import { fineSigned } from "../format.js";
import { ClassElement } from "./element.js";
import { classOf, median, sentencesOf, valuesOf } from "./summary.js";

/** @typedef {import("./summary.js").Found} Found */

const GAPS = /** @type {const} */ (["disruption", "necessity"]);
/** Heights in pixels: of a component's name, of the lane of a gap, between rows, of the axis. */
const [NAME, LANE, SPACE, AXIS] = [22, 26, 12, 44];
/** Room on both sides for what is written beside a mark. */
const SIDE = 14;

export class ClassFigure extends ClassElement {
  #width = 0;
  #sentences = h("ul", { class: "sentences" });
  #picture = h("div", { class: "picture" });
  #note = h("p", { class: "note" });
  #key = h(
    "p",
    { class: "key note" },
    ...GAPS.map((name) =>
      h(
        "span",
        {},
        h("span", { class: `glyph ${name}`, "aria-hidden": "true" }),
        ` ${name}${name === "disruption" ? ": ablated in the trained model" : ": retrained without it"}`,
      ),
    ),
    h("span", {}, h("span", { class: "median", "aria-hidden": "true" }), " median of the class"),
    h("span", {}, h("span", { class: "band", "aria-hidden": "true" }), " within the margin"),
  );

  build() {
    this.append(
      h("h2", {}, "What the class found"),
      this.#sentences,
      h("figure", {}, h("figcaption", {}, "Every student's two gaps for each component"), this.#key, this.#picture),
      this.#note,
    );
    const observer = new ResizeObserver(() => {
      const width = Math.floor(this.#picture.clientWidth);
      if (width === this.#width || width === 0) return;
      this.#width = width;
      this.#draw(this.#found());
    });
    observer.observe(this.#picture);
  }

  /** @param {import("./state.js").ClassState} state */
  drawClass({ read, given }) {
    this.hidden = read.length === 0;
    if (!this.changed("read", read, given)) return;
    const found = this.#found();
    this.#sentences.replaceChildren(...sentencesOf(found).map(({ text }) => h("li", {}, text)));
    this.#draw(found);
  }

  #found() {
    const { read, given } = this.class.state;
    return classOf(read, given, seedOf);
  }

  /** @param {Found} found */
  #draw(found) {
    this.hidden = found.submissions.length === 0;
    if (this.hidden || this.#width === 0) return;
    this.#picture.replaceChildren(pictureOf(found, this.#width));
    const margin =
      found.margin === null ? "" : ` The margin is ${fineSigned(found.margin).replace("+", "±")} ${found.unit}`;
    setText(
      this.#note,
      `${margin}${margin ? " (median of the class)." : ""} The table below holds the same numbers.`.trim(),
    );
  }
}

/** @param {Found} found @param {number} width  in pixels */
function pictureOf(found, width) {
  const { components, margin, unit } = found;
  const all = components.flatMap(({ name }) =>
    GAPS.flatMap((gap) => valuesOf(found, name, gap).map(({ value }) => value)),
  );
  const least = Math.min(0, -(margin ?? 0), ...all);
  const greatest = Math.max(0, margin ?? 0, ...all);
  // A little more, so that no mark is cut and no range is empty.
  const more = 0.03 * (greatest - least) || 1;
  const [low, high] = [least - more, greatest + more];
  const ticks = ticksOf(low, high, width < 480 ? 4 : 7);
  const at = (/** @type {number} */ value) => SIDE + ((value - low) / (high - low)) * (width - 2 * SIDE);
  const row = NAME + GAPS.length * LANE + SPACE;
  const bottom = components.length * row;
  const height = bottom + AXIS;
  const said = components.map(({ name }) => {
    const parts = GAPS.map(
      (gap) => `${gap} ${fineSigned(median(valuesOf(found, name, gap).map(({ value }) => value)))}`,
    );
    return `${name}: median ${parts.join(", ")}`;
  });
  const root = svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": "class-picture-title class-picture-desc",
    },
    svg("title", { id: "class-picture-title" }, "Disruption and necessity of every student"),
    svg("desc", { id: "class-picture-desc" }, `${said.join("; ")} (${unit}).`),
  );
  if (margin !== null)
    root.append(
      svg("rect", {
        class: "band",
        x: at(-margin),
        y: NAME,
        width: Math.max(1, at(margin) - at(-margin)),
        height: bottom - NAME,
      }),
    );
  for (const tick of ticks)
    root.append(
      svg("path", { class: tick === 0 ? "zero" : "grid", d: `M${at(tick)} ${NAME}V${bottom}` }),
      svg("text", { class: "tick", x: at(tick), y: bottom + 16, "text-anchor": "middle" }, tickText(tick, ticks)),
    );
  root.append(
    svg(
      "text",
      { class: "axis", x: width / 2, y: height - 6, "text-anchor": "middle" },
      `difference in loss (${unit}); right of 0 is worse`,
    ),
  );
  components.forEach(({ name, label }, index) => {
    const top = index * row;
    const plain = label.replace("− ", "") === name ? label : `${name} (${label})`;
    root.append(svg("text", { class: "name", x: SIDE, y: top + 15 }, plain));
    GAPS.forEach((gap, lane) => {
      const middle = top + NAME + (lane + 0.5) * LANE;
      const values = valuesOf(found, name, gap);
      values.forEach(({ student, value }, which) => {
        const y = middle + spread(which, values.length) * (LANE / 2 - 6);
        root.append(
          svg(
            "path",
            { class: gap, d: MARKS[gap](at(value), y, 4) },
            svg("title", {}, `${student}: ${gap} ${fineSigned(value)}`),
          ),
        );
      });
      const center = median(values.map(({ value }) => value));
      if (center === null) return;
      root.append(
        svg("path", { class: "median", d: `M${at(center)} ${middle - LANE / 2 + 2}V${middle + LANE / 2 - 2}` }),
        svg("path", { class: `${gap} center`, d: MARKS[gap](at(center), middle, 6.5) }),
      );
    });
  });
  return root;
}

/** The marks of the design: a triangle and a circle. @typedef {(x: number, y: number, r: number) => string} Mark */
/** @type {Record<typeof GAPS[number], Mark>} */
const MARKS = {
  disruption: (x, y, r) => `M${x} ${y - r}L${x + r} ${y + 0.8 * r}H${x - r}Z`,
  necessity: (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
};

/**
 * Where in its lane a mark stands, from -1 to 1, so that equal values are seen apart.
 *
 * @param {number} index
 * @param {number} of
 */
function spread(index, of) {
  // Steps of the golden ratio fill the lane evenly, however many there are.
  return of === 1 ? 0 : 2 * ((index * 0.618034) % 1) - 1;
}

/**
 * Round numbers between `low` and `high`, at most about so many; 0 is among them.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
export function ticksOf(low, high, most) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5].map((one) => one * power).find((one) => one >= raw) ?? 10 * power;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** @param {number} tick @param {number[]} ticks */
function tickText(tick, ticks) {
  const step = ticks.length > 1 ? Math.abs(Number(ticks[1]) - Number(ticks[0])) : 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick.toFixed(Math.min(digits, 6)).replace("-", "−");
}
