/**
 * Which device computes a study: the one that was asked for, else the one that its results came from, else the one that
 * was found to be faster.
 *
 * A study whose trials come from two devices is still a study, and its report says so; but results of one device differ
 * by nothing except what was varied. So what was begun on a device goes on there.
 */

import { ASSIGNED } from "./link.js";

/** @typedef {import("./protocol.js").DeviceName} DeviceName */
/** @typedef {import("./store.js").State} State */
/** @typedef {Record<DeviceName, number>} Speeds  training steps per second of all that the device can do at a time */

/** Steps of a fleet that each device is measured by, and milliseconds that this may take at most. */
export const TRIED = { steps: 20, time: 10_000 };

/** Whether studies can be computed on WebGPU here. @param {State} state */
export function offersWebGpu({ device, page, place }) {
  return device.webgpu === "available" && page.force !== "cpu" && place !== "page";
}

/**
 * The device of a study, if it needs no measuring.
 *
 * @param {State} state
 * @param {Iterable<string>} outcomes  what is known already, as text
 * @returns {DeviceName|null} `null` if both are possible and nothing speaks for either
 */
export function settledDevice(state, outcomes) {
  if (!offersWebGpu(state)) return "cpu";
  const { wanted, speeds } = state.study;
  if (wanted !== "faster") return wanted;
  if (state.page.force === "gpu") return "webgpu";
  const before = deviceOf(outcomes);
  if (before) return before;
  // Who marks an assignment runs trials of it again, and all processors give the same digits.
  if (state.page.study === ASSIGNED) return "cpu";
  return speeds && speeds !== "measuring" ? fasterOf(speeds) : null;
}

/**
 * The device that computed what is known; the processor if both did.
 *
 * @param {Iterable<string>} outcomes
 * @returns {DeviceName|null} `null` if nothing is known
 */
function deviceOf(outcomes) {
  const names = [...outcomes].map((text) => String(JSON.parse(text).device));
  if (names.length === 0) return null;
  return names.every((name) => /gpu/i.test(name)) ? "webgpu" : "cpu";
}

/** @param {Speeds} speeds @returns {DeviceName} */
export function fasterOf({ cpu, webgpu }) {
  return webgpu > cpu ? "webgpu" : "cpu";
}

/** @param {number} cores */
export function coresText(cores) {
  return `${cores} ${cores === 1 ? "core" : "cores"}`;
}

/** Fleets that train at a time: a GPU runs one, however large. @param {Pick<State["study"], "device"|"cores">} study */
export function lanesOf({ device, cores }) {
  return device === "webgpu" ? 1 : cores;
}
