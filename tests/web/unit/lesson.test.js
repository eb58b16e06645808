import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTROLS, isControl, selectorOf } from "../../../web/app/controls.js";
import { PAGE_DEFAULTS, join, split } from "../../../web/app/link.js";
import { all, markup, matches } from "../fake/markup.js";
import { elementSnippet, escaped, iframeSnippet } from "../../../web/app/snippets.js";

test("the keys of a lesson are read, sorted and written, and never touch the study", () => {
  const { study, page, corrections } = split(
    "#v=1&p=repeat&view.hide=seed,device,seed&view.lock=train.batch&view.predict=1&view.lang=en",
  );
  assert.equal(study, "v=1&p=repeat");
  assert.deepEqual(page, { ...PAGE_DEFAULTS, hide: ["device", "seed"], lock: ["train.batch"], predict: true });
  assert.deepEqual(corrections, []);
  assert.equal(join(study, page), "v=1&p=repeat&view.hide=device,seed&view.lock=train.batch&view.predict=1");
  assert.equal(join(study, PAGE_DEFAULTS), "v=1&p=repeat");
});

test("names that are no controls are listed and not used", () => {
  const wrong = ["__proto__", "constructor", "x", "a{b}.c", "*.b", "a.b)", `a.${"b".repeat(80)}`];
  const { page, corrections } = split(`v=1&view.hide=${wrong.map(encodeURIComponent).join(",")}`);
  assert.deepEqual(page.hide, []);
  assert.deepEqual(
    corrections.map(({ given }) => given),
    wrong,
  );
});

test("view keys named like what objects inherit are unknown", () => {
  for (const key of ["view.__proto__", "view.constructor", "view.toString"]) {
    const { page, corrections } = split(`v=1&${key}=1`);
    assert.deepEqual(page, { ...PAGE_DEFAULTS });
    assert.equal(corrections[0]?.reason, "the page has no such key");
  }
  assert.equal(split("v=1&view.theme=__proto__").page.theme, "auto");
});

test("every control has a name of its own that a link can hold", () => {
  const names = CONTROLS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    assert.match(name, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(isControl(name) && selectorOf(name).length > 0);
  }
  assert.equal(selectorOf("train.learning_rate"), '.field:has(> [for="field-train-learning_rate"])');
});

const PAGES = await Promise.all(["index.html", "embed.html"].map(markup));

/** The elements of a page that a control is. @param {import("../fake/markup.js").Element} page @param {string} at */
const found = (page, at) => all(page).filter((one) => at.split(",").some((part) => matches(one, part)));

test("every part of the selector of a control is on a page, and on the whole page there is something of each", () => {
  for (const { name, at } of CONTROLS) {
    for (const part of at.split(","))
      assert.ok(
        PAGES.some((page) => found(page, part).length > 0),
        `${name}: ${part}`,
      );
    assert.ok(PAGES[0] && found(PAGES[0], at).length > 0, `${name}: ${at} is not on the whole page`);
  }
});

test("every element of the sandbox and what may be folded is a control, is in one or has one in it", () => {
  for (const page of PAGES) {
    const controls = new Set(CONTROLS.flatMap(({ at }) => found(page, at)));
    const within = (/** @type {import("../fake/markup.js").Element|null} */ one) => {
      for (let above = one; above; above = above.parent) if (controls.has(above)) return true;
      return false;
    };
    const parts = found(page, "#view-sandbox, .teach")
      .flatMap(all)
      .filter((one) => one.localName.includes("-") || one.hasAttribute("data-drawer"));
    assert.ok(parts.length > 5);
    for (const part of parts)
      assert.ok(within(part) || all(part).some((one) => controls.has(one)), `no control names ${part.localName}`);
  }
});

test("a control that is no longer there is answered, not ignored", () => {
  const { page, corrections } = split("v=1&view.hide=retrain");
  assert.deepEqual(page.hide, []);
  assert.deepEqual(corrections, [
    { path: "view.hide", given: "retrain", used: "ignored", reason: "no control has this name" },
  ]);
});

test("snippets escape what stands in them", () => {
  const shown = { base: "https://a.b/", fragment: 'v=1&p="><script>', title: '"><img src=x>' };
  for (const text of [iframeSnippet(shown), elementSnippet(shown, "<b>loss</b>")]) {
    assert.ok(!text.includes("<img") && !text.includes("<b>") && !text.includes('"><script>'), text);
  }
  assert.equal(escaped('a & <b> "c"'), "a &amp; &lt;b&gt; &quot;c&quot;");
  assert.equal(
    iframeSnippet({ base: "https://HOST/PATH/", fragment: "v=1&p=repeat", title: "Repeat" }),
    `<iframe src="https://HOST/PATH/embed.html#v=1&amp;p=repeat"
        title="Ablation sandbox: Repeat"
        width="100%" height="640" loading="lazy" style="border:0"
        sandbox="allow-scripts allow-same-origin allow-downloads allow-popups"
        allow="fullscreen; clipboard-write; screen-wake-lock"></iframe>`,
  );
});
