/** Every element of the page, registered and given the store. */

import { AnswerLine } from "./answer-line.js";
import { ArmCards } from "./arm-cards.js";
import { ArmPanels } from "./arm-panels.js";
import { ComponentEffects } from "./component-effects.js";
import { ComponentList } from "./component-list.js";
import { ComponentsTogether } from "./components-together.js";
import { ContrastSummary } from "./contrast-summary.js";
import { CopyLink } from "./copy-link.js";
import { defineElements } from "./define.js";
import { EmbedMenu } from "./embed-menu.js";
import { FigureCard } from "./figure-card.js";
import { GuidedTour } from "./guided-tour.js";
import { LessonMaker } from "./lesson-maker.js";
import { ModelMap } from "./model-map.js";
import { NoticeList } from "./notice-list.js";
import { OwnText } from "./own-text.js";
import { ReportCitation } from "./report-citation.js";
import { OfflineNote } from "./offline-note.js";
import { ReportExports } from "./report-exports.js";
import { ReportFacts } from "./report-facts.js";
import { ReportFigures } from "./report-figures.js";
import { ReportHead } from "./report-head.js";
import { ReportProtocol } from "./report-protocol.js";
import { ReportSentences } from "./report-sentences.js";
import { RunBar } from "./run-bar.js";
import { RunGrid } from "./run-grid.js";
import { SettingsForm } from "./settings-form.js";
import { SiteActions } from "./site-actions.js";
import { StudyBar } from "./study-bar.js";
import { StudyProtocol } from "./study-protocol.js";
import { StudySource } from "./study-source.js";
import { TaskCard } from "./task-card.js";
import { TaskPicker } from "./task-picker.js";
import { ThemeToggle } from "./theme-toggle.js";
import { VerdictTable } from "./verdict-table.js";
import { ViewTabs } from "./view-tabs.js";

const ELEMENTS = {
  "run-bar": RunBar,
  "model-map": ModelMap,
  "arm-cards": ArmCards,
  "arm-panels": ArmPanels,
  "component-effects": ComponentEffects,
  "contrast-summary": ContrastSummary,
  "task-card": TaskCard,
  "own-text": OwnText,
  "task-picker": TaskPicker,
  "settings-form": SettingsForm,
  "answer-line": AnswerLine,
  "notice-list": NoticeList,
  "guided-tour": GuidedTour,
  "theme-toggle": ThemeToggle,
  "copy-link": CopyLink,
  "embed-menu": EmbedMenu,
  "lesson-maker": LessonMaker,
  "view-tabs": ViewTabs,
  "study-source": StudySource,
  "study-bar": StudyBar,
  "component-list": ComponentList,
  "study-protocol": StudyProtocol,
  "run-grid": RunGrid,
  "report-head": ReportHead,
  "report-figures": ReportFigures,
  "report-sentences": ReportSentences,
  "verdict-table": VerdictTable,
  "report-protocol": ReportProtocol,
  "report-exports": ReportExports,
  "report-facts": ReportFacts,
  "report-citation": ReportCitation,
  "offline-note": OfflineNote,
};

/** @param {import("../store.js").Store} store */
export function define(store) {
  customElements.define("figure-card", FigureCard);
  customElements.define("components-together", ComponentsTogether);
  customElements.define("site-actions", SiteActions);
  defineElements(store, ELEMENTS);
}
