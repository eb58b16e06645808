/**
 * How fast this device trains a model of some shape, remembered from the last time: a study says what it will take
 * before it starts.
 */

/** @typedef {import("./generated/protocol.js").Value} Value */

const KEY = "ablation.rates";
/** Shapes that are remembered; the oldest is forgotten first. */
const MOST = 40;

/**
 * What decides the time of an update.
 *
 * @param {Record<string, Value>} settings
 * @param {import("./protocol.js").DeviceName} device
 */
export function shapeOf(settings, device) {
  const shape = Object.entries(settings)
    .filter(([path]) => /^(data|model)\./.test(path) || path === "train.batch")
    .map(([path, value]) => `${path}=${value}`)
    .sort()
    .join("&");
  return device === "webgpu" ? `${device}&${shape}` : shape;
}

/** @returns {Record<string, number>} */
function all() {
  try {
    const rates = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return rates !== null && typeof rates === "object" ? rates : {};
  } catch {
    return {};
  }
}

/**
 * Steps per second of a core, or of the GPU, if they were measured here before.
 *
 * @param {Record<string, Value>} settings
 * @param {import("./protocol.js").DeviceName} device
 * @returns {number|null}
 */
export function rememberedRate(settings, device) {
  const rate = all()[shapeOf(settings, device)];
  return typeof rate === "number" && rate > 0 ? rate : null;
}

/**
 * @param {Record<string, Value>} settings
 * @param {import("./protocol.js").DeviceName} device
 * @param {number} rate
 */
export function rememberRate(settings, device, rate) {
  const shape = shapeOf(settings, device);
  const others = Object.entries(all()).filter(([other]) => other !== shape);
  const kept = [...others.slice(1 - MOST), [shape, Math.round(rate * 100) / 100]];
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // It is measured again the next time.
  }
}
