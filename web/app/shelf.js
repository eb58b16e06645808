/**
 * Where outcomes are kept when the tab is closed.
 *
 * They are filed under the id of their trial, which is a hash of everything that decides it. So two tabs cannot harm
 * each other, and a
 * study that asks for what another has run finds it here. Frames may be refused storage, and disks fill up: then what
 * is found from then on
 * is kept in memory, for as long as the page is open, and what was stored before stays where it is.
 */

import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./protocol.js").Weights} Weights */
/** @typedef {import("./protocol.js").Problem} Problem */
/** @typedef {{text: string, name: string}} StudyFile */
/** @typedef {{name: string, id: string, value: any}} Item  of the store of that name */

const NAME = "ablation";
const OUTCOMES = "outcomes";
const WEIGHTS = "weights";
const FILES = "files";
const ALL = [OUTCOMES, WEIGHTS, FILES];
/** The file that was opened last; there is one at a time. */
const LAST = "last";

export class Shelf {
  /** @type {Promise<IDBDatabase|null>|null} */
  #opening = null;
  /** Whether nothing more is written. */
  #full = false;
  /** What could not be stored. @type {Record<string, Map<string, any>>} */
  #memory = Object.fromEntries(ALL.map((name) => [name, new Map()]));

  /**
   * @param {object} given
   * @param {() => IDBFactory|undefined} [given.factory]  reading it can throw already
   * @param {(why: Problem) => void} given.refused  told once, when nothing is stored from now on
   */
  constructor({ factory = () => globalThis.indexedDB, refused }) {
    this.factory = factory;
    this.refused = refused;
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

  /** @param {Map<string, string>} outcomes @param {Weights[]} weights */
  async put(outcomes, weights) {
    const texts = [...outcomes].map(([id, text]) => ({ name: OUTCOMES, id, value: text }));
    const large = weights.map(({ id, bytes }) => ({ name: WEIGHTS, id, value: bytes }));
    try {
      await this.#write([...texts, ...large]);
    } catch {
      // Weights come out the same when they are trained again, and a disk without room for them may have room for what
      // was found.
      this.#remember(large);
      await this.#keep(texts);
    }
  }

  /**
   * Keeps the file that was opened last, so that its study is there when the tab is opened again.
   *
   * @param {StudyFile} file
   */
  async keepFile(file) {
    await this.#keep([{ name: FILES, id: LAST, value: file }]);
  }

  /** @returns {Promise<StudyFile|null>} */
  async file() {
    return (await this.#get(FILES, [LAST])).get(LAST) ?? null;
  }

  /** @param {string[]} ids */
  async remove(ids) {
    for (const name of [OUTCOMES, WEIGHTS]) for (const id of ids) this.#memory[name]?.delete(id);
    const database = await this.#open();
    if (!database) return;
    try {
      await transacted(database, (store) => {
        for (const id of ids) for (const name of [OUTCOMES, WEIGHTS]) store(name).delete(id);
      });
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** @param {string} name @param {string[]} ids @returns {Promise<Map<string, any>>} */
  async #get(name, ids) {
    /** @type {Map<string, any>} */
    const found = new Map();
    for (const id of ids) {
      const kept = this.#memory[name]?.get(id);
      if (kept !== undefined) found.set(id, kept);
    }
    const database = await this.#open();
    const left = ids.filter((id) => !found.has(id));
    if (!database || left.length === 0) return found;
    try {
      const transaction = database.transaction(name);
      const store = transaction.objectStore(name);
      await Promise.all(
        left.map(async (id) => {
          const value = await answered(store.get(id));
          if (value !== undefined) found.set(id, value);
        }),
      );
    } catch (error) {
      this.#refuse(error);
    }
    return found;
  }

  /** Stores all of it; if that fails, memory takes its place from now on. @param {Item[]} items */
  async #keep(items) {
    try {
      await this.#write(items);
    } catch (error) {
      this.#refuse(error);
      this.#remember(items);
    }
  }

  /** Stores all of it, or remembers it where nothing is stored. @param {Item[]} items */
  async #write(items) {
    if (items.length === 0) return;
    const database = await this.#open();
    if (!database || this.#full) return this.#remember(items);
    await transacted(database, (store) => items.forEach(({ name, id, value }) => store(name).put(value, id)));
  }

  /** @param {Item[]} items */
  #remember(items) {
    for (const { name, id, value } of items) this.#memory[name]?.set(id, value);
  }

  /** @returns {Promise<IDBDatabase|null>} */
  #open() {
    this.#opening ??= this.#opened().catch((error) => {
      this.#refuse(error);
      return null;
    });
    return this.#opening;
  }

  async #opened() {
    const factory = this.factory();
    if (!factory) throw new Error("this browser offers none here");
    const request = factory.open(NAME, 1);
    request.onupgradeneeded = () => ALL.forEach((name) => request.result.createObjectStore(name));
    const database = await answered(request);
    // Another tab with a newer page may want to change what is stored; it does not have to wait for this one.
    database.onversionchange = () => database.close();
    return database;
  }

  /** From now on nothing more is written. @param {unknown} error */
  #refuse(error) {
    if (this.#full) return;
    this.#full = true;
    this.refused(
      problem(
        "blocked-storage",
        `Nothing can be stored in this browser here (${toProblem(error).message}).`,
        "The study runs all the same, and what it finds is lost when the tab is closed: download the record before.",
      ),
    );
  }
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
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("it was aborted"));
  });
}
