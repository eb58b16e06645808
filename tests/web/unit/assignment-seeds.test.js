import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { canonical } from "../../../web/app/canonical.js";
import { memberTexts } from "../../../web/app/json-text.js";
import { sha256 } from "../../../web/app/sha256.js";
import { known, nameProblem, seedOf } from "../../../web/app/assignment/student.js";

/** Made by `hashlib.sha256` and `str.lower` of Python; the first is also what `openssl dgst -sha256` prints. */
const seeds = JSON.parse(await readFile(new URL("../../assignments/seeds.json", import.meta.url), "utf8"));

test("SHA-256 gives what the standard and another implementation give", () => {
  // FIPS 180-4 examples.
  assert.equal(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(
    sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
  assert.equal(sha256("a".repeat(1_000_000)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  for (let length = 0; length < 200; length++) {
    const text = "ü€😀x"
      .repeat(length)
      .slice(0, length)
      .replace(/[\ud800-\udbff]$/, "");
    assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"), `${length} characters`);
  }
});

test("the seed of a student is the one that the command line computes", () => {
  assert.ok(seeds.length >= 10);
  for (const { id, student, seed } of seeds) assert.equal(seedOf(id, student), seed, `${id} ${student}`);
  assert.equal(seedOf("positions", " Ada "), seedOf("positions", "ada"), "case and white space do not matter");
});

test("a name is one to a hundred characters that can be written", () => {
  for (const name of ["a", "  a ", "李雷", "😀".repeat(100), "\ufeffa"]) assert.equal(nameProblem(name), "", name);
  for (const name of ["", " \n\t", "a".repeat(101), "a\u0000b", "a\nb", "\u0085a", "\ud800"])
    assert.notEqual(nameProblem(name), "", JSON.stringify(name));
  assert.equal(known("\ufeff A\u3000"), "a");
});

test("canonical JSON is as RFC 8785 says", () => {
  const value = JSON.parse(
    '{"b": [1, 4.0, 1e-7, 1e21, 0.002, 333333333.3333333, null, -0.0], "a": {"ü\\"": "x\\n", "Z": true}}',
  );
  assert.equal(canonical(value), '{"a":{"Z":true,"ü\\"":"x\\n"},"b":[1,4,1e-7,1e+21,0.002,333333333.3333333,null,0]}');
  const keys = { "\u20ac": 1, "\r": 2, "\ufb33": 3, 1: 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
  assert.deepEqual(
    [...canonical(keys).matchAll(/:(\d)/g)].map(([, digit]) => digit),
    ["2", "4", "6", "7", "1", "5", "3"],
  );
  assert.equal(canonical(JSON.parse('{"__proto__": 1, "a": {}}')), '{"__proto__":1,"a":{}}');
});

test("the text of a member is as it stands in the file", () => {
  const record = '{"x": [4.0, 1e-7, "}\\"]"], "y": {"z": -0.0}}';
  const text = `\ufeff {"schema" : "s" ,\r\n "record": ${record} , "n":12, "last":[ ]  }\n`;
  const members = memberTexts(text);
  assert.deepEqual(
    [...(members ?? [])],
    [
      ["schema", '"s"'],
      ["record", record],
      ["n", "12"],
      ["last", "[ ]"],
    ],
  );
  assert.equal(memberTexts("[1]"), null);
  assert.equal(memberTexts("{}")?.size, 0);
  assert.equal(memberTexts('{"a":1,"a":{"b":2}}')?.get("a"), '{"b":2}');
});
