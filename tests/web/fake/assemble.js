/**
 * A folder like `dist/` out of the page's sources and the fake engine, for work on the page without a Rust build:
 *
 *     node tests/web/fake/assemble.js FOLDER [--stored]
 */

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Bench, describe } from "./cpu.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** @param {string} folder @param {boolean} stored  with a record of each preset */
export async function assemble(folder, stored) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "static/records"), { recursive: true });
  for (const part of ["app", "style"]) await cp(join(ROOT, "web", part), join(folder, part), { recursive: true });
  const html = await readFile(join(ROOT, "web/index.html"), "utf8");
  await writeFile(join(folder, "index.html"), html.replace(/^\s*<link\s+data-trunk[^>]*>\n/gm, ""));
  for (const file of ["cpu.js", "gpu.js", "model.js", "figures.js", "studies.js", "study.js"])
    await cp(join(HERE, file), join(folder, file));
  await cp(join(ROOT, "static/icon.svg"), join(folder, "static/icon.svg"));
  if (stored)
    for (const preset of ["repeat", "two-moons"])
      await writeFile(join(folder, `static/records/${preset}.json`), JSON.stringify(await record(preset)));
}

/** A stored record as the command line would write it. @param {string} preset */
export async function record(preset) {
  const bench = await Bench.create(`v=1&p=${preset}`);
  bench.choose({ site: preset === "two-moons" ? "time" : "position", operator: "mean" });
  bench.at = { ...bench.due };
  const view = await bench.view();
  return { description: describe(`v=1&p=${preset}`), view: { ...view, source: { ...view.source, kind: "stored" } } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, stored] = process.argv.slice(2);
  if (!folder) throw new Error("say which folder to fill");
  await assemble(folder, stored === "--stored");
}
