import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { ARMS, spelled } from "../../../web/app/arms.js";

const source = await readFile(new URL("../../../crates/protocol/src/arm.rs", import.meta.url), "utf8");

test("the page has the arms and the letters of the engine", () => {
  const [, names = ""] = source.split("pub fn name(self)");
  const [, letters = ""] = source.split("pub fn symbol(self)");
  /** @type {(text: string) => Map<string, string>} */
  const said = (text) =>
    new Map(
      [...(text.split("pub fn")[0]?.matchAll(/ProtocolArm::(\w+) => "([^"]+)"/g) ?? [])].map(
        ([, arm = "", word = ""]) => [arm, word],
      ),
    );
  const [nameOf, letterOf] = [said(names), said(letters)];
  assert.equal(
    nameOf.size,
    Object.keys(ARMS).length + 1,
    "all but the arm of a table that does not say how it was made",
  );
  for (const [arm, name] of nameOf)
    if (name !== "variant")
      assert.equal(ARMS[/** @type {keyof typeof ARMS} */ (name)]?.letter, letterOf.get(arm), name);
});

test("differences of arms are spelled out, and nothing else is", () => {
  assert.equal(spelled("U − N"), "shortcut − never had it");
  assert.equal(spelled("S − R"), "sham − reference");
  for (const text of ["R", "variant − reference", "X − R", "− position"]) assert.equal(spelled(text), text);
});
