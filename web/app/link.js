/**
 * The study in the fragment of the address.
 *
 * The page never judges a study: it hands the study's part of the link to the one validator, in Rust, and shows what
 * comes back. What it does read are the keys that belong to itself, `view.*`, so that a theme can never change a
 * result.
 */

import { isControl } from "./controls.js";

/** @typedef {import("./generated/protocol.js").Value} Value */
/** @typedef {import("./generated/protocol.js").Description} Description */
/** @typedef {import("./generated/protocol.js").Ablation} Ablation */
/** @typedef {import("./generated/protocol.js").Correction} Correction */
/**
 * @typedef {object} PageKeys
 * @property {"auto"|"cpu"|"gpu"|"main"|"stored"} force  where the engine runs: `main` is the page's own thread
 * @property {"auto"|"light"|"dark"} theme
 * @property {boolean} stored  show stored results only and load no worker
 * @property {"auto"|"on"|"off"} autorun
 * @property {Tab} tab
 * @property {string|null} study  a study that ships with the page and is shown in the place of the link's
 * @property {string|null} assignment  an assignment that ships with the page (see `assignment/runner.js`)
 * @property {readonly string[]} hide  controls that are not shown (see `lesson.js`)
 * @property {readonly string[]} lock  controls that are shown and cannot be changed
 * @property {boolean} predict  ask the reader for a guess before results are shown
 * @property {string|null} text  what the file of the text was called that the link names by its hash
 * @property {"en"} lang
 */
/** @typedef {"sandbox"|"study"|"report"} Tab */

/** @type {Readonly<PageKeys>} */
export const PAGE_DEFAULTS = Object.freeze({
  force: "auto",
  theme: "auto",
  stored: false,
  autorun: "auto",
  tab: "sandbox",
  study: null,
  assignment: null,
  hide: Object.freeze([]),
  lock: Object.freeze([]),
  predict: false,
  text: null,
  lang: "en",
});

/**
 * A key takes one of its values, a name, or a list of names.
 *
 * @type {Record<string, {key: keyof PageKeys, values: Record<string, string|boolean>, named?: boolean, free?: boolean,
 *   listed?: boolean}>}
 */
const KEYS = {
  "view.force": { key: "force", values: { cpu: "cpu", gpu: "gpu", main: "main", stored: "stored" } },
  "view.theme": { key: "theme", values: { auto: "auto", light: "light", dark: "dark" } },
  "view.stored": { key: "stored", values: { 0: false, 1: true } },
  "view.autorun": { key: "autorun", values: { 0: "off", 1: "on" } },
  "view.tab": { key: "tab", values: { sandbox: "sandbox", study: "study", report: "report" } },
  "view.study": { key: "study", values: {}, named: true },
  "view.assignment": { key: "assignment", values: {}, named: true },
  "view.hide": { key: "hide", values: {}, listed: true },
  "view.lock": { key: "lock", values: {}, listed: true },
  "view.predict": { key: "predict", values: { 0: false, 1: true } },
  "view.text": { key: "text", values: {}, free: true },
  "view.lang": { key: "lang", values: { en: "en" } },
};

/** The name that stands for a file that was opened here. */
export const FILE = "file";

/** The name that stands for the study of an assignment, which has the seed of one student. */
export const ASSIGNED = "assigned";

/** What an assignment decides, and its link therefore does not say. */
const DECIDED = new Set(["study", "hide", "lock", "predict"]);

/** At most so many controls are named by a link. */
const MOST_CONTROLS = 64;

/** The longest name of a file that a link says. It is only shown. */
const LONGEST_NAME = 80;

/** What a name may look like: it becomes part of an address. */
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Splits a fragment into the study's link and the page's own keys. Page keys that cannot be used are listed, not
 * dropped in silence.
 *
 * @param {string} fragment  with or without `#`
 * @returns {{study: string, page: PageKeys, corrections: Correction[]}}
 */
export function split(fragment) {
  const pairs = fragment.replace(/^#/, "").split("&").filter(Boolean);
  const study = pairs.filter((pair) => !pair.startsWith("view."));
  /** @type {PageKeys} */
  const page = { ...PAGE_DEFAULTS };
  /** @type {Correction[]} */
  const corrections = [];
  for (const [name, given] of new URLSearchParams(pairs.filter((pair) => pair.startsWith("view.")).join("&"))) {
    const known = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (known?.listed) {
      const { used, refused } = controlsIn(given);
      Object.assign(page, { [known.key]: used });
      for (const one of refused)
        corrections.push({ path: name, given: one, used: "ignored", reason: "no control has this name" });
    } else if (known && Object.hasOwn(known.values, given)) Object.assign(page, { [known.key]: known.values[given] });
    else if (known?.free) Object.assign(page, { [known.key]: given.slice(0, LONGEST_NAME) || null });
    else if (known?.named && NAME.test(given)) Object.assign(page, { [known.key]: given });
    else
      corrections.push({
        path: name,
        given,
        used: "ignored",
        reason: known ? `it takes ${taken(known)}` : "the page has no such key",
      });
  }
  if (page.assignment !== null) {
    page.study = ASSIGNED;
    // Its work is done where the study is run; a link that names a view means it.
    if (!/(?:^|&)view\.tab=/.test(fragment.replace(/^#/, ""))) page.tab = "study";
  }
  // Another word for stored results only.
  if (page.force === "stored") Object.assign(page, { force: "auto", stored: true });
  return { study: study.join("&"), page, corrections };
}

/** What a key takes, in words. @param {typeof KEYS[string]} known */
function taken({ named, key, values }) {
  if (!named) return Object.keys(values).join(" or ");
  return key === "assignment" ? "the name of an assignment" : "the name of a study";
}

/**
 * The controls that a list names, sorted, so that equal lists have equal links.
 *
 * @param {string} given
 * @returns {{used: string[], refused: string[]}}
 */
function controlsIn(given) {
  const names = [...new Set(given.split(",").filter(Boolean))].slice(0, MOST_CONTROLS);
  return { used: names.filter(isControl).sort(), refused: names.filter((name) => !isControl(name)) };
}

/**
 * The fragment for a study and the page's keys, without `#`; page keys stand last and only where they are not the
 * default.
 *
 * @param {string} study
 * @param {PageKeys} page
 */
export function join(study, page) {
  const keys = Object.entries(KEYS).flatMap(([name, { key, values, named, free, listed }]) => {
    if (page.assignment !== null && DECIDED.has(key)) return [];
    // The study's view is that of a link with an assignment that names no view.
    if (page.assignment !== null && key === "tab") return page.tab === "study" ? [] : [`${name}=${page.tab}`];
    if (listed) {
      const names = /** @type {readonly string[]} */ (page[key]);
      return names.length > 0 ? [`${name}=${names.join(",")}`] : [];
    }
    if (free) return page[key] === null ? [] : [`${name}=${encodeURIComponent(String(page[key]))}`];
    const text = named ? String(page[key]) : Object.keys(values).find((value) => values[value] === page[key]);
    return text === undefined || page[key] === PAGE_DEFAULTS[key] ? [] : [`${name}=${text}`];
  });
  return [study, ...keys.sort()].filter(Boolean).join("&");
}

/**
 * What is handed to somebody else: the link, and the file that holds what no link can, if there is one.
 *
 * @param {string} address  of this page
 * @param {string} study  the link of what the sandbox shows
 * @param {PageKeys} page
 * @param {{from: "link"|"file", name: string|null}} shown  the study that is shown
 * @returns {{link: string, file: string|null}}
 */
export function shared(address, study, page, { from, name }) {
  const isFile = page.study === FILE || page.assignment === FILE;
  // A theme is a reader's own, and a file cannot be opened from a link.
  const keys = {
    ...page,
    theme: /** @type {const} */ ("auto"),
    study: isFile ? null : page.study,
    assignment: page.assignment === FILE ? null : page.assignment,
  };
  return {
    link: `${address.split("#")[0]}#${join(study, keys)}`,
    file: isFile && from === "file" ? (name ?? "that was opened here") : null,
  };
}

/**
 * The link of a described study with some settings changed. `null` takes a setting out, back to what the preset says. A
 * compact link cannot be edited in place, so it is written out in full; the validator shortens it again.
 *
 * @param {Pick<Description, "link"|"settings">} description
 * @param {Record<string, Value|null>} changes
 */
export function withSettings(description, changes) {
  const given = new URLSearchParams(description.link);
  if (given.has("z")) {
    given.delete("z");
    for (const [path, value] of Object.entries(description.settings)) given.set(path, String(value));
  }
  for (const [path, value] of Object.entries(changes)) {
    if (value === null) given.delete(path);
    else given.set(path, String(value));
  }
  const settings = [...given].filter(([key]) => key !== "v" && key !== "p").sort(([a], [b]) => (a < b ? -1 : 1));
  const head = [...given].filter(([key]) => key === "v" || key === "p").sort(([a], [b]) => (a < b ? 1 : -1));
  return new URLSearchParams([...head, ...settings]).toString();
}

/**
 * The preset that a link starts from, if it names one.
 *
 * @param {string} study
 */
export function presetOf(study) {
  return new URLSearchParams(study).get("p");
}

/**
 * Whether a link asks for a preset just as it is, or for nothing at all. What it says of a study leaves the bench as it
 * is.
 *
 * @param {string} study
 */
export function isPlain(study) {
  return [...new URLSearchParams(study).keys()].every((key) => key === "v" || key === "p" || key.startsWith("study."));
}

/**
 * What decides the training of the reference: two studies with the same recipe share a bench, and only the ablation is
 * chosen anew. A setting that means nothing is done is left out: what was stored before there was one says the same.
 *
 * @param {Description} description
 */
export function recipe(description) {
  const absent = new Map(description.fields.map((field) => [field.path, field.absent]));
  return Object.entries(description.settings)
    .filter(([path, value]) => !path.startsWith("ablation.") && value !== absent.get(path))
    .map(([path, value]) => `${path}=${value}`)
    .sort()
    .join("&");
}

/**
 * The ablation that the settings ask for.
 *
 * @param {Description|null} description
 * @returns {Ablation|null}
 */
export function chosenAblation(description) {
  const settings = description?.settings ?? {};
  const site = settings["ablation.site"];
  if (typeof site !== "string" || site === "" || site === "none") return null;
  const operator = String(settings["ablation.operator"] ?? "zero");
  const at = description?.sites.find(({ path }) => path === site);
  const taken = at?.ablations.find((option) => option.operator === operator)?.parameters ?? [];
  const parameters = taken.flatMap(({ name }) => {
    const value = settings[`ablation.${name}`];
    return typeof value === "number" ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(parameters), site, operator };
}

/**
 * The sites that a pattern such as `blocks.*.attn` names: what a task needs of a pattern it needs of all of them
 * together.
 *
 * @param {string} pattern
 * @param {Description|null} description
 */
export function sitesOf(pattern, description) {
  const wanted = pattern.split(".");
  return (description?.sites ?? []).filter(({ path }) => {
    const names = path.split(".");
    return names.length === wanted.length && wanted.every((name, index) => name === "*" || name === names[index]);
  });
}

/**
 * What a task is said to need of the component at `path`, as a sentence; empty if nothing is said of it.
 *
 * @param {Description|null} description
 * @param {string} path
 */
export function needOf(description, path) {
  for (const { site, needed, why } of description?.data_set.needs ?? []) {
    const sites = sitesOf(site, description);
    if (!sites.some((one) => one.path === path)) continue;
    if (sites.length === 1) return `The task should ${needed ? "" : "not "}need it: ${why}`;
    return `The task needs ${needed ? "at least one" : "none"} of these: ${site} — ${why}`;
  }
  return "";
}

/**
 * An ablation as one text, whatever the order of its parameters.
 *
 * @param {Ablation|null|undefined} ablation
 */
export function keyOf(ablation) {
  return JSON.stringify(ablation ? Object.entries(ablation).sort() : null);
}

/** @param {Ablation|null} a @param {Ablation|null} b */
export function sameAblation(a, b) {
  return keyOf(a) === keyOf(b);
}

/**
 * The fragment in a pasted address, or `null` if what was pasted is no link of this page.
 *
 * @param {string} text
 */
export function fromPaste(text) {
  const found = /(?:^|#)(v=\d+&[^\s#]+)$/.exec(text.trim());
  return found?.[1] ?? null;
}
