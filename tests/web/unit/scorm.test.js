import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOM, ScormSession, findApi, packed, scoreOf, sessionTime } from "../../../web/app/scorm.js";
import { Lms } from "../fake/lms.js";
import { noWork } from "../../../web/app/assignment/work.js";

/** A window with an API, or without. @param {object} [given] @returns {any} */
const view = (given = {}) => {
  /** @type {any} */
  const made = { ...given };
  made.parent ??= made;
  return made;
};

/** A window of another origin: whatever is read of it throws. */
const foreign = () =>
  new Proxy(
    {},
    {
      get() {
        throw new DOMException("blocked", "SecurityError");
      },
    },
  );

/** @param {Record<string, string>} [typed] */
const place = (typed = {}) => ({
  assignment: "positions",
  student: "ada",
  work: { ...noWork(), typed },
});

test("the API is looked for above this window, and above the one that opened it", () => {
  const API = new Lms().api;
  assert.equal(findApi(view({ API })), API);
  const top = view({ API });
  assert.equal(findApi(view({ parent: view({ parent: top }) })), API);
  assert.equal(findApi(view({ opener: view({ parent: top }) })), API);
  assert.equal(findApi(view()), null);
  assert.equal(findApi(view({ opener: null })), null);
});

test("windows of other origins, and windows without end, are given up", () => {
  assert.equal(findApi(view({ parent: foreign() })), null);
  assert.equal(findApi(view({ opener: foreign() })), null);
  assert.equal(findApi(/** @type {any} */ (foreign())), null);
  const API = new Lms().api;
  assert.equal(findApi(view({ parent: foreign(), opener: view({ API }) })), API);
  let reads = 0;
  const endless = () =>
    /** @type {any} */ ({
      get parent() {
        reads += 1;
        return endless();
      },
    });
  assert.equal(findApi(endless()), null);
  assert.ok(reads <= 1000, `${reads}`);
  assert.equal(findApi(view({ API: { LMSInitialize: 1 } })), null, "what is none is not called");
});

test("a session keeps the place, says what was handed in, and ends once", () => {
  const lms = new Lms({ "cmi.core.student_id": "ada" });
  let now = 0;
  const session = new ScormSession(lms.api, () => now);
  assert.equal(session.begin(), true);
  assert.equal(session.begin(), true, "begun once");
  assert.equal(session.student(), "ada");
  assert.equal(session.place("positions"), null);
  assert.equal(lms.values["cmi.core.lesson_status"], "incomplete");
  assert.deepEqual(session.keep(place({ q1: "a" })), { kept: true, cut: [] });
  assert.deepEqual(session.place("positions")?.student, "ada");
  assert.equal(session.place("heads"), null, "of another assignment");
  session.handIn({ complete: true, points: 2, of: 3 });
  now = 3_723_450;
  session.finish();
  session.finish();
  assert.deepEqual(lms.errors, []);
  assert.equal(lms.calls.filter((call) => call === "LMSInitialize").length, 1);
  assert.equal(lms.calls.filter((call) => call === "LMSFinish").length, 1);
  assert.equal(lms.calls.at(-1), "LMSFinish");
  const { values } = lms;
  assert.deepEqual(
    ["score.raw", "score.min", "score.max", "lesson_status", "session_time"].map((key) => values[`cmi.core.${key}`]),
    ["66.67", "0", "100", "completed", "0001:02:03.45"],
  );
});

test("a score is from 0 to 100, whatever the points are", () => {
  assert.deepEqual(
    [
      [4, 4],
      [3, 1000],
      [250, 1000],
      [2000, 1000],
      [-1, 3],
      [0, 0],
    ].map(([points = 0, of = 0]) => scoreOf(points, of)),
    [100, 0.3, 25, 100, 0, 0],
  );
  const lms = new Lms();
  const session = new ScormSession(lms.api);
  session.begin();
  session.handIn({ complete: true, points: 900, of: 1000 });
  assert.deepEqual(lms.errors, []);
  assert.deepEqual(
    ["raw", "min", "max"].map((key) => lms.values[`cmi.core.score.${key}`]),
    ["90", "0", "100"],
  );
});

test("what a system does not take is not said to have been told", () => {
  const handedIn = { complete: true, points: 2, of: 3 };
  const told = (/** @type {string[]} */ ...lacks) => {
    const session = new ScormSession(new Lms({}, { lacks }).api);
    session.begin();
    return session.handIn(handedIn);
  };
  assert.deepEqual(told(), { told: true, scored: true });
  for (const key of ["raw", "min", "max"])
    assert.deepEqual(told(`cmi.core.score.${key}`), { told: true, scored: false }, key);
  assert.deepEqual(told("cmi.core.lesson_status"), { told: false, scored: false });
  const lms = new Lms();
  const session = new ScormSession({ ...lms.api, LMSCommit: () => "false" });
  session.begin();
  assert.deepEqual(session.handIn(handedIn), { told: false, scored: false });
  assert.deepEqual(session.handIn({ complete: false, points: 0, of: 0 }), { told: false, scored: false });
});

test("a second session that is refused is not taken for open; one that the course's page began is used", () => {
  const once = new Lms({ "cmi.core.lesson_status": "incomplete" }, { once: true });
  const session = new ScormSession(once.api);
  assert.equal(session.begin(), true);
  session.finish();
  assert.deepEqual([session.begin(), session.open, session.ended], [false, false, true]);
  assert.equal(session.keep(place({ q1: "a" })).kept, false);
  const begun = new Lms({ "cmi.core.lesson_status": "incomplete" });
  begun.api.LMSInitialize("");
  const inside = new ScormSession(begun.api);
  assert.equal(inside.begin(), true);
  assert.equal(inside.keep(place({ q1: "a" })).kept, true);
});

test("an incomplete submission leaves the lesson incomplete; a completed one stays completed", () => {
  const lms = new Lms();
  const session = new ScormSession(lms.api);
  session.begin();
  session.handIn({ complete: false, points: 1, of: 3 });
  session.finish();
  assert.equal(lms.values["cmi.core.lesson_status"], "incomplete");
  assert.equal(lms.values["cmi.core.exit"], "suspend");
  const again = new Lms({ "cmi.core.lesson_status": "completed" });
  new ScormSession(again.api).begin();
  assert.equal(again.values["cmi.core.lesson_status"], "completed");
});

test("the place fits into what the standard grants: the longest answers are left out, whole, and named", () => {
  const all = place({ q1: "short", q2: "x".repeat(3000), q3: "ü".repeat(2000), q4: '"'.repeat(900) });
  const { text, cut } = packed(all);
  assert.ok(text.length <= ROOM);
  assert.deepEqual(cut, ["q2"]);
  assert.deepEqual(Object.keys(JSON.parse(text).work.typed), ["q1", "q3", "q4"]);
  const timed = packed({ ...all, work: { ...all.work, times: { q1: 1, q2: 2 } } });
  assert.deepEqual(JSON.parse(timed.text).work.times, { q1: 1 }, "what is left out has no time either");
  const component = "x".repeat(5000);
  const hopeless = packed({ ...place(), work: { ...noWork(), prediction: [{ component, needed: true }] } });
  assert.ok(hopeless.text.length <= ROOM);
  assert.equal(JSON.parse(hopeless.text).student, "ada");
});

test("nothing but the work takes up room: an answer of all that is left is kept", () => {
  const room = ROOM - packed(place({ q: "" })).text.length;
  const { text, cut } = packed(place({ q: "x".repeat(room) }));
  assert.deepEqual([text.length, cut], [ROOM, []]);
  assert.deepEqual(Object.keys(JSON.parse(text)), ["v", "assignment", "student", "work"]);
});

test("a system that fails is done without", () => {
  /** @type {any} */
  const broken = Object.fromEntries(
    ["LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSFinish"].map((name) => [
      name,
      () => {
        throw new Error("no");
      },
    ]),
  );
  const session = new ScormSession(broken);
  assert.equal(session.begin(), false);
  assert.equal(session.student(), "");
  assert.equal(session.place("positions"), null);
  assert.equal(session.keep(place()).kept, false);
  session.finish();
  const lms = new Lms({ "cmi.suspend_data": "bookmark=3" });
  const other = new ScormSession(lms.api);
  other.begin();
  assert.equal(other.place("positions"), null, "what another program kept");
});

test("times are as the standard writes them", () => {
  assert.equal(sessionTime(0), "0000:00:00.00");
  assert.equal(sessionTime(59_996), "0000:01:00.00");
  assert.equal(sessionTime(-5), "0000:00:00.00");
  assert.match(sessionTime(Number.MAX_SAFE_INTEGER), /^9999:\d\d:\d\d\.\d\d$/);
});
