/** Cache storage in memory, in which every operation takes a while. They are carried out in their order, as browsers do. */

/** @typedef {Map<string, Response>} Entries */

/**
 * Caches that several service workers share.
 *
 * @param {() => Promise<void>} wait  what each operation waits for before it is carried out
 */
export function cacheStorage(wait) {
  /** @type {Map<string, Entries>} */
  const all = new Map();
  /** The operation before. */
  let last = Promise.resolve();
  const turn = () => (last = last.then(wait));

  /** @param {Entries} entries */
  const cache = (entries) => ({
    async match(/** @type {string} */ address) {
      await turn();
      return entries.get(address)?.clone();
    },
    async put(/** @type {string} */ address, /** @type {Response} */ response) {
      await turn();
      entries.set(address, response);
    },
  });

  return {
    async open(/** @type {string} */ name) {
      await turn();
      const entries = all.get(name) ?? new Map();
      all.set(name, entries);
      // A cache that is deleted lives on for those who opened it before.
      return cache(entries);
    },
    async match(/** @type {string} */ address, /** @type {{cacheName: string}} */ { cacheName }) {
      await turn();
      return all.get(cacheName)?.get(address)?.clone();
    },
    async keys() {
      await turn();
      return [...all.keys()];
    },
    async delete(/** @type {string} */ name) {
      await turn();
      return all.delete(name);
    },
  };
}
