/** A question with answers to choose from. */

import { h } from "../../dom.js";

/** @type {import("./all.js").Kind} */
export const choice = {
  kind: "choice",
  fields: ["choices"],
  read: (fields) => ({ choices: fields.texts("choices", 2, 20) }),
  control: ({ choices }, id, changed) => {
    const buttons = choices.map((value) =>
      h("input", { type: "radio", name: id, value, onchange: () => changed(value) }),
    );
    const labels = buttons.map((button, index) => h("label", {}, button, h("span", {}, choices[index] ?? "")));
    return {
      element: h("div", { class: "choices-of-one" }, ...labels),
      show: (typed) => buttons.forEach((button) => (button.checked = button.value === typed)),
    };
  },
  grouped: true,
  answer: (typed, { choices }) => (choices.includes(typed) ? { value: typed } : { why: "not answered" }),
};
