import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const read = (/** @type {string} */ path) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

test("the page cites what CITATION.cff and the manifest say", async () => {
  const [html, citation, manifest] = await Promise.all([
    read("web/index.html"),
    read("CITATION.cff"),
    read("Cargo.toml"),
  ]);
  const shown = (/** @type {string} */ name) => {
    const text = new RegExp(`data-cite="${name}"[^>]*>([^<]+)<`).exec(html)?.[1] ?? "";
    return text.replaceAll(/\s+/g, " ").trim();
  };
  assert.equal(shown("title"), /^title: "(.+)"$/m.exec(citation)?.[1]);
  assert.equal(shown("authors"), /- name: (.+)$/m.exec(citation)?.[1]);
  assert.equal(shown("version"), /^version: (.+)$/m.exec(citation)?.[1]);
  const repository = /^repository = "(.+)"$/m.exec(manifest)?.[1];
  if (repository) assert.ok(html.includes(`href="${repository}"`), "the footer leads to the repository");
});
