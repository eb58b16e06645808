import assert from "node:assert/strict";
import { test } from "node:test";
import { termsOf } from "../../../web/app/glossary.js";
import { UNTESTED } from "../fake/studies.js";
import {
  isWithin,
  leadOf,
  notAblatable,
  openNeeds,
  partialOf,
  seedsNeeded,
  verdictOf,
  wordOf,
} from "../../../web/app/verdicts.js";

/** @typedef {import("../../../web/app/generated/protocol.js").Component} Component */
/** @typedef {import("../../../web/app/generated/protocol.js").Verdict} Verdict */

/** @param {Verdict|null} verdict */
const gap = (verdict) => ({ ...UNTESTED, n: 6, mean: 0.1, sd: 0.1, ci95: null, values: [], adjusted: 0.2, verdict });

/** @param {Partial<Component>} [more] @returns {Component} */
const component = (more = {}) => ({
  component: "position",
  label: "− position",
  changed: false,
  answers: {},
  means: {},
  recovery: [],
  recovered_share: null,
  co_adaptation: null,
  combined: null,
  modifiers: [],
  ...more,
});

/**
 * @param {Component[]} components
 * @param {number} [units]
 * @param {{settings: {verdicts: (string|null)[]}[], left_out: {verdicts: (string|null)[]}[]}} [stability]
 */
const report = (components, units = 6, stability = { settings: [], left_out: [] }) =>
  /** @type {import("../../../web/app/generated/protocol.js").Report} */ (
    /** @type {unknown} */ ({
      analysis: {
        units,
        unit_of_analysis: "seed",
        components,
        margin: 0.1,
        aa_control: null,
        noise_floor_exceeded: false,
      },
      stability,
    })
  );

test("every verdict means two sentences", () => {
  for (const { meaning } of [...termsOf("combined"), ...termsOf("combined-of-change")])
    assert.equal(meaning.split(/\. (?=[A-Z])/).length, 2, meaning);
});

test("one seed gets no verdict", () => {
  assert.equal(verdictOf(component({ answers: { necessity: gap(null) } }), 1).name, "no verdict");
  assert.equal(verdictOf(component(), 6).name, "not run yet");
  assert.equal(leadOf(report([component()], 1)), "One seed: no verdict.");
});

test("inconclusive is a result, with the seeds that it would take", () => {
  const open = /** @type {Verdict} */ ({ verdict: "inconclusive", needs: { pairs: 1635, sought: { either: 0.1 } } });
  assert.equal(seedsNeeded(open, 6, "seed"), "About 1\u202f635 seeds needed (80 % power); there are 6 seeds.");
  assert.equal(
    seedsNeeded({ verdict: "inconclusive", needs: { pairs: 12, sought: { difference: 0.3 } } }, 8, "repetition"),
    "About 12 repetitions needed (80 % power at the observed effect); there are 8 repetitions.",
  );
  assert.equal(seedsNeeded({ verdict: "inconclusive", needs: null }, 6, "seed"), "", "nobody knows how many");
  assert.equal(seedsNeeded({ verdict: "equivalent" }, 6, "seed"), "");
  const undetermined = component({
    combined: "undetermined",
    answers: {
      necessity: gap(open),
      disruption: gap({ verdict: "inconclusive", needs: { pairs: 9999, sought: { either: 0.1 } } }),
    },
  });
  assert.equal(openNeeds(undetermined)?.pairs, 1635, "a verdict is undetermined for its necessity");
  assert.match(leadOf(report([undetermined])), /^Inconclusive: .+About 1\u202f635 seeds/);
});

test("a verdict on one gap is a word or three", () => {
  assert.equal(wordOf({ verdict: "worse", extent: "material" }), "worse, by the margin or more");
  assert.equal(wordOf({ verdict: "worse", extent: "negligible" }), "worse, but by less than the margin");
  assert.equal(wordOf({ verdict: "better-without", extent: "negligible" }), "better, but by less than the margin");
  assert.equal(wordOf({ verdict: "better-without", extent: "plain" }), "better");
  assert.equal(wordOf({ verdict: "equivalent" }), "equivalent");
  assert.equal(wordOf(null), "");
});

test("components with the same verdict are said together", () => {
  const [a, b, c] = [
    component({ combined: "co_adapted" }),
    component({ label: "− mlp", combined: "co_adapted" }),
    component({ label: "− attn", combined: "undetermined" }),
  ];
  assert.equal(leadOf(report([a, b, c])), "Co-adapted, not necessary: − position, − mlp. Undetermined: − attn.");
  const [left, changed] = [
    component({ combined: "harmful" }),
    component({ label: "noise → data", changed: true, combined: "harmful" }),
  ];
  assert.equal(leadOf(report([left, changed])), "Harmful here: − position; better with the change: noise → data.");
});

test("how much is there is counted against what is expected", () => {
  const partial = (/** @type {number} */ known) =>
    /** @type {import("../../../web/app/generated/protocol.js").Report} */ ({
      ...report([component()]),
      progress: { done: 12, known, complete: false },
    });
  assert.match(partialOf(partial(32), 206), /^Partial: 12 of about 206 trials are done\./);
  assert.match(partialOf(partial(206), 180), /^Partial: 12 of 206 trials are done\./);
});

test("the headline says which verdicts depend on a single choice", () => {
  const components = ["a", "b", "c"].map((label) => component({ label, combined: "redundant" }));
  /** @param {(string|null)[][]} settings @param {(string|null)[][]} left_out */
  const lead = (settings, left_out) =>
    leadOf(
      report(components, 8, {
        settings: settings.map((verdicts) => ({ verdicts })),
        left_out: left_out.map((verdicts) => ({ verdicts })),
      }),
    );
  const same = ["redundant", "redundant", "redundant"];
  const plain = "Redundant: a, b, c.";
  assert.equal(lead([], []), plain, "nothing was varied");
  assert.equal(lead([same], [same, same]), plain, "nothing would be another");
  assert.equal(lead([[null, null, null]], []), plain, "a verdict that is missing is no other verdict");
  const first = ["harmful", "redundant", "redundant"];
  assert.equal(lead([same, first], [same]), `${plain} The verdict on a depends on the setting of the reference.`);
  assert.equal(lead([], [same, first]), `${plain} The verdict on a depends on one seed.`);
  assert.equal(
    lead([first], [first, first]),
    `${plain} The verdict on a depends on the setting of the reference and on single seeds.`,
  );
  const two = ["undetermined", "redundant", "undetermined"];
  assert.equal(lead([two], [same]), `${plain} The verdicts on a, c depend on the setting of the reference.`);
  const open = report([component({ label: "a", combined: "undetermined" })], 8, {
    settings: [{ verdicts: ["redundant"] }],
    left_out: [],
  });
  assert.match(leadOf(open), /^Inconclusive: .+ The verdict on a depends on the setting of the reference\.$/);
});

test("a gap without a verdict was not shown to be within the margin", () => {
  assert.equal(isWithin({ verdict: null }), false);
  assert.equal(isWithin({ verdict: { verdict: "inconclusive", needs: null } }), false);
  assert.equal(isWithin({ verdict: { verdict: "better-without", extent: "plain" } }), false);
  assert.equal(isWithin({ verdict: { verdict: "unchanged" } }), true);
  assert.equal(isWithin({ verdict: { verdict: "worse", extent: "negligible" } }), true);
});

test("why a component cannot be ablated is said in a few words", () => {
  const replaced = "a replacement cannot be ablated; it was never trained with the rest of the model";
  assert.equal(notAblatable(replaced), "not ablatable: a replacement");
  const training = "it acts only during training; the trained model has no component to ablate";
  assert.equal(notAblatable(training), "not ablatable: acts only during training");
});
