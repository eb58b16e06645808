import assert from "node:assert/strict";
import { test } from "node:test";
import { bibtexOf, citationOf } from "../../../web/app/citation.js";

const SOFTWARE = { authors: "The authors", title: "The sandbox: a title", version: "1.2.3" };
const CITED = { study: "Heads", registration: "0123", link: "https://example.org/#v=1" };

test("a citation names the software, its version, the study, its registration and its link", () => {
  assert.equal(
    citationOf(SOFTWARE, CITED),
    "The authors. The sandbox: a title. Version 1.2.3. Study “Heads”, registration 0123. https://example.org/#v=1",
  );
  assert.doesNotMatch(citationOf(SOFTWARE, { ...CITED, registration: "" }), /registration/);
  const bibtex = bibtexOf(SOFTWARE, CITED);
  assert.match(bibtex, /^@software\{[\w-]+,\n/);
  for (const field of [
    "author = {{The authors}}",
    "version = {1.2.3}",
    "note = {Study: Heads, registration 0123}",
    "url = {https://example.org/#v=1}",
  ])
    assert.ok(bibtex.includes(field), field);
});
