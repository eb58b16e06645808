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
 */
export function shapeOf(settings) {
  return Object.entries(settings)
    .filter(([path]) => /^(data|model)\./.test(path) || path === "train.batch")
    .map(([path, value]) => `${path}=${value}`)
    .sort()
    .join("&");
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
 * Steps per second and core, if they were measured here before.
 *
 * @param {Record<string, Value>} settings
 * @returns {number|null}
 */
export function rememberedRate(settings) {
  const rate = all()[shapeOf(settings)];
  return typeof rate === "number" && rate > 0 ? rate : null;
}

/** @param {Record<string, Value>} settings @param {number} rate */
export function rememberRate(settings, rate) {
  const shape = shapeOf(settings);
  const others = Object.entries(all()).filter(([other]) => other !== shape);
  const kept = [...others.slice(1 - MOST), [shape, Math.round(rate * 100) / 100]];
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // It is measured again the next time.
  }
}
