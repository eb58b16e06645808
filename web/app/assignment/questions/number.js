/** A question that is answered with a number, in a unit where there is one. */

import { h, setText } from "../../dom.js";

/** A decimal number, with a point or a comma and whichever minus. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** @type {import("./all.js").Kind} */
export const number = {
  kind: "number",
  fields: ["unit"],
  read: (fields) => ({ unit: fields.has("unit") ? fields.text("unit") : "" }),
  control: ({ unit }, id, changed) => {
    const read = h("span", { class: "note", id: `${id}-read`, role: "status" });
    const input = h("input", {
      type: "text",
      id,
      inputmode: "decimal",
      autocomplete: "off",
      "aria-describedby": `${id}-read`,
      oninput: () => (changed(input.value), say()),
    });
    const say = () => {
      const given = numberIn(input.value);
      const text = input.value.trim() === "" ? "" : given === null ? "This is not a number." : `read as ${given}`;
      setText(read, text.startsWith("read") && String(given) === input.value.trim() ? "" : text);
    };
    return {
      element: h("div", { class: "measured" }, input, unit && h("span", {}, unit), read),
      show: (typed) => {
        if (input.value !== typed) input.value = typed;
        say();
      },
    };
  },
  grouped: false,
  answer: (typed) => {
    const value = numberIn(typed);
    if (value !== null) return { value };
    return { why: typed.trim() === "" ? "not answered" : "not a number" };
  },
};

/** The number that a text is, as people write it; `null` if it is none. @param {string} text */
export function numberIn(text) {
  const plain = text.trim().replace("−", "-").replaceAll(/\s/g, "");
  // Two commas, or a comma and a point, leave open which of them is the decimal one.
  const decimal = /^[^,.]*,[^,.]*$/.test(plain) ? plain.replace(",", ".") : plain;
  const value = NUMBER.test(decimal) ? Number(decimal) : NaN;
  return Number.isFinite(value) ? value : null;
}
