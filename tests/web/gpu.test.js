/** Training on WebGPU, on an adapter that has to exist. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUN, SMALL, launch, number, open, ready, reveal } from "./browser.js";
import { inEngine } from "./engine.js";

/**
 * How far CPU and WebGPU may be apart, relative to the larger of the two and at least to one: both compute in single
 * precision and sum in other orders; over a few steps of training that grows to some units in the fifth digit.
 */
const TOLERANCE = 1e-4;

/** Small enough for an adapter that is a program: some seconds per step. */
const TINY = {
  transformer:
    "v=1&p=repeat&model.layers=1&model.width=16&model.heads=2&data.length=8&train.batch=4&train.steps=3&sandbox.recovery_steps=1&train.warmup=0",
  points:
    "v=1&p=two-moons&model.layers=1&model.width=16&train.batch=16&train.steps=3&sandbox.recovery_steps=1&train.warmup=0",
};
const ABLATIONS = {
  transformer: "ablation.site=blocks.0.attn.heads.1&ablation.operator=position_mean",
  points: "ablation.site=time&ablation.operator=mean",
};

/** Nothing divides anything: attention looks both ways, norms stand in the stream, nothing is clipped. */
const ODD =
  "v=1&p=repeat&data.kind=masked-repeat&data.length=7&model.layers=1&model.width=18&model.heads=3&model.norm=post&train.batch=3&train.steps=3&train.warmup=0&train.clip=0";

/**
 * Activations, norms and optimisers that are not the first of their lists, and pruning. By magnitude a device could choose
 * another one of two weights that are nearly the same, so chance chooses.
 */
const OPTIONS = [
  "model.activation=relu",
  "model.activation=silu",
  "model.norm_kind=rms",
  "train.optimizer=sgd",
  "train.pruned=0.5&train.pruned_by=random",
];

/** A transformer of two blocks of width 32 on 16 positions, in batches of 8. */
const STEP =
  "v=1&p=repeat&ablation.site=none&model.layers=2&model.width=32&model.heads=4&data.length=16&data.vocabulary=32&train.batch=8&train.steps=20";

/** Kernels that one step of it may start. To start one takes a browser longer than such a model's numbers take the GPU. */
const KERNELS = 63;

const browser = await launch();

test("a worker of this browser has a WebGPU adapter with timestamp-query", async () => {
  const { page, close } = await open(browser, "", { path: "blank.html" });
  const found = await page.evaluate(() => {
    const code = `navigator.gpu.requestAdapter().then((adapter) => postMessage(adapter && [...adapter.features]), (error) => postMessage(String(error)));`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    return new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  });
  assert.ok(Array.isArray(found), `no adapter: ${found}`);
  assert.ok(found.includes("timestamp-query"), found.join(", "));
  await close();
});

test("a link that forces WebGPU gets it", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&view.force=gpu`);
  await ready(page);
  await reveal(page, "options");
  await page.locator('run-bar input[value="webgpu"]:checked').waitFor();
  assert.equal(await page.locator('run-bar input[value="webgpu"]').isDisabled(), false);
  await close();
});

/**
 * Losses of every step of a fleet of two, one of which goes without a component.
 *
 * @param {any} engine @param {{link: string, remove: string}} given
 */
async function train(engine, { link, remove }) {
  const run = await engine.Run.create([
    { link, remove: [] },
    { link: `${link}&seed=1&train.learning_rate=0.01`, remove: [remove] },
  ]);
  /** @type {number[][]} */
  const losses = [];
  for (let step = 0; step < 3; step += 1) losses.push((await run.step(1)).losses);
  run.free();
  return losses;
}

/**
 * Kernels that are started by one step and the reading of its loss, and by three.
 *
 * @param {any} engine @param {{link: string}} given
 */
async function kernels(engine, { link }) {
  let started = 0;
  const encoder = /** @type {Record<string, any>} */ (GPUComputePassEncoder.prototype);
  for (const name of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"]) {
    const dispatch = encoder[name];
    encoder[name] = function counted(/** @type {any[]} */ ...size) {
      started += 1;
      return dispatch.apply(this, size);
    };
  }
  const run = await engine.Run.create([{ link, remove: [] }]);
  await run.step(1);
  /** @type {number[]} */
  const counts = [];
  for (const steps of [1, 3]) {
    const before = started;
    await run.step(steps);
    counts.push(started - before);
  }
  run.free();
  return counts;
}

/**
 * What the test says about every arm of a bench that has run to its end.
 *
 * @param {any} engine @param {{link: string}} given
 */
async function contrast(engine, { link }) {
  const bench = await engine.Bench.create(link);
  while ((await bench.step(3)).phase !== "done");
  const view = await bench.view();
  const restored = await engine.Bench.restore(await bench.checkpoint());
  const again = await restored.view();
  const measures = (/** @type {any} */ shown) =>
    shown.panels.flatMap((/** @type {any} */ panel) =>
      panel.arms.flatMap((/** @type {any} */ arm) => arm.measures.map((/** @type {any} */ measure) => measure.value)),
    );
  return { measures: measures(view), restored: measures(again), device: view.source.device };
}

/** @param {number[]} cpu @param {number[]} gpu */
function assertNear(cpu, gpu) {
  assert.equal(cpu.length, gpu.length);
  cpu.forEach((value, index) => {
    const other = gpu[index] ?? NaN;
    const apart = Math.abs(value - other) / Math.max(1, Math.abs(value), Math.abs(other));
    assert.ok(apart <= TOLERANCE, `number ${index}: ${value} on the CPU, ${other} on WebGPU`);
  });
}

const chosen = Object.fromEntries(OPTIONS.map((option) => [option, `${TINY.transformer}&${option}`]));

for (const [family, link] of Object.entries({ ...TINY, odd: ODD, ...chosen })) {
  test(`${family}: training on WebGPU follows training on the CPU`, { timeout: 300_000 }, async () => {
    const { page, close } = await open(browser, "", { path: "blank.html" });
    const given = { link: `${link}&ablation.site=none`, remove: "blocks.0.mlp" };
    const cpu = await inEngine(page, "cpu", train, given);
    const gpu = await inEngine(page, "gpu", train, given);
    assert.ok(
      cpu[0]?.every((loss, index) => loss !== cpu[2]?.[index]),
      "the losses move, so gradients are not zero",
    );
    assertNear(cpu.flat(), gpu.flat());
    await close();
  });
}

for (const [family, link] of Object.entries(TINY)) {
  test(
    `${family}: ablation, recovery and checkpoints say the same on WebGPU as on the CPU`,
    { timeout: 300_000 },
    async () => {
      const { page, close } = await open(browser, "", { path: "blank.html" });
      const given = { link: `${link}&${ABLATIONS[/** @type {keyof typeof ABLATIONS} */ (family)]}` };
      const cpu = await inEngine(page, "cpu", contrast, given);
      const gpu = await inEngine(page, "gpu", contrast, given);
      assert.equal(gpu.device, "WebGPU");
      assert.equal(cpu.measures.length, 12, "two measures of six arms");
      assertNear(cpu.measures, gpu.measures);
      assertNear(gpu.measures, gpu.restored);
      await close();
    },
  );
}

test(`a step of a small transformer starts at most ${KERNELS} kernels`, { timeout: 300_000 }, async () => {
  const { page, close } = await open(browser, "", { path: "blank.html" });
  const [one = NaN, three = NaN] = await inEngine(page, "gpu", kernels, { link: STEP });
  const step = (three - one) / 2;
  assert.ok(one >= step && step > 0, `one step starts ${one} kernels, three start ${three}`);
  assert.ok(step <= KERNELS, `a step starts ${step} kernels`);
  await close();
});

test(
  "CPU and WebGPU are measured on the model at hand, and the faster one is chosen",
  { timeout: 300_000 },
  async () => {
    const { page, close } = await open(
      browser,
      `${TINY.points.replace("train.steps=3", "train.steps=30")}&view.force=gpu`,
    );
    await ready(page);
    await reveal(page, "options");
    await page.getByRole("button", { name: "Measure both" }).click();
    const why = page.locator("run-bar .why");
    await why.filter({ hasText: "is faster here" }).waitFor({ timeout: 240_000 });
    const text = (await why.textContent()) ?? "";
    const [, cpu, webgpu, faster] =
      /model: (.+) ms a step on the CPU, (.+) ms on WebGPU \(.+\). The (CPU|GPU)/.exec(text) ?? [];
    assert.equal(faster, number(cpu) <= number(webgpu) ? "CPU" : "GPU", text);
    await page.locator(`run-bar input[value="${faster === "CPU" ? "cpu" : "webgpu"}"]:checked`).waitFor();
    await close();
  },
);

/** A study of few steps: its first trials, and what becomes of models that two of them ablate. */
const STUDY = `${TINY.transformer}&study.seeds=2&study.trials=2&study.without=position`;

/**
 * The first fleet of a study, packed for a GPU: its trials, as text.
 *
 * @param {any} engine @param {{link: string}} given
 */
async function firstFleet(engine, { link }) {
  const study = engine.Study.open(engine.study_of_link(link).study.json);
  return study.plan(1, true, []).fleets[0];
}

/**
 * The outcomes of a fleet.
 *
 * @param {any} engine @param {{trials: string}} given
 */
async function outcomes(engine, { trials }) {
  const lane = engine.Lane.create(trials, new engine.Origins());
  for (;;) {
    const { done, total } = await lane.step(1);
    if (done >= total) break;
  }
  const finished = await lane.finish();
  return finished.outcomes().map((/** @type {string} */ text) => JSON.parse(text));
}

test("a fleet of a study finds on WebGPU what it finds on the CPU", { timeout: 300_000 }, async () => {
  const { page, close } = await open(browser, "", { path: "blank.html" });
  const fleet = await inEngine(page, "study", firstFleet, { link: STUDY });
  assert.ok(fleet.ids.length > 1, `a GPU is given fleets of several trials, not ${fleet.ids.length}`);
  const cpu = await inEngine(page, "study", outcomes, { trials: fleet.trials });
  const gpu = await inEngine(page, "gpu", outcomes, { trials: fleet.trials });
  const losses = (/** @type {any[]} */ all) =>
    all.flatMap(({ marks }) => Object.values(marks).map(({ loss }) => Number(loss)));
  assert.deepEqual(
    gpu.map((/** @type {any} */ { trial, device }) => [trial, device]),
    fleet.ids.map((/** @type {string} */ id) => [id, "WebGPU"]),
  );
  assert.equal(new Set(losses(cpu)).size, losses(cpu).length, "the trials differ");
  assertNear(losses(cpu), losses(gpu));
  await close();
});

test("a study is computed on WebGPU where the link asks for it, and says so", { timeout: 300_000 }, async () => {
  const { page, close } = await open(browser, `${STUDY}&view.force=gpu&view.tab=study`);
  await page.locator('study-bar input[value="webgpu"]').waitFor({ timeout: RUN });
  await page.locator("#study-go:not([disabled])").waitFor({ timeout: RUN });
  await page.click("#study-go");
  // All of it takes a graphics adapter that is a program three minutes.
  await page.locator('run-grid .cells i[data-state="done"]').first().waitFor({ timeout: 240_000, state: "attached" });
  assert.match(await page.locator("study-bar .how").last().innerText(), /^Runs on WebGPU \(.+\)\./);
  await page.click("#tab-report");
  await page.locator("report-head .badge", { hasText: /^computed here, on WebGPU/ }).waitFor({ timeout: RUN });
  await close();
});
