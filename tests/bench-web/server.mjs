/** A small static server: mounts of URL prefixes on folders, and a few files that exist only in memory. */

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * @param {{mounts: Record<string, string>, memory: Record<string, Uint8Array>, isolated: boolean}} options
 *   isolated: send the headers that allow shared memory between threads
 * @returns {Promise<{address: string, close: () => void}>}
 */
export async function serve({ mounts, memory, isolated }) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const headers = { "cache-control": "no-store", "content-type": TYPES[extname(path)] ?? "application/octet-stream" };
    if (isolated) {
      headers["cross-origin-opener-policy"] = "same-origin";
      headers["cross-origin-embedder-policy"] = "require-corp";
    }
    try {
      const body = memory[path] ?? (await readFile(locate(path, mounts)));
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(404, { ...headers, "content-type": "text/plain" }).end(`no such file: ${path}`);
    }
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function locate(path, mounts) {
  const prefix = Object.keys(mounts).find((candidate) => path.startsWith(candidate));
  if (!prefix) throw new Error(`nothing is mounted at ${path}`);
  const file = normalize(join(mounts[prefix], path.slice(prefix.length)));
  if (!file.startsWith(normalize(mounts[prefix] + sep))) throw new Error(`${path} leaves its folder`);
  return file;
}
