/**
 * What is done outside for the assignment that is open: its file is fetched, the study of its student opened, what is
 * typed kept, and what is handed in written. Loaded only where there is an assignment.
 */

import { ASSIGNED, FILE } from "../link.js";
import { problem, toProblem } from "../protocol.js";
import { LARGEST, evidencePoints, missingOf, submissionName, submissionText } from "./submission.js";
import { guessOf, isOpen, predictionOf, same } from "./prediction.js";
import { fetchAssignment } from "./shipped.js";
import { fixedSeed, readAssignment, studyText } from "./file.js";
import { known, seedOf, trimmed } from "./student.js";
import { idOf } from "../predict.js";
import { scoreOf } from "../scorm.js";
import { spent } from "../study-state.js";
import { NO_LMS } from "./state.js";
import { merged, noWork, timeAfter, withTyped, workFor, workIn } from "./work.js";

/** @typedef {import("../store.js").Store} Store */
/** @typedef {import("../store.js").State} State */
/** @typedef {import("./work.js").Work} Work */
/** @typedef {import("./state.js").AssignmentState} AssignmentState */

/** What the file that was opened last is kept as. */
const KEPT_AS = "assignment";
/** Milliseconds between two messages to a learning management system while somebody types. */
const TELL_EVERY = 2000;

export class AssignmentRunner {
  /** What is read for a name that was left meanwhile is not shown. */
  #turn = 0;
  /** A guess that was made on another day, until its study is there. @type {Work["prediction"]} */
  #prediction = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #telling;

  /**
   * @param {Store} store
   * @param {object} given
   * @param {() => Promise<string>} given.record  the record of the study that is open, as text
   * @param {import("../result-store.js").ResultStore} given.results
   * @param {import("./work.js").WorkStore} given.work
   * @param {URL} given.assignments  folder of the assignments that ship with the page
   * @param {(name: string, type: string, text: string) => void} given.save  downloads a file
   * @param {import("../scorm.js").ScormSession|null} given.session  with a learning management system
   * @param {() => number} [given.now]  milliseconds
   */
  constructor(store, { record, results, work, assignments, save, session, now = () => Date.now() }) {
    this.store = store;
    this.record = record;
    this.results = results;
    this.work = work;
    this.assignments = assignments;
    this.save = save;
    this.session = session;
    this.now = now;
  }

  /**
   * Begins with what the page asks for, or with the event that it was loaded for.
   *
   * @param {import("../store.js").Event} [event]
   */
  start(event) {
    this.store.follow((happened, state, before) => this.#follow(happened, state, before));
    const { state } = this.store;
    if (event?.type === "assignmentFile") this.#follow(event, state, state);
    else if (state.page.assignment !== null) void this.#named(state.page.assignment);
  }

  /** The page is left: what is known is told, and the session ends. */
  leave() {
    this.#tell();
    this.session?.finish();
  }

  /** The page is looked at again, after it was left and kept: what another browser did meanwhile is not overwritten. */
  comeBack() {
    const open = this.store.state.assignment;
    if (!open || !this.#beginSession(open.lms) || open.student === "") return;
    const place = this.session?.place(open.assignment.id);
    if (place && known(place.student) !== known(open.student)) return this.#begin(place.student);
    this.#work(open, open.student);
    if (isOpen(this.store.state)) this.#recall(this.store.state.study.sheet?.study?.hash ?? "");
    this.#tell();
  }

  /**
   * Begins the session with the learning management system, if there is one; whether it is open. What it does not take
   * is said, and stays in this browser.
   *
   * @param {import("./state.js").Lms} lms
   */
  #beginSession(lms) {
    if (!this.session) return false;
    const before = this.session.open;
    const open = this.session.begin();
    const status = open ? (before ? lms.status : "on") : this.session.ended ? "ended" : "failed";
    if (status !== lms.status) this.store.send({ type: "lms", lms: { ...lms, status } });
    return open;
  }

  /** @type {Parameters<Store["follow"]>[0]} */
  #follow(event, state, before) {
    switch (event.type) {
      case "asked":
        if (state.page.assignment === before.page.assignment) break;
        if (state.page.assignment === null) this.#turn += 1;
        else void this.#named(state.page.assignment);
        break;
      case "assignmentFile":
        void this.#opened({ text: event.text, name: event.name });
        break;
      case "assignmentClosed":
        this.#turn += 1;
        this.session?.finish();
        this.store.send({ type: "studyOfSandbox" });
        break;
      case "student":
        this.#begin(event.name);
        break;
      case "studied":
        if (event.named === ASSIGNED) this.#recall(event.sheet.study?.hash ?? "");
        break;
      case "typed":
        this.#keep((work) => withTyped(work, event.question, event.text, this.now()));
        break;
      case "guessed":
        if (event.id === idOf(state.study.sheet?.study?.hash ?? "") && state.study.named === ASSIGNED)
          this.#keepPrediction(predictionOf(state));
        break;
      case "handIn":
        void this.#reportErrors(() => this.#handIn(state));
        break;
    }
  }

  /** An assignment that ships with the page, or the file that was opened last. @param {string} name */
  async #named(name) {
    const turn = ++this.#turn;
    await this.#reportErrors(async () => {
      const file = name === FILE ? await this.#lastFile() : await fetchAssignment(this.assignments, name);
      if (turn === this.#turn) this.#show(file, name);
    });
    // The page is no assignment's if there is none.
    if (turn === this.#turn && !this.store.state.assignment) this.store.send({ type: "assignmentClosed" });
  }

  /** A file that was opened just now. @param {import("../result-store.js").StudyFile} file */
  async #opened(file) {
    this.#turn += 1;
    await this.#reportErrors(async () => {
      this.#show(file, FILE);
      await this.results.keepFile(file, KEPT_AS);
    });
  }

  async #lastFile() {
    const file = await this.results.file(KEPT_AS);
    if (file) return file;
    throw problem(
      "bad-assignment",
      "The link refers to an assignment that was opened as a file in another browser.",
      "Open the file in the Study view.",
    );
  }

  /** @param {import("../result-store.js").StudyFile} file @param {string} named */
  #show({ text, name }, named) {
    const { assignment, hash, unknown } = (() => {
      try {
        return readAssignment(text);
      } catch (error) {
        const { code, message, hint } = toProblem(error, "bad-assignment");
        throw problem(code, `The assignment ${name} cannot be opened. ${message}`, hint);
      }
    })();
    const lms = this.session?.begin() ?? false;
    const offered = lms ? (this.session?.student() ?? "") : "";
    this.store.send({ type: "assigned", assignment, hash, named, offered });
    if (this.session) {
      const status = lms ? "on" : this.session.ended ? "ended" : "failed";
      this.store.send({ type: "lms", lms: { ...NO_LMS, status } });
    }
    if (unknown.length > 0) {
      const names = unknown.join(", ").slice(0, 200);
      const message = `The assignment names controls that this page does not have: ${names}.`;
      const why = problem("bad-assignment", message, "They are neither hidden nor locked.");
      this.store.send({ type: "notice", notice: { tone: "info", problem: why } });
    }
    if (this.store.state.page.tab === "sandbox") this.store.send({ type: "tab", tab: "study" });
    const last = this.session?.place(assignment.id)?.student || this.#lastStudent(assignment.id, offered);
    if (last !== "") this.#begin(last);
  }

  /**
   * Who worked on it in this browser last; empty if a learning management system says that it is somebody else now, as
   * on a computer that several students use.
   *
   * @param {string} assignment  its id
   * @param {string} offered
   */
  #lastStudent(assignment, offered) {
    const last = this.work.lastStudent(assignment);
    return offered === "" || known(last) === known(offered) ? last : "";
  }

  /** A student works on it, for the first time or again. @param {string} name */
  #begin(name) {
    const open = this.store.state.assignment;
    const student = trimmed(name);
    if (!open || student === "") return;
    this.#beginSession(open.lms);
    const seed = this.#work(open, student);
    this.store.send({ type: "studyAssigned", text: studyText(open.assignment, seed), name: open.assignment.title });
  }

  /**
   * Shows what a student did in this browser and elsewhere, and keeps it here.
   *
   * @param {AssignmentState} open
   * @param {string} student
   * @returns {number} root seed of the student's study
   */
  #work({ assignment, hash }, student) {
    const place = this.session?.place(assignment.id);
    const elsewhere = place && known(place.student) === known(student) ? workIn(place.work) : noWork();
    const work = merged(this.work.load(assignment.id, student, hash), workFor(hash, elsewhere));
    const seed = assignment.seed === "student" ? seedOf(assignment.id, student) : fixedSeed(assignment);
    this.#prediction = work.prediction;
    const kept = this.work.rememberStudent(assignment.id, student);
    this.#lost((!place || this.work.save(assignment.id, student, work)) && kept);
    this.store.send({ type: "working", student, seed, typed: work.typed, saved: work.saved });
    return seed;
  }

  /** The guess that was made on another day. @param {string} hash */
  #recall(hash) {
    const prediction = this.#prediction;
    this.#prediction = null;
    if (!prediction || same(prediction, predictionOf(this.store.state))) return;
    this.store.send({ type: "guessed", id: idOf(hash), guess: guessOf(prediction) });
  }

  /** Keeps a guess. One that was recalled is no newer for that. @param {Work["prediction"]} prediction */
  #keepPrediction(prediction) {
    this.#keep((work) =>
      same(work.prediction, prediction)
        ? work
        : { ...work, prediction, predicted: timeAfter(this.now(), work.predicted) },
    );
  }

  /**
   * Keeps what was changed. It is read again before, because another tab may have kept something else.
   *
   * @param {(work: Work) => Work} change
   */
  #keep(change) {
    const open = this.store.state.assignment;
    if (!open || open.student === "") return;
    const { assignment, student, hash } = open;
    const before = this.work.load(assignment.id, student, hash);
    const after = change(before);
    if (after === before) return;
    this.#lost(this.work.save(assignment.id, student, { ...after, at: timeAfter(this.now(), before.at) }));
    if (!this.session) return;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => this.#tell(), TELL_EVERY);
  }

  /** Says once that nothing is stored. @param {boolean} kept */
  #lost(kept) {
    if (!kept && this.store.state.assignment?.kept) this.store.send({ type: "workLost" });
  }

  /** Tells the learning management system the place and the answers. */
  #tell() {
    clearTimeout(this.#telling);
    const open = this.store.state.assignment;
    if (!this.session?.open || !open || open.student === "") return;
    const { assignment, student, hash, lms } = open;
    const work = this.work.load(assignment.id, student, hash);
    const { kept, cut } = this.session.keep({ assignment: assignment.id, student, work });
    this.store.send({ type: "lms", lms: { ...lms, status: kept ? "on" : "failed", cut } });
  }

  /** Writes the file that is handed in. @param {State} state */
  async #handIn(state) {
    const work = state.assignment;
    if (!work) return;
    const complete = missingOf(state).length === 0;
    const trials = spent(state.study).runs;
    const record = await this.record();
    const { assignment: open } = this.store.state;
    // Another assignment or student was opened meanwhile, and the record may be of theirs.
    if (open?.hash !== work.hash || open.student !== work.student) return;
    const text = submissionText(work, predictionOf(state), record);
    const size = new TextEncoder().encode(text).length;
    if (size > LARGEST)
      throw problem(
        "bad-assignment",
        `The submission would have ${(size / LARGEST).toFixed(1)} MB, and it may have 1 MB at most.`,
        "Shorten the longest answers. If they are short, ask your instructor for a study of fewer trials.",
      );
    const name = submissionName(work);
    this.save(name, "application/json", text);
    const saved = { name, complete, trials };
    this.store.send({ type: "handedIn", saved });
    this.#keep((one) => ({ ...one, saved, savedAt: timeAfter(this.now(), one.savedAt) }));
    if (!this.session?.open) return;
    this.#tell();
    const [points, of] = [evidencePoints(state), work.assignment.evidence];
    const { told, scored } = this.session.handIn({ complete, points, of });
    const lms = this.store.state.assignment?.lms;
    const score = scored ? `${scoreOf(points, of)} of 100, for ${points} of ${of} points of the record` : "";
    const unscored = of > 0 && !scored;
    if (lms) this.store.send({ type: "lms", lms: { ...lms, status: told ? "on" : "failed", score, unscored } });
  }

  /** @param {() => Promise<void>} work */
  async #reportErrors(work) {
    try {
      await work();
    } catch (error) {
      const why = toProblem(error, "bad-assignment");
      this.store.send({ type: "notice", notice: { tone: "error", problem: why } });
    }
  }
}
