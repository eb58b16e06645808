/** One bar to run: play, step, restart with the same seed, a new seed, the device, how fast and how long. */

import { BaseElement, setAttribute, keyedList, h, setText } from "../dom.js";
import { count, duration, pace } from "../format.js";
import { divergedText } from "../headline.js";
import { awaitsTraining, canRun, isHeld, stepText, stepsDone, timeLeft } from "../store.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("../protocol.js").DeviceName} DeviceName */

const PHASES = [
  { phase: "reference", label: "reference" },
  { phase: "recovery", label: "fine-tune" },
  { phase: "short_retrain", label: "retrain as briefly" },
  { phase: "retrained", label: "retrain without" },
];

export class RunBar extends BaseElement {
  /** Nothing can be trained before the bar is drawn for the first time. */
  #play = h(
    "button",
    { type: "button", class: "primary", id: "play", disabled: true, onclick: () => this.#toggle() },
    "Train",
  );
  #step = this.#button("step", "One step");
  #restart = this.#button("restart", "Restart, same seed");
  #reseed = this.#button("reseed", "New seed");
  #seed = h("span", { class: "seed" });
  #status = h("span", { class: "status" });
  #speed = h("span", { class: "speed number" });
  #left = h("span", { class: "left number" });
  #bar = h("div", { class: "phases" });
  #cpu = this.#radio("cpu");
  #gpu = this.#radio("webgpu");
  /** A device that is not there is not offered; why not is said beside it. */
  #gpuLabel = h("label", {}, this.#gpu, h("span", {}, "WebGPU"));
  #why = h("p", { class: "why", id: "device-why" });
  #background = h("input", {
    type: "checkbox",
    onchange: () => this.store.send({ type: "background", on: this.#background.checked }),
  });

  build() {
    setAttribute(this.#gpu, "aria-describedby", "device-why");
    this.append(
      h("div", { class: "controls", role: "group", "aria-label": "Run" }, this.#play, this.#reseed, this.#seed),
      h("div", { class: "progress" }, h("p", {}, this.#status, this.#speed, this.#left), this.#bar),
      h(
        "details",
        { class: "options", onkeydown: (/** @type {KeyboardEvent} */ event) => closeOn(event) },
        h("summary", {}, "Run options"),
        h(
          "div",
          { class: "option-box" },
          h("div", { class: "controls", role: "group", "aria-label": "One run" }, this.#step, this.#restart),
          h(
            "div",
            { class: "device" },
            h(
              "fieldset",
              {},
              h("legend", {}, "Device"),
              h("label", {}, this.#cpu, h("span", {}, "CPU")),
              this.#gpuLabel,
            ),
            h("label", { class: "background" }, this.#background, h("span", {}, "Keep running in the background")),
          ),
          this.#why,
        ),
      ),
    );
  }

  /** @param {"step"|"restart"|"reseed"} type @param {string} label */
  #button(type, label) {
    return h("button", { type: "button", "data-control": type, onclick: () => this.store.send({ type }) }, label);
  }

  /** @param {DeviceName} device */
  #radio(device) {
    return h("input", {
      type: "radio",
      name: "device",
      value: device,
      onchange: () => this.store.send({ type: "device", device }),
    });
  }

  #toggle() {
    const { status } = this.store.state.run;
    this.store.send({ type: status === "playing" || status === "opening" ? "pause" : "play" });
  }

  /** @param {State} state */
  draw(state) {
    const { run, device } = state;
    const ready = canRun(state);
    const going = run.status === "playing" || run.status === "opening";
    setText(
      this.#play,
      going ? "Pause" : run.status === "paused" ? "Resume" : run.status === "done" ? "Trained" : "Train",
    );
    setAttribute(this.#play, "data-going", going);
    setAttribute(this.#play, "disabled", !ready || run.status === "done");
    setAttribute(this.#step, "disabled", !ready || going || run.status === "done");
    setAttribute(this.#restart, "disabled", !ready || run.status === "idle");
    setAttribute(this.#reseed, "disabled", !ready);
    const seed = state.description?.settings.seed;
    setText(this.#seed, seed === undefined ? "" : `seed ${seed}`);
    setText(this.#status, statusText(state));
    setAttribute(this, "data-runs", run.status !== "idle" || state.engine.status === "failed" || state.page.stored);
    setText(this.#speed, run.status === "playing" ? pace(run.rate) : "");
    setText(this.#left, run.status === "playing" && run.rate ? `${duration(timeLeft(state))} left` : "");
    this.#drawPhases(state);
    this.#cpu.checked = device.chosen === "cpu";
    this.#gpu.checked = device.chosen === "webgpu";
    setAttribute(this.#cpu, "disabled", !ready);
    setAttribute(this.#gpu, "disabled", !ready || device.webgpu !== "available" || state.page.force === "cpu");
    this.#gpuLabel.hidden = device.webgpu !== "available";
    setText(this.#why, deviceText(state));
    this.#background.checked = state.background;
  }

  /** @param {State} state */
  #drawPhases({ run: { progress } }) {
    const phases = PHASES.flatMap(({ phase, label }) => {
      const [steps, of] = progress?.steps[phase] ?? [0, 0];
      return of > 0 ? [{ phase, label, steps, of }] : [];
    });
    keyedList(
      this.#bar,
      phases,
      ({ phase }) => phase,
      ({ phase, label }) =>
        h(
          "div",
          {
            class: `phase ${phase}`,
            role: "progressbar",
            "aria-label": `Steps of the phase: ${label}`,
            "aria-valuemin": 0,
          },
          h("i"),
        ),
      (element, { phase, label, steps, of }) => {
        setAttribute(element, "aria-valuemax", of);
        setAttribute(element, "aria-valuenow", steps);
        setAttribute(element, "aria-valuetext", `${steps} of ${of}`);
        setAttribute(element, "title", `${label}: ${count(steps)} of ${count(of)} steps`);
        element.style.flexGrow = String(of);
        /** @type {HTMLElement} */ (element.firstElementChild).style.width = `${(100 * steps) / of}%`;
        setAttribute(element, "data-now", progress?.phase === phase);
      },
    );
  }
}

/** Escape closes the options, as it does whatever lies over the page. @param {KeyboardEvent} event */
function closeOn(event) {
  const details = event.currentTarget;
  if (event.key !== "Escape" || !(details instanceof HTMLDetailsElement) || !details.open) return;
  details.open = false;
  details.querySelector("summary")?.focus();
}

/** @param {State} state */
function statusText(state) {
  const { engine, run, page } = state;
  if (page.stored) return "Stored results";
  if (engine.status === "failed") return "The engine could not be loaded";
  if (!canRun(state)) return "Loading the engine…";
  if (run.status === "opening") return "Starting…";
  if (run.status === "playing" && run.waiting) return "Waiting: another sandbox on this page is training";
  if (run.status === "playing")
    return isHeld(state) ? "Paused while hidden" : `Training ${phaseName(state)}, ${stepText(state)}`;
  if (run.diverged) return divergedText(run.diverged);
  if (run.status === "paused") return `Paused at ${stepText(state)}`;
  if (run.status === "done") return `Done, ${count(stepsDone(state))} steps`;
  if (run.status === "failed") return "Stopped by a problem";
  return awaitsTraining(state) ? "Ready: Train measures the ablation" : "Ready";
}

/** @param {State} state */
function phaseName({ run: { progress } }) {
  return {
    reference: "the reference",
    recovery: "the recovered model and its sham",
    short_retrain: "a model without it for as long",
    retrained: "the model retrained without it",
    done: "nothing more",
  }[progress?.phase ?? "reference"];
}

/** @param {State} state */
function deviceText({ device, page, engine }) {
  if (page.stored || engine.status === "failed") return "";
  if (page.force === "cpu") return "WebGPU: the link asks for the CPU (view.force=cpu).";
  if (device.webgpu === "unavailable" && device.why) return `WebGPU: ${device.why.message} ${device.why.hint}`;
  if (device.webgpu === "unknown") return "WebGPU: looking for a graphics adapter…";
  return `WebGPU: ${device.adapter}. For models this small the CPU is often the faster one.`;
}
