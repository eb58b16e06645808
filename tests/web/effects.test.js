/** Direct and total effects of a trained model, and models trained without each head, in the page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL, done, launch, number, open, ready, reveal } from "./browser.js";

const browser = await launch();
const EFFECTS = '[data-drawer="effects"]';

/** The rows of a figure's table. @param {import("playwright-core").Page} page @param {string} title */
async function rows(page, title) {
  const card = page.locator(`${EFFECTS} figure-card`).filter({ hasText: title });
  await card.locator("summary").click();
  // The table is made when it is opened, after the click.
  await card.locator("tbody tr").first().waitFor();
  return card
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
}

test("effects of a trained model add up, and every head is retrained without", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&view.autorun=0`);
  await ready(page);
  await reveal(page, "effects");
  const measure = page.getByRole("button", { name: "Measure effects" });
  assert.equal(await measure.isDisabled(), true, "there is nothing to measure yet");
  assert.match(await page.locator(`${EFFECTS} .state`).innerText(), /Train the model first/);
  await page.click("#play");
  await done(page);
  await measure.click();
  await page.locator(`${EFFECTS} figure-card svg`).first().waitFor();
  const effects = await rows(page, "Direct and total effect");
  assert.ok(effects.some(([component]) => component === "blocks.0.mlp"));
  for (const [component, ...cells] of effects) {
    const [direct, later, scale, total] = cells.map((cell) => number(cell ?? undefined));
    // Numbers are shown with two or three decimals.
    const sum = Number(direct) + Number(later) + Number(scale);
    assert.ok(Math.abs(sum - Number(total)) < 0.02, `${component}: ${cells.join(" ")}`);
  }
  await page.getByRole("button", { name: "Train without each head as well" }).click();
  await page.locator(`${EFFECTS} .state`).filter({ hasText: "One seed, untuned" }).waitFor({ timeout: 120_000 });
  const heads = await rows(page, "What each head costs");
  assert.ok(heads.length > 1);
  for (const [, , ablated, retrained] of heads) assert.match(`${ablated} ${retrained}`, /^[+−]?\d\S* [+−]?\d\S*$/);
  assert.notDeepEqual(
    heads.map((row) => row[2]),
    heads.map((row) => row[3]),
  );
  await close();
});

test("a model whose answer is no sum is refused with the way out, and stays as it is", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&model.norm=post&view.autorun=0`);
  await ready(page);
  await page.click("#play");
  await done(page);
  await reveal(page, "effects");
  await page.getByRole("button", { name: "Measure effects" }).click();
  await page.locator(`${EFFECTS} .state`).filter({ hasText: "norms before its branches" }).waitFor();
  assert.equal(await page.locator(`${EFFECTS} figure-card`).count(), 0);
  assert.equal(await page.locator("#play").innerText(), "Trained");
  await close();
});

test("components are ablated together, and their shares add up", async () => {
  const { page, close } = await open(browser, `${SMALL.transformer}&view.autorun=0`);
  await ready(page);
  await reveal(page, "effects");
  const together = page.locator("components-together");
  const measure = together.getByRole("button", { name: "Ablate every set of them" });
  assert.equal(await measure.isDisabled(), true, "there is nothing to measure yet");
  await page.click("#play");
  await done(page);
  const ticked = () =>
    together.locator("input:checked").evaluateAll((boxes) => boxes.map((box) => box.getAttribute("value")));
  const branches = await ticked();
  assert.ok(branches.includes("blocks.0.attn") && branches.includes("blocks.0.mlp"), `${branches}`);
  // A head is a part of its attention.
  await together.getByLabel("blocks.0.attn.heads.0", { exact: true }).check();
  assert.equal((await ticked()).includes("blocks.0.attn"), false);
  await together.getByText("Not ticked any more: blocks.0.attn").waitFor();
  await together.getByLabel("blocks.0.attn", { exact: true }).check();
  assert.deepEqual(await ticked(), branches);
  await measure.click();
  await together.locator("tbody tr").first().waitFor({ timeout: 120_000 });
  const rows = await together
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  assert.deepEqual(
    rows.map(([component]) => component),
    [...branches, "all together"],
  );
  const shapley = rows.map((row) => Number(number(row.at(-1))));
  const all = Number(shapley.pop());
  const sum = shapley.reduce((sum, value) => sum + value, 0);
  // Numbers are shown with two or three decimals.
  assert.ok(Math.abs(sum - all) < 0.005 * (rows.length + 1), `${sum} of ${all}`);
  await close();
});
