/** @typedef {import("../../../web/app/protocol.js").Request} Request */

/** What every stand-in for a worker shares: it remembers what it was asked, and says nothing once it was ended. */
export class Listener {
  /** @type {((event: any) => void)|null} */
  onmessage = null;
  /** @type {((event: any) => void)|null} */
  onerror = null;
  onmessageerror = null;
  ended = false;
  /** @type {Request[]} */
  heard = [];

  /** @param {any} data */
  say(data) {
    if (!this.ended) this.onmessage?.({ data });
  }

  terminate() {
    this.ended = true;
  }

  /** @param {string} call */
  asked(call) {
    return this.heard.filter((request) => request.call === call).map(({ args }) => args);
  }
}
