import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PAGE_DEFAULTS,
  chosenAblation,
  fromPaste,
  isPlain,
  needOf,
  join,
  presetOf,
  recipe,
  shared,
  split,
  withSettings,
  sitesOf,
} from "../../../web/app/link.js";
import { describe } from "../fake/cpu.js";

test("keys of the page never reach the study", () => {
  const { study, page, corrections } = split("#v=1&p=repeat&view.theme=dark&seed=3&view.force=gpu");
  assert.equal(study, "v=1&p=repeat&seed=3");
  assert.deepEqual(page, { ...PAGE_DEFAULTS, theme: "dark", force: "gpu" });
  assert.deepEqual(corrections, []);
});

test("the study's part is handed on as it was given, however odd", () => {
  for (const odd of ["v=2&p=x", "%%%", "v=1&z=!!!", "garbage", ""]) assert.equal(split(`#${odd}`).study, odd);
});

test("what is handed on says which file holds the study that no link can", () => {
  const page = { ...PAGE_DEFAULTS, tab: /** @type {const} */ ("report"), theme: /** @type {const} */ ("dark") };
  const address = "https://example.org/lab/#v=1&p=other";
  const of = (/** @type {string|null} */ study, /** @type {{from: "link"|"file", name: string|null}} */ shown) =>
    shared(address, "v=1&p=repeat", { ...page, study }, shown);
  assert.deepEqual(of(null, { from: "link", name: null }), {
    link: "https://example.org/lab/#v=1&p=repeat&view.tab=report",
    file: null,
  });
  assert.deepEqual(of("positions", { from: "file", name: "Positions" }), {
    link: "https://example.org/lab/#v=1&p=repeat&view.study=positions&view.tab=report",
    file: null,
  });
  assert.deepEqual(of("file", { from: "file", name: "mine.json" }), {
    link: "https://example.org/lab/#v=1&p=repeat&view.tab=report",
    file: "mine.json",
  });
});

test("a page key that cannot be used is listed", () => {
  const { corrections } = split("#view.force=quantum&view.colour=red");
  assert.deepEqual(
    corrections.map(({ path, given }) => [path, given]),
    [
      ["view.force", "quantum"],
      ["view.colour", "red"],
    ],
  );
  assert.match(corrections[0]?.reason ?? "", /cpu or gpu/);
});

test("the view and a study that ships with the page are keys of the page", () => {
  const { page, corrections } = split("#v=1&view.tab=report&view.study=positions");
  assert.deepEqual([page.tab, page.study], ["report", "positions"]);
  assert.deepEqual(corrections, []);
  const bad = split("#view.tab=constructor&view.study=../etc/passwd").corrections;
  assert.deepEqual(
    bad.map(({ path }) => path),
    ["view.tab", "view.study"],
  );
  assert.match(bad[1]?.reason ?? "", /name of a study/);
});

test("what a link says of a study leaves the bench's preset as it is", () => {
  assert.equal(isPlain("v=1&p=repeat&study.seeds=4"), true);
  const description = describe("v=1&p=repeat&study.without=position,embed");
  assert.equal(
    new URLSearchParams(withSettings(description, { "study.seeds": 4 })).get("study.without"),
    "position,embed",
  );
  assert.equal(new URLSearchParams(withSettings(description, { "study.without": "" })).get("study.without"), "");
});

test("a fragment survives being taken apart and put together", () => {
  for (const fragment of [
    "v=1&p=repeat&study.seeds=4&view.study=positions&view.tab=study",
    "v=1&p=repeat",
    "v=1&p=repeat&seed=2&view.autorun=0&view.stored=1",
    "view.theme=light",
  ]) {
    const { study, page } = split(fragment);
    assert.equal(join(study, page), fragment);
  }
});

test("a changed setting stands sorted behind version and preset", () => {
  const description = describe("v=1&p=repeat&seed=3");
  assert.equal(withSettings(description, { "model.width": 64 }), "v=1&p=repeat&model.width=64&seed=3");
  assert.equal(withSettings(description, { seed: null }), "v=1&p=repeat");
});

test("a compact link is written out before it is changed", () => {
  const { settings } = describe("v=1&p=repeat");
  const link = withSettings({ link: "v=1&z=abc", settings }, { seed: 9 });
  const given = new URLSearchParams(link);
  assert.equal(given.has("z"), false);
  assert.equal(given.get("seed"), "9");
  assert.equal(given.get("model.layers"), "2");
});

test("the recipe leaves out the ablation and nothing else", () => {
  const base = describe("v=1&p=repeat");
  assert.equal(recipe(base), recipe(describe("v=1&p=repeat&ablation.site=embed&ablation.operator=zero")));
  assert.notEqual(recipe(base), recipe(describe("v=1&p=repeat&seed=2")));
});

test("a setting that came later and does nothing is in no recipe", () => {
  const { fields, settings, ...rest } = describe("v=1&p=repeat");
  const [first] = fields;
  assert.ok(first);
  const field = { ...first, path: "model.later", absent: "none" };
  /** @param {string} value */
  const later = (value) =>
    recipe({ ...rest, fields: [...fields, field], settings: { ...settings, "model.later": value } });
  assert.equal(later("none"), recipe({ ...rest, fields, settings }));
  assert.notEqual(later("some"), recipe({ ...rest, fields, settings }));
});

test("the ablation is read from the settings", () => {
  const ablation = (/** @type {string} */ link) => chosenAblation(describe(`v=1&p=repeat&${link}`));
  assert.deepEqual(ablation("ablation.site=embed&ablation.operator=zero"), { site: "embed", operator: "zero" });
  assert.deepEqual(ablation("ablation.site=embed&ablation.operator=scale&ablation.factor=0.25"), {
    site: "embed",
    operator: "scale",
    factor: 0.25,
  });
  assert.equal(ablation("ablation.site=none"), null);
  assert.equal(chosenAblation(null), null);
});

test("only a link to a study is taken from what is pasted", () => {
  assert.equal(fromPaste(" https://example.org/x/#v=1&p=repeat\n"), "v=1&p=repeat");
  assert.equal(fromPaste("v=1&p=repeat"), "v=1&p=repeat");
  for (const other of ["", "hello", "https://example.org/#top", "v=1", "text v=1&p=x"])
    assert.equal(fromPaste(other), null);
});

test("a plain link asks for a preset and nothing more", () => {
  assert.equal(isPlain(""), true);
  assert.equal(isPlain("v=1&p=repeat"), true);
  assert.equal(isPlain("v=1&p=repeat&seed=2"), false);
  assert.equal(presetOf("v=1&p=two-moons"), "two-moons");
  assert.equal(presetOf(""), null);
});

test("what is needed of several components together is not said of one of them", () => {
  const two = describe("v=1&p=repeat");
  const attention = /** @type {import("../../../web/app/generated/protocol.js").Site} */ (
    two.sites.find(({ path }) => path.endsWith(".attn"))
  );
  const one = {
    ...two,
    sites: [{ ...attention, path: "blocks.0.attn" }, ...two.sites.filter(({ path }) => !path.endsWith(".attn"))],
  };
  const several = { ...one, sites: [...one.sites, { ...attention, path: "blocks.1.attn" }] };
  assert.deepEqual(
    sitesOf("blocks.*.attn", several).map(({ path }) => path),
    ["blocks.0.attn", "blocks.1.attn"],
  );
  assert.match(needOf(one, "blocks.0.attn"), /^The task should need it: /);
  assert.match(needOf(several, "blocks.0.attn"), /^The task needs at least one of these: blocks\.\*\.attn — /);
  assert.equal(needOf(several, "blocks.0"), "");
  assert.equal(needOf(null, "position"), "");
});
