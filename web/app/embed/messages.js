/**
 * The messages between an embedded page and its host, in and out. A host is any page that has this one in a frame, so
 * what it sends is checked before anything looks at it, and no message can do more than a reader could do by hand: open
 * a link, start, pause, stop. Nothing of a message is ever taken for markup.
 *
 * Every message is one object with `type`, which begins with `ablation-sandbox:`, and `v: 1`.
 */

export const PREFIX = "ablation-sandbox:";
export const VERSION = 1;

/** Longest link and longest record that a message may hold, in characters. */
const LONGEST_LINK = 65_536;
const LONGEST_RECORD = 16_000_000;

/** Milliseconds between two turns of what arrives, and between two messages of progress. */
const TURN = 50;
const PROGRESS_EVERY = 250;

/**
 * @typedef {{type: "load", hash: string} | {type: "load", record: string} | {type: "run"} | {type: "pause"}
 *   | {type: "resume"} | {type: "stop"} | {type: "visible", visible: boolean}} Command
 */
/** @typedef {{code: string, message: string}} Refusal */

/**
 * What a message asks for; `null` if it is none of ours, and a refusal if it is and cannot be followed.
 *
 * @param {unknown} data
 * @returns {{command: Command, refused: null} | {command: null, refused: Refusal} | null}
 */
export function read(data) {
  const message = own(data);
  const type = message?.type;
  if (!message || typeof type !== "string" || !type.startsWith(PREFIX)) return null;
  if (message.v !== VERSION)
    return refuse(`Messages to the sandbox have v: ${VERSION}, this one has v: ${short(message.v)}.`);
  const name = type.slice(PREFIX.length);
  switch (name) {
    case "run":
    case "pause":
    case "resume":
    case "stop":
      return accept({ type: name });
    case "visible":
      return typeof message.visible === "boolean"
        ? accept({ type: name, visible: message.visible })
        : refuse("The message visible takes visible: true or false.");
    case "load":
      return load(message);
    default:
      return refuse(`The sandbox has no message ${short(name)}; it takes load, run, pause, resume, stop and visible.`);
  }
}

/** @param {Record<string, unknown>} message */
function load({ hash, record }) {
  if (typeof hash === "string" && hash.length <= LONGEST_LINK) return accept({ type: "load", hash });
  if (record !== undefined && hash === undefined) {
    const text = typeof record === "string" ? record : asText(record);
    if (text !== null && text.length <= LONGEST_RECORD) return accept({ type: "load", record: text });
  }
  return refuse(`The message load takes hash, a link of at most ${LONGEST_LINK} characters, or record.`);
}

/** @param {unknown} value */
function asText(value) {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    // It refers to itself, or holds what JSON has no words for.
    return null;
  }
}

/** @param {Command} command @returns {{command: Command, refused: null}} */
function accept(command) {
  return { command, refused: null };
}

/** @param {string} message @returns {{command: null, refused: Refusal}} */
function refuse(message) {
  return { command: null, refused: { code: "bad-config", message } };
}

/** @param {unknown} value */
function short(value) {
  const text = String(asText(value));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/**
 * The own properties of an object, without what it inherits: `__proto__` in a message is a name like any other. JSON
 * text is read as well, because some hosts send nothing else.
 *
 * @param {unknown} data
 * @returns {Record<string, unknown>|null}
 */
export function own(data) {
  if (typeof data === "string") {
    if (data.length > LONGEST_RECORD || !data.startsWith("{")) return null;
    try {
      data = JSON.parse(data);
    } catch {
      return null;
    }
  }
  if (data === null || typeof data !== "object" || Array.isArray(data)) return null;
  return Object.assign(Object.create(null), data);
}

/**
 * Commands in turns: the first at once, then, of those that arrived meanwhile, the last of each kind, in the order in
 * which they were last asked for. Ten thousand messages a second are as much work as twenty.
 *
 * @param {(command: Command) => void} follow
 * @param {(work: () => void, milliseconds: number) => unknown} [later]
 */
export function inTurns(follow, later = setTimeout) {
  /** @type {Map<string, Command>} */
  const waiting = new Map();
  let resting = false;
  const turn = () => {
    const commands = [...waiting.values()];
    waiting.clear();
    resting = commands.length > 0;
    if (resting) later(turn, TURN);
    for (const command of commands) follow(command);
  };
  return (/** @type {Command} */ command) => {
    waiting.delete(command.type);
    waiting.set(command.type, command);
    if (!resting) turn();
  };
}

/** Our problems in the words of the protocol. @type {Record<string, string>} */
const CODES = {
  "no-adapter": "no-gpu",
  "fallback-adapter": "no-gpu",
  "no-timestamp-query": "no-gpu",
  "device-lost": "device-lost",
  "blocked-worker": "blocked-worker",
  "blocked-storage": "blocked-storage",
  "bad-study": "bad-config",
  refused: "bad-config",
};

/** @param {import("../protocol.js").Problem} problem @returns {Refusal} */
export function asError({ code, message, hint }) {
  const memory = /out of memory|memory access|allocation/i.test(message);
  const known = Object.hasOwn(CODES, code) ? /** @type {string} */ (CODES[code]) : "failed";
  return { code: known === "failed" && memory ? "oom" : known, message: [message, hint].filter(Boolean).join(" ") };
}

/**
 * The host of this page, if it is in a frame: what it asks for, and what it is told.
 */
export class Host {
  #last = new Map();

  /**
   * @param {Window} view
   * @param {object} given
   * @param {(command: Command) => void} given.follow
   */
  constructor(view, { follow }) {
    this.view = view;
    this.framed = view.parent !== view;
    const turn = inTurns(follow);
    if (!this.framed) return;
    view.addEventListener("message", (event) => {
      // Another frame, an opener or a window that this page opened is not the host.
      if (event.source !== view.parent) return;
      const found = read(event.data);
      if (found?.command) turn(found.command);
      else if (found?.refused) this.tellOnce("error", found.refused);
    });
  }

  /**
   * Sends a message to the host page. Its origin is not checked: a message holds only what the host already shows.
   *
   * @param {string} name
   * @param {object} fields
   */
  tell(name, fields) {
    if (this.framed) this.view.parent.postMessage({ ...fields, type: PREFIX + name, v: VERSION }, "*");
  }

  /** Tells the host something unless that is what it was told last. @param {string} name @param {object} fields */
  tellOnce(name, fields) {
    const text = JSON.stringify(fields);
    if (this.#last.get(name) === text) return;
    this.#last.set(name, text);
    this.tell(name, fields);
  }
}

/**
 * What the host is told of the store.
 *
 * @param {import("../store.js").Store} store
 * @param {Host} host
 * @param {object} given
 * @param {() => string} given.hash  the fragment of the address
 * @param {() => Promise<string|null>} given.record  the record of the study that is shown
 */
export function tellHost(store, host, { hash, record }) {
  let progressAt = -Infinity;
  /** The run, or the report, whose result was told. @type {unknown} */
  let told = null;
  const tellState = () => host.tellOnce("state", { hash: hash(), study_id: studyId(store.state) });
  store.follow((event, state, before) => {
    const { run, engine, notice } = state;
    if (event.type === "progress" && Date.now() - progressAt >= PROGRESS_EVERY) {
      progressAt = Date.now();
      host.tell("progress", { ...progressOf(event.progress, state), steps_per_s: run.rate });
    }
    if (run.status === "done" && state.view && told !== state.view && state.description) {
      told = state.view;
      const { description, view } = state;
      host.tell("result", { record: { schema: "ablation-sandbox/v1", study_id: studyId(state), description, view } });
    }
    if (event.type === "studyStopped" && !event.problem) {
      void record().then((text) => text && host.tell("result", { record: JSON.parse(text) }));
    }
    if (engine.problem && engine !== before.engine) host.tellOnce("error", asError(engine.problem));
    if (notice && notice !== before.notice && (notice.tone === "error" || notice.problem.code === "blocked-storage"))
      host.tell("error", asError(notice.problem));
    if (event.type === "probed" && event.problem && state.page.force === "gpu")
      host.tell("error", asError(event.problem));
    if (event.type === "asked")
      for (const { path, given, reason } of event.corrections)
        host.tell("error", { code: "bad-config", message: `${path}=${given}: ${reason}` });
    if (event.type === "described")
      for (const { path, given, used, reason } of event.description.corrections)
        host.tell("error", { code: "bad-config", message: `${path}=${given} → ${used}: ${reason}` });
    if (state.page !== before.page || state.link !== before.link || state.study.sheet !== before.study.sheet)
      queueMicrotask(tellState);
  });
  store.listen((state) => {
    const shown = state.stored || state.description || state.study.reported || state.storedMissing;
    if (!shown) return;
    host.tellOnce("ready", { schema: "ablation-sandbox/v1", version: state.engine.version, device: deviceOf(state) });
  });
}

/**
 * How far the arm that is trained is; when all are done, the last one.
 *
 * @param {import("../generated/protocol.js").BenchProgress} progress
 * @param {import("../store.js").State} state
 */
function progressOf({ phase, steps: all }, { description }) {
  const due = Object.entries(all).filter(([, [, of]]) => of > 0);
  const [arm, [step, steps]] = due.find(([name]) => name === phase) ?? due.at(-1) ?? [phase, [0, 0]];
  return { arm, seed: Number(description?.settings.seed ?? 0), step, steps };
}

/**
 * What says which study is shown: the hash of a study; of the sandbox its canonical link, which holds no `view.*`.
 *
 * @param {import("../store.js").State} state
 */
function studyId({ page, link, description, study }) {
  return page.tab === "sandbox" ? (description?.link ?? link) : (study.sheet?.study?.hash ?? null);
}

/** @param {import("../store.js").State} state */
function deviceOf({ engine, device, place }) {
  if (engine.status !== "ready") return { kind: "stored", adapter: null, fallback: false, threads: 0 };
  if (device.chosen === "cpu")
    return { kind: "wasm-simd", adapter: null, fallback: false, threads: place === "page" ? 0 : 1 };
  return { kind: "webgpu", adapter: device.adapter, fallback: false, threads: 1 };
}
