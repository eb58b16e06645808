/**
 * A static server for the tests: right types, nothing cached, at any prefix, and with single files replaced where a
 * test needs a page that is broken in one place.
 */

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/**
 * @typedef {(path: string, real: () => Promise<Buffer>) => Promise<string|Buffer|number|undefined>|string|Buffer|number|undefined} Override
 *   another body, a status, or `undefined` for the file itself
 */

/** A page of the server that is not in the folder, and has no policy: for tests that start workers of their own. */
const BLANK = "/blank.html";

/**
 * @param {string} root
 * @param {{prefix?: string, override?: Override, headers?: Record<string, string>}} [options]  `prefix` begins and
 *   ends with a slash; `headers` go with everything that is found
 */
export async function serve(root, { prefix = "/", override = () => undefined, headers = {} } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const inside = path.startsWith(prefix) ? path.slice(prefix.length - 1) : null;
    const name = inside?.endsWith("/") ? `${inside}index.html` : inside;
    const real = () => readFile(join(root, normalize(name ?? "")));
    try {
      if (name === null || name === undefined) throw new Error("outside of the prefix");
      const other =
        (await override(name, real)) ?? (name === BLANK ? "<!doctype html><title>Nothing</title>" : undefined);
      if (typeof other === "number") {
        response.writeHead(other, { "content-type": "text/plain" }).end(`status ${other}`);
        return;
      }
      const body = other ?? (await real());
      response
        .writeHead(200, {
          ...headers,
          "content-type": TYPES[/** @type {".js"} */ (extname(name))] ?? "application/octet-stream",
          "cache-control": "no-store",
        })
        .end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  // A test that fails does not get to close its server; that must not keep the run from ending.
  server.unref();
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    listening: () => server.listening,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        // Browsers open connections that they never use, which no server sees as idle.
        server.closeAllConnections();
      }),
  };
}
