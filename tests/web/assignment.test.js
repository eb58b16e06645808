/**
 * An assignment from its link to the file that is handed in, the page of a class that reads such files, and what a
 * learning management system is told.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { violations } from "./axe.js";
import { RUN, drawn, launch, open } from "./browser.js";
import { seedOf } from "../../web/app/assignment/student.js";

const browser = await launch({ webgpu: false });

/** @typedef {import("playwright-core").Page} Page */

const MARKUP = '<img src=x onerror="document.title=1">';

/** Two components, two seeds, twenty steps: a study of seconds. @param {object} [changes] */
const assignment = (changes = {}) => ({
  schema: "ablation-assignment/v1",
  id: "tiny",
  title: `A tiny assignment ${MARKUP}`,
  text: ["The first paragraph.", `The second ${MARKUP}.`],
  study: {
    version: 2,
    title: "A tiny study",
    preset: "repeat",
    final: { seeds: 2 },
    search: { trials: 2 },
    settings: { "model.layers": 1, "model.width": 8, "train.steps": 20 },
    variants: [
      { name: "position", remove: "position" },
      { name: "MLP", remove: "blocks.0.mlp" },
    ],
  },
  seed: "student",
  predict: true,
  questions: [
    { id: "q1", text: "Which hurts most?", points: 1, kind: "choice", choices: ["position", "the MLP"] },
    { id: "q2", text: "How much?", points: 2, kind: "number", unit: "nats" },
    { id: "q3", text: "Which verdict?", points: 1, kind: "verdict", component: "MLP" },
    { id: "q4", text: "Why?", points: 4, kind: "text" },
  ],
  evidence: { points: 4 },
  ...changes,
});

const LIST = JSON.stringify([{ name: "tiny", title: "A tiny assignment", file: "tiny.assignment.json" }]);
const STRICT =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'";

/** The page with the assignment, under a strict policy. @type {import("./serve.js").Override} */
const override = async (path, real) => {
  if (path === "/static/assignments/index.json") return LIST;
  if (path === "/static/assignments/tiny.assignment.json") return JSON.stringify(assignment());
  if (path !== "/index.html") return undefined;
  const policy = `<meta http-equiv="Content-Security-Policy" content="${STRICT}">`;
  return String(await real()).replace("<head>", `<head>${policy}`);
};

/** Everything that the policy refuses. */
const WATCH =
  "window.refused=[];addEventListener('securitypolicyviolation',(e)=>window.refused.push(e.violatedDirective+' '+e.blockedURI+' '+e.sample));";

/** @param {Page} page */
const refused = (page) => page.evaluate(() => /** @type {any} */ (window).refused);

/** @param {Page} page @param {string} step */
const told = (page, step) => page.locator(`[data-step="${step}"] > summary .told`);

/** Opens a step, unless it is. @param {Page} page @param {string} step */
async function unfold(page, step) {
  const box = page.locator(`[data-step="${step}"]`);
  if (!(await box.evaluate((one) => /** @type {HTMLDetailsElement} */ (one).open)))
    await box.locator("> summary").click();
}

/**
 * That a step is closed, says which it waits for, and why.
 *
 * @param {Page} page
 * @param {string} step
 * @param {number} number
 * @param {string} why
 */
async function waits(page, step, number, why) {
  assert.equal(await told(page, step).innerText(), `after step ${number}`);
  assert.equal(await page.locator(`[data-step="${step}"]`).getAttribute("open"), null, `${step} is closed`);
  await unfold(page, step);
  await page.locator(`[data-step="${step}"] > .why`, { hasText: why }).waitFor();
  await page.locator(`[data-step="${step}"] > summary`).click();
}

/** The step that the focus is in. @param {Page} page */
const focusedStep = (page) =>
  page.evaluate(() => document.activeElement?.closest("[data-step]")?.getAttribute("data-step"));

/** @param {Page} page @param {string} name */
async function beStudent(page, name) {
  await page.locator("#assignment-student").fill(name);
  await page.getByRole("button", { name: "Use this name" }).click();
  await told(page, "student").filter({ hasText: name }).waitFor();
}

/** @param {Page} page */
async function guess(page) {
  await page.getByLabel("MLP (blocks.0.mlp) is needed").check({ timeout: RUN });
  await page.getByRole("button", { name: "Commit to this guess" }).click();
  await told(page, "predict").filter({ hasText: "made" }).waitFor();
}

/** @param {Page} page */
async function runStudy(page) {
  await unfold(page, "run");
  await page.locator("#study-go:not([disabled])").click({ timeout: RUN });
  await told(page, "run").filter({ hasText: "done" }).waitFor({ timeout: RUN });
}

/** @param {Page} page */
async function answer(page) {
  await unfold(page, "questions");
  await page.getByLabel("the MLP").check();
  await page.getByLabel("How much?").fill("1,25");
  await page.getByLabel("Which verdict?").selectOption({ label: "Redundant" });
  await page.getByLabel("Why?").fill("Because.\nTwo lines.");
}

/** @param {Page} page */
async function handIn(page) {
  await unfold(page, "hand-in");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("assignment-hand-in .primary").click(),
  ]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** A text without the marks that isolate names. @param {string} text */
const plain = (text) => text.replaceAll(/[\u2066-\u2069]/g, "");

/** The submissions of three students, for the page of a class. @type {{name: string, text: string}[]} */
const submissions = [];

test("a student's way from the link to the file, and back after a reload", async () => {
  const { page, close } = await open(browser, "view.assignment=tiny", { override, init: WATCH });
  await page.getByRole("heading", { name: MARKUP }).waitFor();
  assert.equal(await page.locator("assignment-panel img").count(), 0, "markup is a text");
  assert.equal(await page.locator("#view-study").isVisible(), false, "there is no study before there is a student");
  await waits(page, "predict", 1, "Your name comes first: step 1.");
  await waits(page, "run", 1, "Your name comes first: step 1.");
  // A teacher reads every question before there is a student, and nobody answers one.
  await waits(page, "questions", 1, "Until then the questions can be read and not answered.");
  await unfold(page, "questions");
  assert.equal(await page.locator("assignment-questions li").last().isVisible(), true);
  assert.match(await page.locator("assignment-questions li").nth(1).innerText(), /^Question 2 of 4\s+How much\?/);
  assert.equal(await page.getByLabel("How much?").isEnabled(), false);
  await page.locator('[data-step="questions"] > summary').click();
  assert.deepEqual(await violations(page), [], "before the name");

  await page.locator("#assignment-student").fill(" Ada ");
  await page.locator("#assignment-student-told", { hasText: `${seedOf("tiny", "ada")}` }).waitFor();
  await page.keyboard.press("Enter");
  await told(page, "student").filter({ hasText: "Ada" }).waitFor();
  await page.getByRole("button", { name: "Commit to this guess" }).waitFor({ timeout: RUN });
  assert.equal(await focusedStep(page), "predict", "the keyboard goes on in the next step");
  assert.match(page.url(), /#.*view\.assignment=tiny$/);

  // Results are hidden before the guess.
  await page.click("#tab-report");
  assert.equal(await page.locator(".report").isVisible(), false);
  await page.click("#tab-study");
  assert.deepEqual(await violations(page), [], "while asked");
  await waits(page, "run", 2, "Your prediction comes first: step 2.");
  assert.equal(await page.locator("study-bar").isVisible(), false, "it cannot be run before the guess");
  await page.getByRole("button", { name: "Commit to this guess" }).click();
  await page.locator("predict-first [role=alert]", { hasText: "None of them is needed" }).waitFor();
  assert.equal(await told(page, "predict").innerText(), "to do", "what nobody touched is no guess");
  await page.getByLabel("None of them is needed").check();
  await page.getByLabel("position is needed", { exact: true }).check();
  assert.equal(await page.getByLabel("None of them is needed").isChecked(), false);
  await page.getByLabel("position is needed", { exact: true }).uncheck();
  await guess(page);
  assert.equal(await focusedStep(page), "run");
  await waits(page, "questions", 3, "The study comes first: step 3.");

  // One number, one wording, wherever it is said.
  const cost = await page.locator("assignment-run .cost", { hasText: /trials, .+ training steps/ }).innerText();
  const [trials = assert.fail()] = /about \d+ trials/.exec(cost) ?? [];
  for (const other of ["study-bar .status", "study-protocol .total"])
    assert.ok((await page.locator(other).innerText()).includes(trials), other);
  assert.equal(await page.locator("component-list input:not([disabled])").count(), 0, "the protocol is fixed");
  await runStudy(page);

  // An incomplete submission can be taken away, and says so.
  await unfold(page, "hand-in");
  assert.deepEqual(await page.locator("assignment-hand-in .missing li").allInnerTexts(), [
    "Question 1 of 4: not answered.",
    "Question 2 of 4: not answered.",
    "Question 3 of 4: not answered.",
    "Question 4 of 4: not answered.",
  ]);
  assert.equal(await page.locator("assignment-hand-in .primary").innerText(), "Download it incomplete");
  await handIn(page);
  await page.locator("assignment-hand-in .saved", { hasText: "incomplete" }).waitFor();

  await page.getByLabel("How much?").fill("a lot");
  await page.locator("assignment-questions", { hasText: "This is not a number." }).waitFor();
  await answer(page);
  await page.locator("assignment-questions", { hasText: "read as 1.25" }).waitFor();
  await told(page, "questions").filter({ hasText: "4 of 4 answered" }).waitFor();
  assert.deepEqual(await violations(page), [], "with everything answered");
  const { name, text } = await handIn(page);
  submissions.push({ name, text });
  assert.equal(name, "tiny.ada.submission.json");
  const file = JSON.parse(text);
  assert.equal(file.schema, "ablation-submission/v1");
  assert.deepEqual([file.assignment, file.student, file.seed], ["tiny", "Ada", seedOf("tiny", "ada")]);
  assert.deepEqual(file.answers, { q1: "the MLP", q2: 1.25, q3: "redundant", q4: "Because.\nTwo lines." });
  assert.deepEqual(file.prediction, [
    { component: "MLP", needed: true },
    { component: "position", needed: false },
  ]);
  assert.equal(file.record.schema, "ablation-record/v2");
  assert.equal(file.record.study.seed, file.seed);
  assert.equal(file.record.report.progress.complete, true);

  await page.click("#tab-report");
  await page.locator("report-figures svg").first().waitFor({ timeout: RUN });
  assert.equal(await page.locator("report-exports").isVisible(), false, "what is for reviewers is folded");
  await page.locator(".behind-report > summary").click();
  assert.equal(await page.locator("report-exports").isVisible(), true);
  await page.reload();
  await told(page, "run").filter({ hasText: "done" }).waitFor({ timeout: RUN });
  await told(page, "hand-in").filter({ hasText: "downloaded" }).waitFor();
  await unfold(page, "questions");
  assert.equal(await page.getByLabel("the MLP").isChecked(), true);
  assert.equal(await page.getByLabel("How much?").inputValue(), "1,25");
  assert.equal(await page.getByLabel("Why?").inputValue(), "Because.\nTwo lines.");
  await told(page, "predict").filter({ hasText: "made" }).waitFor();
  assert.equal((await handIn(page)).text, text, "the same work gives the same file");
  assert.deepEqual(await refused(page), [], "a strict policy refuses nothing");
  await close();
});

test("another name is another study, said before; the work of the first comes back", async () => {
  const { page, close } = await open(browser, "view.assignment=tiny", { override });
  await page.locator("#assignment-student").waitFor();
  for (const name of ["bob", "chen"]) {
    await beStudent(page, name);
    await guess(page);
    await runStudy(page);
    await answer(page);
    submissions.push(await handIn(page));
    await unfold(page, "student");
    await page.getByRole("button", { name: "Change the name" }).click();
    await page
      .locator("assignment-student .warning", {
        hasText: `Another name is another seed, and the study begins anew. The`,
      })
      .waitFor();
    await page.locator("assignment-student .warning", { hasText: `and the answers of ${name} are kept` }).waitFor();
  }
  await page.getByRole("button", { name: "Stay chen" }).click();
  await page.getByRole("button", { name: "Change the name" }).click();
  await beStudent(page, "BOB");
  await told(page, "run").filter({ hasText: "done" }).waitFor({ timeout: RUN });
  await told(page, "questions").filter({ hasText: "4 of 4" }).waitFor();
  await page.getByRole("button", { name: "Close the assignment" }).click();
  await page.locator("assignment-panel").waitFor({ state: "hidden" });
  await page.locator("study-source + study-bar").waitFor();
  assert.doesNotMatch(page.url(), /assignment/);
  assert.equal(await page.locator("study-source .source").isVisible(), true);
  assert.equal(await page.locator(".behind-report").getAttribute("open"), "");
  await close();
});

test("an assignment is opened as a file, and what is wrong with one is said", async () => {
  const { page, close } = await open(browser, "view.tab=study");
  await page.locator("#study-file").waitFor({ state: "attached" });
  const give = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    page.setInputFiles("#study-file", {
      name,
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify(value)),
    });
  await give("wrong.json", assignment({ sead: "student" }));
  await page.locator("notice-list", { hasText: "`sead` is no field of an assignment. Did you mean `seed`?" }).waitFor();
  await give("solution.json", { schema: "ablation-solution/v1" });
  await page.locator("notice-list", { hasText: "solution.json is the solution of an assignment" }).waitFor();
  const bad = { ...assignment().study, settings: { "model.width": "wide" } };
  await give("bad-study.json", assignment({ id: "bad", study: bad, predict: false }));
  await beStudent(page, "dia");
  await page.locator("assignment-run .cost", { hasText: "cannot be opened: the reason stands above" }).waitFor();
  await page.locator("notice-list", { hasText: "model.width" }).waitFor();
  await page.getByRole("button", { name: "Close the assignment" }).click();
  await give("tiny.assignment.json", assignment({ predict: false, seed: "fixed" }));
  await page.locator("assignment-panel h2", { hasText: "A tiny assignment" }).waitFor();
  assert.equal(await page.locator('[data-step="predict"]').isVisible(), false);
  await beStudent(page, "dia");
  await page.waitForFunction(() => location.hash.includes("view.assignment=file"));
  await page.reload();
  await told(page, "student").filter({ hasText: "dia" }).waitFor({ timeout: RUN });
  await close();
});

test("an assignment that does not ship is said; a browser that stores nothing is too", async () => {
  const missing = await open(browser, "view.assignment=nothing", { override });
  await missing.page.locator("notice-list", { hasText: 'No assignment called "nothing" ships' }).waitFor();
  await missing.page.locator("study-source").waitFor();
  assert.doesNotMatch(missing.page.url(), /assignment/);
  await missing.close();
  const framed = await open(browser, "", { override });
  await framed.page.goto(`${framed.url}embed.html#v=1&p=repeat&view.assignment=tiny`);
  await framed.page.locator("notice-list", { hasText: "an assignment is opened on the whole page" }).waitFor();
  await framed.page.locator(".sentence-big", { hasText: "Ablating" }).waitFor({ timeout: RUN });
  await framed.close();
  const init = "Object.defineProperty(window,'localStorage',{get(){throw new DOMException('no','SecurityError')}});";
  const { page, close } = await open(browser, "view.assignment=tiny", { override, init });
  await beStudent(page, "ada");
  await page.locator("assignment-panel .warning", { hasText: "This browser stores nothing here" }).first().waitFor();
  await close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`at 390 px nothing scrolls sideways and axe finds nothing, ${colorScheme}`, async () => {
    const context = { viewport: { width: 390, height: 844 }, colorScheme, hasTouch: true };
    const { page, close } = await open(browser, "view.assignment=tiny", { override, context });
    await beStudent(page, "a name that is as long as the names of some people are, without a space_".slice(0, 60));
    await page.getByRole("button", { name: "Commit to this guess" }).waitFor({ timeout: RUN });
    for (const step of ["student", "predict", "run", "questions", "hand-in"]) await unfold(page, step);
    await drawn(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.deepEqual(await violations(page), []);
    await close();
  });
}

test("the page of a class shows what is right and lists what is not", async () => {
  assert.equal(submissions.length, 3, "the tests above handed in");
  const [ada = assert.fail()] = submissions;
  const { page, url, close } = await open(browser, "", { init: WATCH });
  await page.goto(`${url}class.html`);
  const edited = ada.text.replace(/"mean":(\d)/, '"mean":9$1');
  assert.notEqual(edited, ada.text);
  const other = JSON.stringify({ ...JSON.parse(ada.text), student: "eve", seed: 7 });
  // Ada's record in the name of bob: the seed is not bob's, though the file says nothing else that is wrong.
  const forged = ada.text.replace('"Ada"', '"bob"');
  const files = [
    ...submissions,
    { name: "picture.json", text: "\u0089PNG\r\n\u001a\n" },
    { name: "edited.json", text: edited.replace('"Ada"', '"mallory"') },
    { name: "other-seed.json", text: other },
    { name: "tiny.bob.submission.json", text: forged },
    { name: "again.json", text: `${ada.text}\n` },
  ].map(({ name, text }) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) }));
  await page.setInputFiles("#class-files", files);
  await page
    .locator("class-files .status", { hasText: "5 submissions read, 3 files left out." })
    .waitFor({ timeout: RUN });
  const left = plain((await page.locator("class-refused li").allInnerTexts()).join("\n"));
  assert.match(left, /picture\.json\s+(?:This is a PNG picture|The file is not JSON)/);
  assert.match(left, /edited\.json\s+.*it says 9.* but .* follows from the outcomes/);
  assert.match(left, /other-seed\.json\s+The submission says the root seed 7, and its record has \d+/);
  assert.match(left, /tiny\.bob\.submission\.json \(2\)\s+Its root seed \d+ is not the one of bob\./);
  assert.match(
    plain(await page.locator("class-figure .doubles").innerText()),
    /Ada handed in 2 files: (?:again|tiny\.ada\.submission)\.json, the .+, counts, and .+ does not\./,
  );
  const sentences = await page.locator("class-figure .sentences li").allInnerTexts();
  assert.equal(sentences.length, 2);
  assert.match(
    sentences.join("\n"),
    /Without blocks\.0\.mlp \(MLP\): \d of 3 .+\. 3 of 3 had predicted that it is needed\./,
  );
  assert.equal(await page.locator("class-figure svg path.disruption:not(.center)").count(), 6);
  assert.equal(await page.locator("class-figure svg path.interval").count(), 12, "one for each student and gap");
  const marks = await page.locator("class-figure svg path.disruption title").allTextContents();
  assert.ok(
    marks.some((text) => text.startsWith("\u2068bob\u2069: disruption ")),
    "a name in a title is isolated",
  );
  await page.locator("class-figure .key", { hasText: "95 % interval of each student" }).waitFor();
  assert.equal(await page.locator("class-figure svg path.center").count(), 4);
  assert.match(
    await page.locator("class-table thead").innerText(),
    /without position[\s\S]*without blocks\.0\.mlp\s+MLP/,
  );
  assert.match(plain(await page.locator("class-table tr.earlier th").innerText()), /Ada\s+does not count: /);
  const students = () => page.locator("class-table tr:not(.earlier) bdi").allInnerTexts();
  assert.deepEqual(await students(), ["Ada", "bob", "chen"]);
  await page.getByRole("button", { name: "Student" }).click();
  await page.locator('class-table th[aria-sort="descending"]').waitFor();
  assert.deepEqual(await students(), ["chen", "bob", "Ada"]);
  const [csv] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  const lines = (await readFile(await csv.path(), "utf8")).trim().split("\r\n");
  assert.match(
    lines[0] ?? "",
    /^student,counts,seed,file,trials,complete,prediction,without position \(position\): disruption/,
  );
  assert.equal(lines.length, 5);
  assert.equal(csv.suggestedFilename(), "tiny.class.csv");

  // With the assignment's own file, seeds are checked and the questions head the table. This one is of other text.
  const own = {
    name: "tiny.assignment.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(assignment())),
  };
  await page.setInputFiles("#class-files", [own]);
  await page.locator("class-table thead", { hasText: "Which hurts most?" }).waitFor();
  await page.locator("class-groups h2", { hasText: "A tiny assignment" }).waitFor();
  assert.equal((await students()).length, 3);
  assert.match(
    plain(await page.locator("class-groups .id").innerText()),
    /3 students; checked against tiny\.assignment\.json$/,
  );
  // An edited file of a student does not take its place.
  const eve = { ...own, name: "eve.json", buffer: Buffer.from(JSON.stringify(assignment({ title: "Another" }))) };
  await page.setInputFiles("#class-files", [eve]);
  await page.locator("class-refused li", { hasText: "eve.json" }).waitFor();
  assert.equal((await students()).length, 3);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(await refused(page), [], "its own policy refuses nothing");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await drawn(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(await violations(page), []);
  // Submissions of another assignment are a group of their own.
  const positions = new URL("../../examples/submissions/positions.ada.submission.json", import.meta.url);
  await page.setInputFiles("#class-files", [
    { name: "positions.json", mimeType: "application/json", buffer: await readFile(positions) },
  ]);
  await page.locator("class-groups h2", { hasText: "positions" }).waitFor({ timeout: RUN });
  assert.equal(await page.locator("class-groups > section").count(), 2);
  assert.equal(await page.locator("class-table").count(), 2);
  assert.deepEqual(await violations(page), [], "with two assignments");
  await page.getByRole("button", { name: "Start over" }).click();
  await page.locator("class-files .status", { hasText: "No submission was opened yet." }).waitFor();
  await close();
});

test("a learning management system keeps the place, and is told what was handed in", async () => {
  const source = (await readFile(new URL("fake/lms.js", import.meta.url), "utf8")).replace("export class", "class");
  const script =
    `${source}\nconst kept=JSON.parse(sessionStorage.lms??"{}");` +
    'window.lms=new Lms({"cmi.core.student_id":"s17",...kept});window.API=window.lms.api;' +
    'addEventListener("pagehide",()=>(sessionStorage.lms=JSON.stringify(window.lms.values)));';
  const frame = '<iframe src="./index.html#view.assignment=tiny" width="1200" height="850" title="activity"></iframe>';
  const host = `<!doctype html><title>course</title><script>${script}</script>${frame}`;
  const { page, url, close } = await open(browser, "view.stored=1", {
    override: (path, real) => (path === "/course.html" ? host : override(path, real)),
  });
  await page.goto(`${url}course.html`);
  const inside = /** @type {Page} */ (/** @type {unknown} */ (page.frameLocator("iframe")));
  const state = () => page.evaluate(() => /** @type {any} */ (window).lms);
  await inside.locator("#assignment-student").waitFor({ timeout: RUN });
  assert.equal(await inside.locator("#assignment-student").inputValue(), "s17", "the system's login is offered");
  await beStudent(inside, "s17");
  await guess(inside);
  await runStudy(inside);
  await answer(inside);
  await inside.locator('[data-step="hand-in"] > summary').waitFor();
  if (!(await inside.locator("assignment-hand-in .primary").isVisible()))
    await inside.locator('[data-step="hand-in"] > summary').click();
  await Promise.all([page.waitForEvent("download"), inside.locator("assignment-hand-in .primary").click()]);
  await inside
    .locator(".lms", { hasText: "It was told a score of 100 of 100, for 4 of 4 points of the record." })
    .waitFor();
  const { values, errors } = await state();
  assert.deepEqual(errors, []);
  assert.equal(values["cmi.core.lesson_status"], "completed");
  assert.deepEqual(
    ["raw", "min", "max"].map((name) => values[`cmi.core.score.${name}`]),
    ["100", "0", "100"],
  );
  assert.ok(values["cmi.suspend_data"].length <= 4096);
  // The frame is left: the session ends. Another browser knows nothing but what the system kept.
  await page.evaluate(() => document.querySelector("iframe")?.remove());
  const after = await state();
  assert.equal(after.calls.at(-1), "LMSFinish");
  assert.match(after.values["cmi.core.session_time"], /^\d{4}:\d\d:\d\d\.\d\d$/);
  assert.deepEqual(after.errors, []);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await told(inside, "questions").filter({ hasText: "4 of 4 answered" }).waitFor({ timeout: RUN });
  assert.equal(await inside.locator("#question-1").inputValue(), "1,25");
  await close();
});
