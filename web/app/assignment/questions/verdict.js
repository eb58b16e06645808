/** A question for the verdict on a component, in the words of the glossary. */

import { h } from "../../dom.js";
import { termsOf } from "../../glossary.js";
import { sentence } from "../../verdicts.js";

/** @type {import("./all.js").Kind} */
export const verdict = {
  kind: "verdict",
  fields: ["component"],
  read: (fields, variants) => {
    const component = fields.text("component");
    const variant = variants.find(({ name }) => name === component);
    const all = variants.map(({ name }) => name);
    if (!variant && !all.includes(null)) fields.refuse("component", `the name of a variant: ${all.join(", ")}`);
    return { component, choices: wordsFor(variant?.removes ?? true) };
  },
  control: ({ choices }, id, changed) => {
    const select = h(
      "select",
      { id, onchange: () => changed(select.value) },
      h("option", { value: "" }, "Choose a verdict"),
      ...choices.map((name) => h("option", { value: name }, sentence(name))),
    );
    return { element: select, show: (typed) => (select.value = choices.includes(typed) ? typed : "") };
  },
  grouped: false,
  answer: (typed, { choices }) => (choices.includes(typed) ? { value: typed } : { why: "not answered" }),
};

/** What a verdict may be called: some words differ where a setting is changed. @param {boolean} removes */
function wordsFor(removes) {
  const changed = termsOf("combined-of-change");
  return termsOf("combined").map(
    (term) => (!removes && changed.find(({ key }) => key === term.key)?.name) || term.name,
  );
}
