/**
 * A store: `send` an event, `listen` for states, `follow` events. Listeners are told once for all events of a turn.
 *
 * @template State, Event
 * @param {State} state
 * @param {(state: State, event: Event) => State} update  pure
 */
export function storeOf(state, update) {
  /** @type {Set<(state: State) => void>} */
  const listeners = new Set();
  /** @type {Set<(event: Event, state: State, before: State) => void>} */
  const followers = new Set();
  let notified = true;
  const notify = () => {
    notified = true;
    for (const listener of listeners) listener(state);
  };
  return {
    get state() {
      return state;
    },
    /** @param {Event} event */
    send(event) {
      const before = state;
      state = update(state, event);
      if (notified && state !== before) {
        notified = false;
        queueMicrotask(notify);
      }
      for (const follower of followers) follower(event, state, before);
    },
    /** @param {(state: State) => void} listener @returns {() => void} stop */
    listen(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
    /** @param {(event: Event, state: State, before: State) => void} follower @returns {() => void} stop */
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}
