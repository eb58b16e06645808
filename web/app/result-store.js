/**
 * Where outcomes are kept when the tab is closed: IndexedDB.
 *
 * They are filed under the id of their trial, which is a hash of everything that decides it. So two tabs cannot harm
 * each other, and a study that asks for what another has run finds it here. Everything is stored with a checksum over
 * its id and its bytes: what was damaged, or stored under another's id, is set aside with a sentence and its trial is
 * run again. Frames may be refused storage, a database may never answer, and disks fill up: then what is found from
 * then on is kept in memory, for as long as the page is open, and what was stored before stays where it is.
 */

import { crc32 } from "./checksum.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Weights} Weights */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {{text: string, name: string}} StudyFile */
/** @typedef {"outcomes"|"weights"|"files"} Kind */
/** @typedef {{kind: Kind, id: string, value: any}} Item */

const NAME = "ablation";
/** Stores of version 1 held no checksums; what they held cannot be told from damage. */
const VERSION = 2;
const OUTCOMES = "outcomes";
const WEIGHTS = "weights";
const FILES = "files";
/**
 * Keys `study id` of the outcomes that were stored for a study, with the time of it, so that they can be discarded
 * whatever is wrong with it.
 */
const OWNED = "owned";
/** What was set aside, with the reason. */
const DAMAGED = "damaged";
const ALL = [OUTCOMES, WEIGHTS, FILES, OWNED, DAMAGED];
/** The file that was opened last; there is one at a time. */
const LAST = "last";
/** Milliseconds until a database that does not answer is given up. */
const PATIENCE = 8_000;

export class ResultStore {
  /** @type {Promise<IDBDatabase|null>|null} */
  #opening = null;
  /** Whether nothing more is written. */
  #refused = false;
  /** What could not be stored. @type {Record<Kind, Map<string, any>>} */
  #memory = { [OUTCOMES]: new Map(), [WEIGHTS]: new Map(), [FILES]: new Map() };

  /**
   * @param {object} given
   * @param {() => IDBFactory|undefined} [given.factory]  reading it can throw already
   * @param {(why: Problem) => void} given.refused  told once, when nothing is stored from now on
   * @param {(why: Problem) => void} given.damaged  told what was set aside
   * @param {number} [given.patience]  milliseconds
   * @param {() => number} [given.clock]  milliseconds since 1970
   */
  constructor({ factory = () => globalThis.indexedDB, refused, damaged, patience = PATIENCE, clock = Date.now }) {
    this.factory = factory;
    this.refused = refused;
    this.damaged = damaged;
    this.patience = patience;
    this.clock = clock;
  }

  /**
   * The outcomes of those trials that are known, as text by id.
   *
   * @param {string[]} ids
   * @returns {Promise<Map<string, string>>}
   */
  outcomes(ids) {
    return this.#get(OUTCOMES, ids);
  }

  /** The weights of those trainings that are known. @param {string[]} ids @returns {Promise<Weights[]>} */
  async weights(ids) {
    return [...(await this.#get(WEIGHTS, ids))].map(([id, bytes]) => ({ id, bytes }));
  }

  /**
   * @param {string} study  hash of the study that they were found for
   * @param {Map<string, string>} outcomes
   * @param {Weights[]} weights
   */
  async put(study, outcomes, weights) {
    const texts = [...outcomes].map(([id, value]) => /** @type {Item} */ ({ kind: OUTCOMES, id, value }));
    const large = weights.map(({ id, bytes }) => /** @type {Item} */ ({ kind: WEIGHTS, id, value: bytes }));
    try {
      await this.#write([...texts, ...large], study);
    } catch {
      // Weights come out the same when they are trained again, and a disk without room for them may have room for what
      // was found.
      this.#remember(large);
      await this.#keep(texts, study);
    }
  }

  /**
   * Keeps the file that was opened last, so that its study is there when the tab is opened again.
   *
   * @param {StudyFile} file
   * @param {string} [as]  of files of another kind, which
   */
  async keepFile(file, as = LAST) {
    await this.#keep([{ kind: FILES, id: as, value: file }]);
  }

  /** @param {string} [as] @returns {Promise<StudyFile|null>} */
  async file(as = LAST) {
    return (await this.#get(FILES, [as])).get(as) ?? null;
  }

  /**
   * Moves what cannot be used out of the way, so that its trials are run again, and says so.
   *
   * @param {Kind} kind
   * @param {string[]} ids
   * @param {string} why
   */
  async setAside(kind, ids, why) {
    const values = new Map(ids.map((id) => [id, this.#memory[kind].get(id)]));
    for (const id of ids) this.#memory[kind].delete(id);
    await this.#change((store) => {
      for (const id of ids) {
        const stored = store(kind).get(id);
        stored.onsuccess = () => {
          store(DAMAGED).put({ kind, why, stored: stored.result ?? values.get(id) }, id);
          store(kind).delete(id);
        };
      }
    });
    this.damaged(damage(kind, ids, why));
  }

  /**
   * Throws away what was found for a study, and the outcomes and weights of these trials.
   *
   * @param {string} study
   * @param {string[]} ids
   */
  async discard(study, ids) {
    for (const kind of /** @type {const} */ ([OUTCOMES, WEIGHTS])) for (const id of ids) this.#memory[kind].delete(id);
    const remove = (/** @type {(name: string) => IDBObjectStore} */ store, /** @type {string} */ id) => {
      for (const name of [OUTCOMES, WEIGHTS, DAMAGED]) store(name).delete(id);
      store(OWNED).delete(`${study} ${id}`);
    };
    await this.#change((store) => {
      for (const id of ids) remove(store, id);
      const owned = store(OWNED).getAllKeys(ownedBy(study));
      owned.onsuccess = () => {
        for (const key of owned.result) remove(store, String(key).slice(study.length + 1));
      };
    });
  }

  /**
   * When something was stored for a study last, in milliseconds since 1970.
   *
   * @param {string} study
   * @returns {Promise<number|null>}
   */
  async lastStored(study) {
    const database = await this.#open();
    if (!database) return null;
    try {
      const owned = database.transaction(OWNED).objectStore(OWNED).getAll(ownedBy(study));
      const times = await this.#within(answered(owned));
      return times.reduce((last, time) => (typeof time === "number" && time > (last ?? 0) ? time : last), null);
    } catch {
      // Only a sentence is missing.
      return null;
    }
  }

  /** @param {Kind} kind @param {string[]} ids @returns {Promise<Map<string, any>>} */
  async #get(kind, ids) {
    /** @type {Map<string, any>} */
    const found = new Map();
    for (const id of ids) {
      const kept = this.#memory[kind].get(id);
      if (kept !== undefined) found.set(id, kept);
    }
    const database = await this.#open();
    const left = ids.filter((id) => !found.has(id));
    if (!database || left.length === 0) return found;
    /** @type {string[]} */
    const damaged = [];
    try {
      const store = database.transaction(kind).objectStore(kind);
      const read = async (/** @type {string} */ id) => {
        const item = await answered(store.get(id));
        if (item === undefined) return;
        if (isWhole(id, item)) found.set(id, item.value);
        else damaged.push(id);
      };
      await this.#within(Promise.all(left.map(read)));
    } catch (error) {
      this.#refuse(error);
    }
    if (damaged.length > 0) await this.setAside(kind, damaged, "its checksum does not match");
    return found;
  }

  /**
   * Stores all of it; if that fails, memory takes its place from now on.
   *
   * @param {Item[]} items
   * @param {string} [study]
   */
  async #keep(items, study) {
    try {
      await this.#write(items, study);
    } catch (error) {
      this.#refuse(error);
      this.#remember(items);
    }
  }

  /** Stores all of it, or remembers it where nothing is stored. @param {Item[]} items @param {string} [study] */
  async #write(items, study) {
    if (items.length === 0) return;
    const database = await this.#open();
    if (!database || this.#refused) return this.#remember(items);
    const put = (/** @type {(name: string) => IDBObjectStore} */ store) => {
      for (const { kind, id, value } of items) {
        store(kind).put({ value, check: checksum(id, value) }, id);
        if (study !== undefined) store(OWNED).put(this.clock(), `${study} ${id}`);
      }
    };
    await this.#within(transacted(database, put));
  }

  /**
   * Changes what is stored; if that fails, nothing more is written.
   *
   * @param {(store: (name: string) => IDBObjectStore) => void} work
   */
  async #change(work) {
    const database = await this.#open();
    if (!database) return;
    try {
      await this.#within(transacted(database, work));
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** @param {Item[]} items */
  #remember(items) {
    for (const { kind, id, value } of items) this.#memory[kind].set(id, value);
  }

  /** @returns {Promise<IDBDatabase|null>} */
  #open() {
    this.#opening ??= this.#within(this.#openDatabase()).catch((error) => {
      this.#refuse(error);
      return null;
    });
    return this.#opening;
  }

  async #openDatabase() {
    const factory = this.factory();
    if (!factory) throw new Error("this browser offers none here");
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name);
      for (const name of ALL) result.createObjectStore(name);
    };
    const database = await answered(request);
    // Another tab with a newer page may want to change what is stored; it does not have to wait for this one.
    database.onversionchange = () => database.close();
    return database;
  }

  /** What is waited for, as long as a database may take. @template T @param {Promise<T>} work @returns {Promise<T>} */
  async #within(work) {
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      const why = new Error(`its database did not answer within ${Math.round(this.patience / 1000)} s`);
      timer = setTimeout(() => reject(why), this.patience);
    });
    try {
      return await /** @type {Promise<T>} */ (Promise.race([work, late]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** From now on nothing more is written. @param {unknown} error */
  #refuse(error) {
    if (this.#refused) return;
    this.#refused = true;
    const full = error instanceof Error && error.name === "QuotaExceededError";
    const message = full
      ? "This browser's storage is full: results that are found from now on cannot be saved."
      : `Results cannot be stored in this browser (${toProblem(error).message}).`;
    const hint =
      "The study runs all the same. Its results are lost when the tab is closed: download the record before.";
    this.refused(problem("blocked-storage", message, hint));
  }
}

/** @param {Kind} kind @param {string[]} ids @param {string} why @returns {Problem} */
function damage(kind, ids, why) {
  const one = ids.length === 1;
  const noun =
    kind === FILES ? "The study file that was opened last" : kind === WEIGHTS ? "Stored weights" : "Stored outcomes";
  const which = kind === FILES ? "" : ` of ${one ? `trial ${ids[0]?.slice(0, 12)}` : `${ids.length} trials`}`;
  const hint =
    kind === FILES ? "Open the file again." : `${one ? "It is" : "They are"} run again and will give the same results.`;
  return problem(
    "damaged-storage",
    `${noun}${which} cannot be used (${why}) and ${kind === FILES ? "was" : "were"} set aside.`,
    hint,
  );
}

/** The keys of what was stored for a study. @param {string} study */
function ownedBy(study) {
  return IDBKeyRange.bound(`${study} `, `${study} \uffff`);
}

/** @param {string} id @param {any} item */
function isWhole(id, item) {
  return item !== null && typeof item === "object" && item.check === checksum(id, item.value);
}

/**
 * Over the id as well, so that a value that is stored under another's id does not match.
 *
 * @param {string} id
 * @param {unknown} value
 */
function checksum(id, value) {
  const text = new TextEncoder();
  if (value instanceof Uint8Array) return crc32(text.encode(id), value);
  return crc32(text.encode(id), text.encode(typeof value === "string" ? value : JSON.stringify(value)));
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("it did not answer"));
  });
}

/**
 * Writes all of it or nothing.
 *
 * @param {IDBDatabase} database
 * @param {(store: (name: string) => IDBObjectStore) => void} work
 * @returns {Promise<unknown>}
 */
function transacted(database, work) {
  const transaction = database.transaction(ALL, "readwrite");
  work((name) => transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    const failed = (/** @type {Event} */ event) => {
      // Of a request that fails the transaction does not know yet.
      const { error } = /** @type {Partial<IDBRequest>} */ (event?.target ?? {});
      reject(error ?? transaction.error ?? new Error("it was aborted"));
    };
    transaction.onabort = transaction.onerror = failed;
  });
}
