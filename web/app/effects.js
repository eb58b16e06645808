/**
 * The effects of ablations in a trained model, and what each head costs: computed in a worker of their own, from the
 * checkpoint of the model that is open, so that the sandbox goes on meanwhile.
 */

import { recipe } from "./link.js";
import { CLOSED } from "./worker-channel.js";
import { problem, toProblem } from "./protocol.js";

/** @typedef {import("./generated/protocol.js").Figure} Figure */
/** @typedef {import("./generated/protocol.js").Together} Together */
/** What is asked of a model. @typedef {Extract<import("./store.js").Event, {type: "effects"|"together"}>} Asked */
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
 * @property {number} sets  of components that are ablated, if that is what was asked
 * @property {Together|null} together  what was found of components that were ablated together
 * @property {import("./protocol.js").Problem|null} problem
 */

/** Events after which what is computed is about another model. */
const ENDS = new Set(["asked", "goto", "device", "stop", "restart", "effects", "together", "stopEffects"]);

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
 * Nothing found yet of what is asked; what else is known of the model stays.
 *
 * @param {string} model
 * @param {Asked} asked
 * @param {Effects|null} known
 * @returns {Effects}
 */
export function beganEffects(model, asked, known) {
  const { operator } = asked;
  const began = { model, operator, status: /** @type {const} */ ("measuring"), share: 0, problem: null };
  if (asked.type === "effects")
    return { ...began, bars: null, heads: null, retrained: false, sets: 0, together: known?.together ?? null };
  const { bars = null, heads = null, retrained = false } = known ?? {};
  return { ...began, bars, heads, retrained, sets: 2 ** asked.components.length, together: null };
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
      if (!isAsked(event) && state.effects && state.effects.status !== "done")
        store.send({ type: "effectsFound", found: { status: "done" } });
    }
    if (!isAsked(event)) return;
    life = new AbortController();
    void compute(event, life.signal);
  });

  /** @param {Asked} asked @param {AbortSignal} signal */
  async function compute(asked, signal) {
    /** @param {Partial<Effects>} found */
    const tell = (found) => {
      if (!signal.aborted) store.send({ type: "effectsFound", found });
    };
    try {
      if (store.state.place === "page")
        throw problem(
          "blocked-worker",
          "Effects are computed in a worker, and here the engine runs in the page itself.",
          "Open the page in a tab of its own.",
        );
      const text = store.state.description?.data_set.file;
      const { operator } = asked;
      if (asked.type === "together") {
        const { components } = asked;
        tell({ together: await workers.together({ operator, components, text, signal }), status: "done" });
        return;
      }
      const { retrain } = asked;
      const heads = await workers.effects({
        operator,
        retrain,
        text,
        signal,
        onFound: (found) => tell({ ...found, status: retrain ? "training" : "done" }),
        onShare: (share) => tell({ share }),
      });
      if (retrain) tell({ heads, retrained: heads !== null, status: "done" });
    } catch (error) {
      tell({ status: "done", problem: toProblem(error) });
    }
  }
}

/** @param {import("./store.js").Event} event @returns {event is Asked} */
function isAsked(event) {
  return event.type === "effects" || event.type === "together";
}
