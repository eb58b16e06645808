/**
 * The effects of ablations in a trained model, and what each head costs: computed in a worker of their own, from the
 * checkpoint of the model that is open, so that the sandbox goes on meanwhile.
 */

import { recipe } from "./link.js";
import { CLOSED } from "./worker-channel.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./generated/protocol.js").Figure} Figure */
/**
 * What was found about a model, and how far what is still computed is.
 *
 * @typedef {object} Effects
 * @property {string} model  the model, as `recipe` names it
 * @property {string} operator
 * @property {"measuring"|"training"|"done"} status
 * @property {number} share  of the training without each head that is done
 * @property {Figure|null} bars  direct and total effects
 * @property {Figure|null} heads  what each head costs; none of a model without heads
 * @property {boolean} retrained  whether models were trained without each head
 * @property {import("./protocol.js").Problem|null} problem
 */

/** Events after which what is computed is about another model. */
const ENDS = new Set(["asked", "goto", "device", "stop", "restart", "effects", "stopEffects"]);

/** The effects of the model that is described, if they are about it. @param {import("./store.js").State} state */
export function shownEffects({ description, effects }) {
  return description !== null && effects?.model === recipe(description) ? effects : null;
}

/** Whether the reference of the model that is open is trained to its end. @param {import("./store.js").State} state */
export function isTrained({ run: { progress }, live }) {
  const [steps, of] = progress?.steps.reference ?? [0, 0];
  return live && of > 0 && steps >= of;
}

/**
 * Nothing found yet.
 *
 * @param {string} model
 * @param {{operator: string}} asked
 * @returns {Effects}
 */
export function beganEffects(model, { operator }) {
  return { model, operator, status: "measuring", share: 0, bars: null, heads: null, retrained: false, problem: null };
}

/**
 * Follows the store: computes what is asked for, and says what comes of it.
 *
 * @param {import("./store.js").Store} store
 * @param {import("./sandbox-workers.js").SandboxWorkers} workers
 */
export function followEffects(store, workers) {
  let life = new AbortController();
  store.follow((event, state) => {
    const isOfAnother = event.type === "described" && state.effects !== null && !shownEffects(state);
    if (ENDS.has(event.type) || isOfAnother) {
      life.abort(CLOSED);
      // Nothing computes any more: what is known stays.
      if (event.type !== "effects" && state.effects && state.effects.status !== "done")
        store.send({ type: "effectsFound", found: { status: "done" } });
    }
    if (event.type !== "effects") return;
    life = new AbortController();
    void compute(event, life.signal);
  });

  /** @param {{operator: string, retrain: boolean}} asked @param {AbortSignal} signal */
  async function compute({ operator, retrain }, signal) {
    /** @param {Partial<Effects>} found */
    const tell = (found) => {
      if (!signal.aborted) store.send({ type: "effectsFound", found });
    };
    const onFound = (/** @type {Pick<Effects, "bars"|"heads">} */ found) =>
      tell({ ...found, status: retrain ? "training" : "done" });
    try {
      if (store.state.place === "page")
        throw problem(
          "blocked-worker",
          "Effects are computed in a worker, and here the engine runs in the page itself.",
          "Open the page in a tab of its own.",
        );
      const text = store.state.description?.data_set.file;
      const heads = await workers.effects({
        operator,
        retrain,
        text,
        signal,
        onFound,
        onShare: (share) => tell({ share }),
      });
      if (retrain) tell({ heads, retrained: heads !== null, status: "done" });
    } catch (error) {
      tell({ status: "done", problem: toProblem(error) });
    }
  }
}
