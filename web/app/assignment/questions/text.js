/** A question that is answered in words, and graded by a person. */

import { h } from "../../dom.js";

/** Longest answer in characters: a submission has room for the record as well. */
const LONGEST = 20_000;

/** @type {import("./all.js").Kind} */
export const text = {
  kind: "text",
  fields: [],
  read: () => ({}),
  control: (_, id, changed) => {
    const area = h("textarea", { id, rows: 4, maxlength: LONGEST, oninput: () => changed(area.value) });
    return {
      element: area,
      show: (typed) => {
        if (area.value !== typed) area.value = typed;
      },
    };
  },
  grouped: false,
  answer: (typed) => (typed.trim() === "" ? { why: "not answered" } : { value: wellFormed(typed) }),
};

/**
 * A text that can be written as UTF-8. Where the longest answer ends within an emoji, half of it is left, which no file
 * can hold. (`toWellFormed` is not in every browser that the page works in.)
 *
 * @param {string} text
 */
function wellFormed(text) {
  return text.replaceAll(/\p{Surrogate}/gu, "\ufffd");
}
