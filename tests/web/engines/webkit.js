/**
 * WebKit, as the window of WebKitGTK that comes with its driver: it stands on a screen that nobody sees, because it has
 * no mode without one.
 */

import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { start } from "./driver.js";
import { WebDriver } from "./webdriver.js";

/** Milliseconds until a program that does not answer is given up. */
const PATIENCE = 20_000;

/** @returns {Promise<import("./driver.js").Driver>} */
export async function launch() {
  // The window takes its download folder from the settings of the person who opened it.
  const home = await mkdtemp(join(tmpdir(), "ablation-webkit-"));
  const downloads = join(home, "downloads");
  await mkdir(downloads);
  await writeFile(join(home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  const screen = await display();
  const port = await freePort();
  // Processes of root, and of containers without user namespaces, get no sandbox. The pages are our own.
  const env = {
    ...process.env,
    DISPLAY: screen.name,
    WAYLAND_DISPLAY: "",
    GDK_BACKEND: "x11",
    LIBGL_ALWAYS_SOFTWARE: "1",
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    ...(process.getuid?.() === 0 || process.env.CI ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } : {}),
  };
  const program = start("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
  const server = `http://127.0.0.1:${port}`;
  await answering(server);
  const driver = await WebDriver.open(server, {
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { args: ["--automation"] },
  });
  return {
    downloads,
    tab: () => driver.tab(),
    async close() {
      await driver.close();
      program.kill();
      screen.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A screen in memory. It chooses its own number, which it writes on its third file. */
async function display() {
  const arguments_ = ["-displayfd", "3", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"];
  const program = start("Xvfb", arguments_, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const missing = once(program, "error").then(([error]) => Promise.reject(error));
  const number = once(/** @type {import("node:stream").Readable} */ (program.stdio[3]), "data");
  const [text] = await Promise.race([number, missing]);
  return { name: `:${String(text).trim()}`, close: () => program.kill() };
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** @param {string} server */
async function answering(server) {
  for (const end = performance.now() + PATIENCE; ; await pass(50)) {
    const answer = await fetch(`${server}/status`).catch(() => null);
    if (answer?.ok) return;
    if (performance.now() > end) throw new Error("WebKitWebDriver does not answer");
  }
}
