/**
 * The class in one figure: a row for each component, a mark for every student's disruption and necessity, the medians,
 * and the margin below which a difference does not count. A line is the interval of each student in a small class, and
 * in a large one the middle half of the students.
 */

import { h, svg, setText } from "../dom.js";
import { fineSigned, isolated } from "../format.js";
import { ClassElement } from "./element.js";
import { groupIn } from "./found.js";
import { heading } from "../labels.js";
import { doublesOf, median, quartiles, sentencesOf, valuesOf } from "./summary.js";

/** @typedef {import("./summary.js").Found} Found */

const GAPS = /** @type {const} */ (["disruption", "necessity"]);
const WHAT = {
  disruption: "ablated in the trained model",
  necessity: "retrained without it, or with the change",
};
/** Heights in pixels: of a component's name, of the lane of a gap at least, between rows, of the axis. */
const [NAME, LANE, SPACE, AXIS] = [22, 26, 12, 44];
/** Up to so many students each have a line of their own, so many pixels apart, for their interval. */
const [MOST_LINES, LINE] = [12, 8];
/** Room on both sides for what is written beside a mark. */
const SIDE = 14;

/** How many figures there are: names of the parts of each. */
let figures = 0;

export class ClassFigure extends ClassElement {
  #width = 0;
  #id = `class-picture-${++figures}`;
  #doubles = h("ul", { class: "doubles" });
  #sentences = h("ul", { class: "sentences" });
  #picture = h("div", { class: "picture" });
  #note = h("p", { class: "note" });
  #linesText = h("span");
  #lines = h("span", {}, h("span", { class: "line", "aria-hidden": "true" }), this.#linesText);
  #key = h(
    "p",
    { class: "key note" },
    ...GAPS.map((name) =>
      h("span", {}, h("span", { class: `glyph ${name}`, "aria-hidden": "true" }), ` ${name}: ${WHAT[name]}`),
    ),
    h("span", {}, h("span", { class: "median", "aria-hidden": "true" }), " median of the class"),
    this.#lines,
    h("span", {}, h("span", { class: "band", "aria-hidden": "true" }), " within the margin"),
  );

  build() {
    this.append(
      this.#doubles,
      h("h3", {}, "What the class found"),
      this.#sentences,
      h("figure", {}, h("figcaption", {}, "Every student's two gaps for each component"), this.#key, this.#picture),
      this.#note,
    );
    const observer = new ResizeObserver(() => {
      const width = Math.floor(this.#picture.clientWidth);
      if (width === this.#width || width === 0) return;
      this.#width = width;
      this.#draw();
    });
    observer.observe(this.#picture);
  }

  /** @param {import("./state.js").ClassState} state */
  drawClass({ read, givens }) {
    const found = this.#found();
    if (!found || !this.changed("read", read, givens)) return;
    const doubles = doublesOf(found);
    this.#doubles.hidden = doubles.length === 0;
    this.#doubles.replaceChildren(...doubles.map((text) => h("li", {}, text)));
    this.#sentences.replaceChildren(...sentencesOf(found).map(({ text }) => h("li", {}, text)));
    const lines = linesText(found);
    this.#lines.hidden = lines === "";
    setText(this.#linesText, ` ${lines}`);
    this.#draw();
  }

  #found() {
    return groupIn(this.class.state, this.dataset.assignment ?? "");
  }

  #draw() {
    const found = this.#found();
    if (!found || this.#width === 0) return;
    this.#picture.replaceChildren(pictureOf(found, this.#width, this.#id));
    const margin =
      found.margin === null ? "" : ` The margin is ${fineSigned(found.margin).replace("+", "±")} ${found.unit}`;
    setText(
      this.#note,
      `${margin}${margin ? " (median of the class)." : ""} The table below holds the same numbers.`.trim(),
    );
  }
}

/** Whether every student's interval has a line. @param {Found} found */
function isSmall({ submissions }) {
  return submissions.length <= MOST_LINES;
}

/** What the lines are; empty where there are none. @param {Found} found */
export function linesText(found) {
  const values = found.components.flatMap(({ name }) => GAPS.flatMap((gap) => valuesOf(found, name, gap)));
  if (!isSmall(found)) return values.length > 0 ? "middle half of the students (interquartile range)" : "";
  return values.some(({ interval }) => interval) ? "95 % interval of each student" : "";
}

/**
 * The range of the axis: every mark, the margin, and of the intervals as much as leaves the marks apart. What is cut
 * goes to the edge.
 *
 * @param {Found} found
 * @returns {[number, number]}
 */
export function rangeOf(found) {
  const { components, margin } = found;
  const all = components.flatMap(({ name }) => GAPS.flatMap((gap) => valuesOf(found, name, gap)));
  const marks = [0, -(margin ?? 0), margin ?? 0, ...all.map(({ value }) => value)];
  const [least, greatest] = [Math.min(...marks), Math.max(...marks)];
  const room = greatest - least || 1;
  const ends = isSmall(found) ? all.flatMap(({ interval }) => interval ?? []) : [];
  const low = Math.max(Math.min(least, ...ends), least - room);
  const high = Math.min(Math.max(greatest, ...ends), greatest + room);
  // A little more, so that no mark is cut and no range is empty.
  const more = 0.03 * (high - low) || 1;
  return [low - more, high + more];
}

/** @param {Found} found @param {number} width  in pixels @param {string} id */
function pictureOf(found, width, id) {
  const { components, margin, unit, submissions } = found;
  const [low, high] = rangeOf(found);
  const small = isSmall(found);
  const laneHeight = small ? Math.max(LANE, submissions.length * LINE + 8) : LANE;
  const ticks = ticksOf(low, high, width < 480 ? 4 : 7);
  const at = (/** @type {number} */ value) => SIDE + ((value - low) / (high - low)) * (width - 2 * SIDE);
  const row = NAME + GAPS.length * laneHeight + SPACE;
  const bottom = components.length * row;
  const height = bottom + AXIS;
  const said = components.map(({ name, label }) => {
    const parts = GAPS.map(
      (gap) => `${gap} ${fineSigned(median(valuesOf(found, name, gap).map(({ value }) => value)))}`,
    );
    return `${heading({ name, label })}: median ${parts.join(", ")}`;
  });
  const root = svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": `${id}-title ${id}-desc`,
    },
    svg("title", { id: `${id}-title` }, "Disruption and necessity of every student"),
    svg("desc", { id: `${id}-desc` }, `${said.join("; ")} (${unit}).`),
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
    root.append(svg("text", { class: "name", x: SIDE, y: top + 15 }, heading({ name, label })));
    GAPS.forEach((gap, lane) => {
      const middle = top + NAME + (lane + 0.5) * laneHeight;
      const values = valuesOf(found, name, gap);
      const line = (
        /** @type {string} */ what,
        /** @type {[number, number]} */ [from, to],
        /** @type {number} */ y,
      ) => {
        const [start, end] = [Math.max(from, low), Math.min(to, high)];
        if (start < end) root.append(svg("path", { class: `${what} ${gap}-line`, d: `M${at(start)} ${y}H${at(end)}` }));
      };
      values.forEach(({ student, value, interval }, which) => {
        const y = small
          ? middle + (which - (values.length - 1) / 2) * LINE
          : middle + spread(which, values.length) * (laneHeight / 2 - 6);
        if (small && interval) line("interval", interval, y);
        const range = interval ? ` [${interval.map((end) => fineSigned(end)).join(", ")}]` : "";
        root.append(
          svg(
            "path",
            { class: gap, d: MARKS[gap](at(value), y, small ? 3.5 : 4) },
            svg("title", {}, `${isolated(student)}: ${gap} ${fineSigned(value)}${range}`),
          ),
        );
      });
      const half = small ? null : quartiles(values.map(({ value }) => value));
      if (half) line("half", half, middle);
      const center = median(values.map(({ value }) => value));
      if (center === null) return;
      root.append(
        svg("path", {
          class: "median",
          d: `M${at(center)} ${middle - laneHeight / 2 + 2}V${middle + laneHeight / 2 - 2}`,
        }),
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
