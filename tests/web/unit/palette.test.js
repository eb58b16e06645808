import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const css = await readFile(new URL("../../../web/style/tokens.css", import.meta.url), "utf8");

/** Both values of a token: `[light, dark]`. @param {string} name @returns {[string, string]} */
function token(name) {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(css)?.[1] ?? assert.fail(`there is no token --${name}`);
  const colours = value.match(/#[0-9a-f]{6}/gi) ?? assert.fail(`--${name} is no colour`);
  return [String(colours[0]), String(colours[1] ?? colours[0])];
}

/** Relative luminance (WCAG 2.2). @param {string} hex */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * Number(r) + 0.7152 * Number(g) + 0.0722 * Number(b);
}

/** Contrast ratio (WCAG 2.2), 1 to 21. @param {string} a @param {string} b */
function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (Number(high) + 0.05) / (Number(low) + 0.05);
}

/** @param {string} name @param {string[]} grounds @param {number} least */
function holds(name, grounds, least) {
  for (const ground of grounds) {
    for (const theme of [0, 1]) {
      const ratio = contrast(String(token(name)[theme]), String(token(ground)[theme]));
      assert.ok(
        ratio >= least,
        `--${name} on --${ground}, ${theme === 0 ? "light" : "dark"}: ${ratio.toFixed(2)} < ${least}`,
      );
    }
  }
}

test("the contrast ratio is computed as the standard says", () => {
  assert.ok(Math.abs(contrast("#000000", "#ffffff") - 21) < 1e-9);
  assert.ok(Math.abs(contrast("#0072b2", "#ffffff") - 5.19) < 0.01);
});

test("the arms have the colours that were agreed on", () => {
  assert.deepEqual(
    ["disruption", "necessity", "recovered"].map((name) => token(name)[0].toUpperCase()),
    ["#D55E00", "#0072B2", "#009E73"],
  );
});

test("every mark is visible in both themes", () => {
  for (const name of ["disruption", "necessity", "recovered", "sham"]) holds(name, ["paper", "surface"], 3);
});

test("no arm is dim on black, where hollow and translucent marks are fainter still", () => {
  for (const name of ["disruption", "necessity", "recovered", "sham"])
    for (const ground of ["paper", "surface"]) assert.ok(contrast(token(name)[1], token(ground)[1]) >= 4.4, name);
});

test("every text is readable in both themes", () => {
  for (const name of ["ink", "muted", "warn"]) holds(name, ["paper", "surface", "sunken"], 4.5);
});

test("the borders of controls and the focus ring are visible in both themes", () => {
  for (const name of ["edge", "focus"]) holds(name, ["paper", "surface"], 3);
});
