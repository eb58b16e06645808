/**
 * `<ablation-sandbox>`: the sandbox in a frame of any page, from one script without dependencies. It makes the frame,
 * follows its height, and speaks its messages as events and methods. What stands inside of it is shown until the frame
 * says that it is ready, and stays where frames are forbidden.
 *
 * The frame comes from where this file lies, or from `src`: browsers start no worker of another origin, so that the
 * sandbox cannot run in the page itself.
 */

const PREFIX = "ablation-sandbox:";
/** Attributes that become keys of the link. */
const KEYS = ["hide", "lock", "theme", "autorun", "stored", "predict"];
const NAMES = ["src", "preset", "state", "height", "loading", "title", ...KEYS];
const TITLE = "Ablation sandbox";
/** Pixels, until the frame says its own. */
const HEIGHT = 640;
/** Messages that become events. */
const NEWS = ["ready", "result", "error", "state", "progress"];

/** A message of ours; some hosts pass them on as text. @param {any} data */
function read(data) {
  try {
    if (typeof data === "string") data = JSON.parse(data);
  } catch {
    return null;
  }
  const ours = data !== null && typeof data === "object" && data.v === 1 && typeof data.type === "string";
  return ours && data.type.startsWith(PREFIX) ? { name: data.type.slice(PREFIX.length), data } : null;
}

class AblationSandbox extends HTMLElement {
  static observedAttributes = NAMES;

  /** @type {HTMLIFrameElement|null} */
  #frame = null;
  /** @type {ChildNode[]} */
  #inside = [];
  /** @type {unknown} */
  #record = null;
  /** @type {((record: unknown) => void)[]} */
  #waiting = [];
  #ready = false;
  /** What was asked for before the frame listened. @type {[string, object][]} */
  #early = [];
  #seen = new IntersectionObserver((entries) => {
    const visible = entries.at(-1)?.isIntersecting === true;
    this.#send("visible", { visible });
    this.dispatchEvent(new Event(visible ? "onscreen" : "offscreen"));
  });
  #listen = (/** @type {MessageEvent} */ event) => this.#receive(event);

  /** What the frame computes on, once it has said so. @type {unknown} */
  device = null;

  connectedCallback() {
    if (this.#frame) return;
    if (!this.textContent.trim() && !this.firstElementChild) {
      const link = document.createElement("a");
      link.href = String(new URL(`./#${this.#link()}`, this.#base()));
      link.textContent = this.title || TITLE;
      this.append(link);
    }
    this.#inside = [...this.childNodes];
    const frame = document.createElement("iframe");
    frame.title = this.title || TITLE;
    frame.loading = this.getAttribute("loading") === "eager" ? "eager" : "lazy";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-downloads allow-popups");
    frame.allow = "fullscreen; clipboard-write; screen-wake-lock";
    // Set by script and not by an attribute, which a policy of the host may forbid.
    Object.assign(this.style, { display: "block", position: "relative" });
    Object.assign(frame.style, { border: 0, width: "100%", position: "absolute", visibility: "hidden" });
    frame.src = this.#address();
    this.#frame = frame;
    this.#size(this.getAttribute("height") ?? HEIGHT);
    addEventListener("message", this.#listen);
    this.prepend(frame);
    this.#seen.observe(this);
  }

  disconnectedCallback() {
    removeEventListener("message", this.#listen);
    this.#seen.disconnect();
    this.#frame?.remove();
    this.#frame = null;
    this.#ready = false;
    this.replaceChildren(...this.#inside);
  }

  /** @param {string} name @param {string} before @param {string} now */
  attributeChangedCallback(name, before, now) {
    if (!this.#frame || before === now) return;
    if (name === "height") this.#size(now ?? HEIGHT);
    else if (name === "title") this.#frame.title = now || TITLE;
    else if (name === "src") {
      const address = this.#address();
      // The same page under another spelling is not loaded again.
      if (address.split("#")[0] === this.#frame.src.split("#")[0]) return;
      // Another page, which listens once it says so, and which has to be told whether it is seen.
      this.#ready = false;
      this.#record = null;
      this.#frame.src = address;
      this.#seen.unobserve(this);
      this.#seen.observe(this);
    } else if (name !== "loading") this.load(this.#link());
  }

  /** Shows another link, or a record. @param {string|object} what */
  load(what) {
    this.#send("load", typeof what === "string" ? { hash: what.replace(/^#/, "") } : { record: what });
  }

  run() {
    this.#send("run");
  }

  pause() {
    this.#send("pause");
  }

  resume() {
    this.#send("resume");
  }

  stop() {
    this.#send("stop");
  }

  /** The record of the last run, or of the one that ends next. */
  getRecord() {
    return this.#record ? Promise.resolve(this.#record) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #base() {
    const src = this.getAttribute("src");
    return new URL(src ? src.replace(/[^/]*\.html.*$|#.*$/, "") : ".", src ? document.baseURI : import.meta.url);
  }

  #address() {
    return String(new URL(`embed.html#${this.#link()}`, this.#base()));
  }

  #link() {
    const preset = encodeURIComponent(this.getAttribute("preset") ?? "repeat");
    const link = (this.getAttribute("state") ?? `v=1&p=${preset}`).replace(/^#/, "");
    const keys = KEYS.filter((name) => this.hasAttribute(name));
    return [link, ...keys.map((name) => `view.${name}=${encodeURIComponent(this.getAttribute(name) || "1")}`)].join(
      "&",
    );
  }

  /** @param {string|number} height */
  #size(height) {
    const pixels = Math.round(Number(height));
    if (this.#frame && Number.isFinite(pixels))
      this.#frame.style.height = `${Math.min(20000, Math.max(120, pixels))}px`;
  }

  /** @param {string} name */
  #send(name, fields = {}) {
    if (!this.#ready) this.#early.push([name, fields]);
    else this.#frame?.contentWindow?.postMessage({ ...fields, type: PREFIX + name, v: 1 }, this.#base().origin);
  }

  /** @param {MessageEvent} event */
  #receive({ source, origin, data }) {
    // A frame without an origin of its own says "null", and this one has allow-same-origin.
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#base().origin) return;
    const message = read(data);
    if (!message) return;
    const { name } = message;
    if (name === "height") this.#size(typeof message.data.height === "number" ? message.data.height : NaN);
    if (name === "result") {
      this.#record = message.data.record;
      for (const give of this.#waiting.splice(0)) give(this.#record);
    }
    if (name === "ready") {
      this.device = message.data.device;
      this.#ready = true;
      for (const node of this.#inside) node.remove();
      Object.assign(this.#frame.style, { position: "static", visibility: "visible", display: "block" });
      for (const early of this.#early.splice(0)) this.#send(...early);
    }
    if (NEWS.includes(name)) this.dispatchEvent(new CustomEvent(`sandbox-${name}`, { detail: message.data }));
  }
}

for (const name of NAMES.filter((name) => name !== "title"))
  Object.defineProperty(AblationSandbox.prototype, name, {
    get() {
      return this.getAttribute(name);
    },
    set(value) {
      if (value === null || value === false) this.removeAttribute(name);
      else this.setAttribute(name, value === true ? "" : value);
    },
  });

if (!customElements.get("ablation-sandbox")) customElements.define("ablation-sandbox", AblationSandbox);
