/** The Content-Security-Policy that every page states itself: nothing of the page breaks it, and what would is refused. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RUN, SMALL, ablate, dist, done, launch, open, ready, reveal } from "./browser.js";
import { IFRAME, host } from "./hosts.js";

/** @typedef {import("playwright-core").Page|import("playwright-core").Frame} Place */

const browser = await launch({ webgpu: false });

/** Keeps what is refused in a page, from its first line on. */
const WATCH = `
  window.refused = [];
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
    window.refused.push([effectiveDirective, blockedURI, sample].join(" ")));`;

/** @param {Place} place @returns {Promise<string[]>} */
const refused = (place) => place.evaluate(() => /** @type {any} */ (window).refused);

test("every page of the build states a policy that allows no inline script, no inline style and no other server", () => {
  const pages = ["", "docs", "share"].flatMap((folder) => {
    try {
      return readdirSync(join(dist(), folder))
        .filter((name) => name.endsWith(".html") && !name.startsWith("ablation-sandbox"))
        .map((name) => join(folder, name));
    } catch {
      // Pages for sharing are only there where the build was told its address.
      return [];
    }
  });
  assert.ok(pages.length > 9, `${pages}`);
  for (const page of pages) {
    const text = readFileSync(join(dist(), page), "utf8");
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(text)?.[1] ?? "";
    assert.match(policy, /^default-src 'none'; .*base-uri 'none'; form-action 'none'/, page);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/, page);
    assert.ok(text.indexOf("Content-Security-Policy") < text.search(/<(?:script|link)/), `${page}: it comes first`);
    if (text.includes("<script")) assert.match(policy, /require-trusted-types-for 'script'; trusted-types /, page);
  }
});

test("the sandbox, a study and a report keep to the policy, and downloads work", async () => {
  const { page, close } = await open(browser, SMALL.transformer, { init: WATCH, kept: true });
  await ready(page);
  await reveal(page, "options", "inputs", "panels", "tour");
  await ablate(page, "blocks.0.attn", "Zero");
  await page.click("#play");
  await done(page);
  await page.locator("embed-menu summary").click();
  await page.locator("lesson-maker summary").click();
  await page.evaluate(() => (location.hash = "view.study=positions-causal&view.tab=study"));
  await page.locator("component-list tbody tr, component-list li").first().waitFor({ timeout: RUN });
  await page.evaluate(() => (location.hash = "view.study=positions-causal&view.tab=report"));
  await page.locator("verdict-table tbody tr").first().waitFor({ timeout: RUN });
  const button = page.locator("report-exports button", { hasText: "CSV" });
  const [file] = await Promise.all([page.waitForEvent("download"), button.click({ timeout: RUN })]);
  assert.match(file.suggestedFilename(), /\.csv$/);
  await page.locator("offline-note", { hasText: "works without a network" }).waitFor({ timeout: RUN });
  assert.deepEqual(await refused(page), []);
  await close();
});

for (const [what, attributes] of /** @type {const} */ ([
  ["a plain frame", IFRAME],
  ["a frame with an origin of its own", 'sandbox="allow-scripts"'],
])) {
  test(`the sandbox in ${what} keeps to the policy`, async () => {
    const body = `<iframe src="EMBED#${SMALL.transformer}" title="s" width="600" height="600" ${attributes}></iframe>`;
    const served = { "access-control-allow-origin": "*" };
    const { frame, say, heard, close } = await host(browser, body, { served, init: WATCH });
    await say("run");
    await heard("result");
    assert.deepEqual(await refused(await frame()), []);
    await close();
  });
}

test("the documentation keeps to the policy", async () => {
  const { page, url, close } = await open(browser, "view.stored=1", { init: WATCH });
  for (const name of readdirSync(join(dist(), "docs"))) {
    await page.goto(`${url}docs/${name}`);
    await page.locator("[data-theme-toggle]").click();
    assert.deepEqual(await refused(page), [], name);
  }
  await close();
});

test("what breaks the policy is refused and noticed", async () => {
  const { page, close } = await open(browser, "view.stored=1", { init: WATCH });
  await page.locator(".sentence-big", { hasText: "Ablating" }).waitFor();
  const said = await page.evaluate(async () => {
    const here = /** @type {any} */ (window);
    /** @type {Record<string, () => unknown>} */
    const attempts = {
      markup: () => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran=1'>"),
      parsed: () => new DOMParser().parseFromString("<svg/>", "image/svg+xml"),
      worker: () => new Worker("data:text/javascript,postMessage(1)"),
      policy: () => here.trustedTypes.createPolicy("another", { createHTML: (/** @type {string} */ text) => text }),
      again: () => here.trustedTypes.createPolicy("ablation-sandbox", {}),
      // In a task of its own: what a debugger runs may evaluate text.
      code: () =>
        new Promise((resolve, reject) =>
          setTimeout(() => {
            try {
              resolve(here.eval("window.ran = 1"));
            } catch (error) {
              reject(error);
            }
          }),
        ),
      elsewhere: () => fetch("https://example.org/"),
    };
    /** @type {Record<string, string>} */
    const outcomes = {};
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        await attempt();
        outcomes[name] = "done";
      } catch {
        outcomes[name] = "refused";
      }
    }
    const style = document.createElement("p");
    style.setAttribute("style", "position: fixed");
    document.body.append(style);
    return { ...outcomes, style: getComputedStyle(style).position, ran: here.ran ?? null };
  });
  const names = ["markup", "parsed", "worker", "policy", "again", "code", "elsewhere"];
  assert.deepEqual(said, { ...Object.fromEntries(names.map((name) => [name, "refused"])), style: "static", ran: null });
  const directives = new Set((await refused(page)).map((text) => text.split(" ")[0]));
  for (const one of ["require-trusted-types-for", "trusted-types", "connect-src", "style-src-attr"])
    assert.ok(directives.has(one), `${one} of ${[...directives]}`);
  await close();
});

test("a script or a style that gets into the file of the page does not run", async () => {
  const html = readFileSync(join(dist(), "index.html"), "utf8").replace(
    "</head>",
    "<script>window.ran = 1</script><style>h1 { color: red }</style></head>",
  );
  const { page, close } = await open(browser, "view.stored=1", {
    init: WATCH,
    override: (path) => (path === "/index.html" ? html : undefined),
  });
  await page.locator(".sentence-big", { hasText: "Ablating" }).waitFor();
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).ran), undefined);
  assert.equal((await refused(page)).length, 2);
  await close();
});

test("a drawing from elsewhere is looked at before it is drawn", async () => {
  const { page, close } = await open(browser, "view.stored=1", { init: WATCH });
  await page.locator(".sentence-big", { hasText: "Ablating" }).waitFor();
  const drawn = await page.evaluate(async () => {
    const path = "./app/svg.js";
    const { parseSvg } = await import(new URL(path, document.baseURI).href);
    const head = '<svg xmlns="http://www.w3.org/2000/svg"';
    return [
      `${head}><rect fill="#123456"/></svg>`,
      `${head} onload="window.ran=1"/>`,
      `${head}><script>window.ran=1</script></svg>`,
      `${head}><a href="javascript:window.ran=1"><text>x</text></a></svg>`,
      `${head}><rect style="fill: url(https://example.org/)"/></svg>`,
      `${head}><set attributeName="onclick" to="window.ran=1"/></svg>`,
      `<!DOCTYPE svg [<!ATTLIST svg onload CDATA "window.ran=1">]>${head}/>`,
      `${head} xmlns:h="http://www.w3.org/1999/xhtml"><h:script>window.ran=1</h:script></svg>`,
      `${head}>${"<g>".repeat(5000)}${"</g>".repeat(5000)}</svg>`,
      `${head}><rect`,
    ].map((text) => parseSvg(text) !== null);
  });
  assert.deepEqual(drawn, [true, ...Array.from({ length: 9 }, () => false)]);
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).ran), undefined);
  await close();
});
