/** As much of IndexedDB as the result store uses, with a disk that can be full for some stores. */

Object.assign(globalThis, {
  IDBKeyRange: { bound: (/** @type {string} */ lower, /** @type {string} */ upper) => ({ lower, upper }) },
});

/** @param {(store: string) => boolean} [full]  whether this store takes nothing more */
export function storage(full = () => false) {
  /** @type {Map<string, Map<string, any>>} */
  const stores = new Map();

  /** @param {() => unknown} work */
  const request = (work) => {
    /** @type {any} */
    const made = { result: undefined };
    queueMicrotask(() => {
      made.result = work();
      made.onupgradeneeded?.();
      made.onsuccess?.();
    });
    return made;
  };

  const transaction = () => {
    /** @type {any} */
    const made = { error: null };
    /** @type {(() => void)[]} */
    const writes = [];
    const keysOf = (/** @type {string} */ name) => [...(stores.get(name)?.keys() ?? [])];
    made.objectStore = (/** @type {string} */ name) => ({
      get: (/** @type {string} */ key) => request(() => stores.get(name)?.get(key)),
      getAllKeys: (/** @type {{lower: string, upper: string}} */ { lower, upper }) =>
        request(() => keysOf(name).filter((key) => lower <= key && key <= upper)),
      getAll: (/** @type {{lower: string, upper: string}} */ { lower, upper }) =>
        request(() =>
          keysOf(name)
            .filter((key) => lower <= key && key <= upper)
            .map((key) => stores.get(name)?.get(key)),
        ),
      put: (/** @type {any} */ value, /** @type {string} */ key) => {
        if (full(name)) made.error = new DOMException("no room", "QuotaExceededError");
        writes.push(() => stores.get(name)?.set(key, value));
      },
      delete: (/** @type {string} */ key) => writes.push(() => stores.get(name)?.delete(key)),
    });
    // All of it or nothing, once the requests that were made in it are answered.
    setTimeout(() => {
      if (made.error) return made.onabort?.();
      for (const write of writes) write();
      made.oncomplete?.();
    });
    return made;
  };

  const database = {
    transaction,
    objectStoreNames: [],
    createObjectStore: (/** @type {string} */ name) => stores.has(name) || stores.set(name, new Map()),
    close: () => undefined,
  };
  const open = () => request(() => database);
  return { stores, factory: () => /** @type {IDBFactory} */ (/** @type {unknown} */ ({ open })) };
}
