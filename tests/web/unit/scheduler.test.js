import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const PIECES = new URL("../../../web/app/scheduler.js", import.meta.url);

test("a piece that throws is heard of and keeps no other waiting", () => {
  // In a process of its own, because what is thrown there is caught by nobody.
  const program = `
    import { schedule } from ${JSON.stringify(PIECES.href)};
    process.on("uncaughtException", ({ message }) => console.log("threw " + message));
    setTimeout(() => process.exit(), 5000).unref();
    schedule({}, () => { throw new Error("a"); });
    schedule({}, () => { console.log("drew b"); process.exit(); });
  `;
  assert.equal(
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }),
    "threw a\ndrew b\n",
  );
});
