/** Every element of the page, registered and given the store. */

import { AnswerLine } from "./answer-line.js";
import { ArmPanels } from "./arm-panels.js";
import { ContrastBlock } from "./contrast-block.js";
import { CopyLink } from "./copy-link.js";
import { FigureCard } from "./figure-card.js";
import { GuidedTour } from "./guided-tour.js";
import { ModelMap } from "./model-map.js";
import { NoticeList } from "./notice-list.js";
import { RunBar } from "./run-bar.js";
import { SettingsForm } from "./settings-form.js";
import { SiteActions } from "./site-actions.js";
import { TaskCard } from "./task-card.js";
import { ThemeToggle } from "./theme-toggle.js";

const PARTS = {
  "run-bar": RunBar,
  "model-map": ModelMap,
  "arm-panels": ArmPanels,
  "contrast-block": ContrastBlock,
  "task-card": TaskCard,
  "settings-form": SettingsForm,
  "answer-line": AnswerLine,
  "notice-list": NoticeList,
  "guided-tour": GuidedTour,
  "theme-toggle": ThemeToggle,
  "copy-link": CopyLink,
};

/** @param {import("../store.js").Store} store */
export function define(store) {
  customElements.define("figure-card", FigureCard);
  customElements.define("site-actions", SiteActions);
  for (const [name, Part] of Object.entries(PARTS)) {
    customElements.define(name, Part);
    for (const element of document.querySelectorAll(name)) /** @type {import("../dom.js").Part} */ (element).store = store;
  }
}
