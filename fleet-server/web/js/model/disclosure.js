// @ts-check
/**
 * When a robot was heard to say that it is a machine, as a person reads it: what is wrong now, until when it is endorsed,
 * and the bars and gaps of a day.
 *
 * Terms: a *gap* is a time in which the robot's own receiver did not hear its disclosure; a *stretch* is `[from, to]` in
 * milliseconds since 1970.
 */
import { agoWords, hearingOf, spanWords } from "./age.js";

/** The watchdog's time: below it a robot counts as heard. */
const HEARD_MS = 1_500;
/** With less than this left a person should renew the endorsement. */
const ALARM_MS = 12 * 3_600_000;
/** A day's bars are never drawn narrower than this, so that a short day can be read. */
const RANGE_MS_MIN = 60_000;
/** A stretch is drawn at least this wide, in thousandths of the range: a short gap must be seen. */
const WIDTH_MIN = 2;
/** Marks of the time below the bars. */
const MARKS = 4;

/** @typedef {import("../types.js").Robot} Robot */
/** @typedef {import("../types.js").DisclosureDay} Day */
/** @typedef {import("../types.js").DisclosureGap} Gap */
/** @typedef {{ words: string, tone: import("../types.js").Tone }} Remark */
/** @typedef {{ x: number, width: number }} Bar  in thousandths of the range */
/** @typedef {{ name: string, look: string, bars: Bar[], words: string }} BarRow */

/**
 * For how long the robot's own receiver has not heard it, or `null` while it is heard or nobody knows.
 * @param {Robot} robot
 * @param {number | null} age_ms  of its last word
 */
export function unheardFor(robot, age_ms) {
  const { disclosure_heard_ms_ago } = robot;
  if (disclosure_heard_ms_ago === null || disclosure_heard_ms_ago === undefined || age_ms === null || disclosure_heard_ms_ago < HEARD_MS) return null;
  return disclosure_heard_ms_ago + age_ms;
}

/**
 * What was so when a robot was last heard is not said as if it were so now.
 * @param {Robot} robot
 * @param {number | null} age_ms
 * @returns {Remark}
 */
export function disclosingRemark(robot, age_ms) {
  if (age_ms === null) return { words: "Not known: the robot was not heard since the server started.", tone: "unknown" };
  if (hearingOf(age_ms) === "live") return disclosingNow(robot, age_ms);
  return { words: `Last known ${agoWords(age_ms)}: ${disclosedThen(robot)} What it does now is not known.`, tone: "unknown" };
}

/** @param {Robot} robot */
function disclosedThen(robot) {
  const { disclosure_heard_ms_ago } = robot;
  if (disclosure_heard_ms_ago === null || disclosure_heard_ms_ago === undefined) return "its own receiver had not yet heard it.";
  if (disclosure_heard_ms_ago >= HEARD_MS) return `it had not disclosed that it is a machine for ${spanWords(disclosure_heard_ms_ago)}.`;
  return "its own receiver heard it say that it is a machine.";
}

/**
 * @param {Robot} robot
 * @param {number} age_ms
 * @returns {Remark}
 */
function disclosingNow(robot, age_ms) {
  if (robot.disbelieved) return { words: robot.disbelieved_says ?? "Nobody would believe what it discloses.", tone: "high" };
  const unheard_ms = unheardFor(robot, age_ms);
  if (unheard_ms !== null) {
    return { words: `${robot.id} has not disclosed that it is a machine for ${spanWords(unheard_ms)}: its own receiver does not hear what its radio sends. It does not move until it is heard again.`, tone: "medium" };
  }
  if (robot.disclosure_heard_ms_ago === null || robot.disclosure_heard_ms_ago === undefined) {
    return { words: `${robot.id} has not yet been heard by its own receiver. It does not move until then.`, tone: "medium" };
  }
  return { words: "Its own receiver hears it say that it is a machine.", tone: "normal" };
}

/**
 * @param {Robot} robot
 * @returns {Remark}
 */
export function endorsementRemark(robot) {
  const { endorsed_until_ms, endorsed_left_ms } = robot;
  if (endorsed_until_ms === null || endorsed_until_ms === undefined || endorsed_left_ms === null) {
    return { words: "No endorsement known.", tone: "unknown" };
  }
  const until = momentWords(endorsed_until_ms);
  if (endorsed_left_ms <= 0) return { words: `Ended at ${until}: the robot does not move until it is renewed.`, tone: "high" };
  if (endorsed_left_ms < ALARM_MS) {
    return { words: `Until ${until}, ${spanWords(endorsed_left_ms)} left. Connect the robot, or renew by hand: fleet robot endorse ${robot.id}.`, tone: "medium" };
  }
  return { words: `Until ${until}, ${spanWords(endorsed_left_ms)} left.`, tone: "normal" };
}

/** @type {Record<string, string>} */
const CAUSES = {
  not_heard: "sent, and not heard: muted, jammed or not endorsed",
  not_sent: "not sent: the radio refused it, or the control loop stood still",
  link_lost: "the safety controller was not heard, so nobody knows",
  ended: "its software ended in order",
  died: "its software died",
  starting: "its software had started and was not heard yet",
};

/**
 * @param {Gap} gap
 * @returns {{ when: string, what: string }}
 */
export function gapWords(gap) {
  const length = secondsWords(gap.to_ms - gap.from_ms);
  const end = gap.open ? "and open at the newest entry" : `to ${timeWords(gap.to_ms)}`;
  const within = gap.energised_ms > 0 || gap.moving_ms > 0 ? `; energised ${secondsWords(gap.energised_ms)} of it, moving ${secondsWords(gap.moving_ms)}` : "; without energy";
  return { when: `${timeWords(gap.from_ms)} ${end}`, what: `${length}: ${CAUSES[gap.cause] ?? gap.cause}${within}` };
}

/**
 * What a day comes to, in one sentence: the figures of `fleet audit disclosure`, to the same digit, so that the two cannot seem to differ.
 * @param {Day} day
 */
export function dayWords(day) {
  const uncovered_ms = day.moving_ms - day.moving_covered_ms;
  const energised = `Energised ${exactWords(day.energised_ms)}, ${exactWords(day.energised_covered_ms)} of it covered by a heard disclosure`;
  const uncovered = uncovered_ms > 0 ? `, ${exactWords(uncovered_ms)} NOT covered` : "";
  const moved = `moving ${exactWords(day.moving_ms)}, ${exactWords(day.moving_covered_ms)} of it covered${uncovered}`;
  const unknown = day.unknown_ms > 0 ? `; unknown for ${exactWords(day.unknown_ms)}` : "";
  return `${energised}; ${moved}${unknown}.`;
}

/**
 * The range that a day's bars are drawn in: from its first stretch to its last.
 * @param {Day} day
 * @returns {{ from_ms: number, to_ms: number }}
 */
export function rangeOf(day) {
  const all = [...day.energised, ...day.moving, ...day.covered, ...day.unknown, ...day.gaps.map((gap) => [gap.from_ms, gap.to_ms])];
  const from_ms = Math.min(...all.map((stretch) => stretch[0] ?? Infinity));
  const to_ms = Math.max(...all.map((stretch) => stretch[1] ?? -Infinity));
  if (!Number.isFinite(from_ms) || !Number.isFinite(to_ms)) return { from_ms: day.begin_ms, to_ms: day.begin_ms + RANGE_MS_MIN };
  return { from_ms, to_ms: Math.max(to_ms, from_ms + RANGE_MS_MIN) };
}

/**
 * @param {Day} day
 * @returns {BarRow[]}
 */
export function rowsOf(day) {
  const range = rangeOf(day);
  const bars = (/** @type {number[][]} */ stretches) => stretches.map((stretch) => barOf(stretch, range));
  const gaps = day.gaps.map((gap) => [gap.from_ms, gap.to_ms]);
  return [
    { name: "Energised", look: "is-energised", bars: bars(day.energised), words: secondsWords(day.energised_ms) },
    { name: "Moving", look: "is-moving", bars: bars(day.moving), words: secondsWords(day.moving_ms) },
    { name: "Covered", look: "is-covered", bars: bars(day.covered), words: secondsWords(day.covered_ms) },
    { name: "Gaps", look: "is-gap", bars: bars(gaps), words: `${gaps.length}` },
  ];
}

/**
 * Times below the bars.
 * @param {Day} day
 */
export function marksOf(day) {
  const { from_ms, to_ms } = rangeOf(day);
  return Array.from({ length: MARKS + 1 }, (_, i) => timeWords(from_ms + ((to_ms - from_ms) * i) / MARKS));
}

/**
 * @param {number[]} stretch
 * @param {{ from_ms: number, to_ms: number }} range
 * @returns {Bar}
 */
function barOf(stretch, range) {
  const scale = 1_000 / (range.to_ms - range.from_ms);
  const x = ((stretch[0] ?? 0) - range.from_ms) * scale;
  const width = Math.max(WIDTH_MIN, ((stretch[1] ?? 0) - (stretch[0] ?? 0)) * scale);
  return { x: Math.min(x, 1_000 - width), width };
}

/**
 * @param {import("../types.js").DisclosureProof[]} journal
 * @param {import("../types.js").LeftOut[]} [contradictions]
 */
export function journalWords(journal, contradictions = []) {
  if (journal.some((epoch) => epoch.chain === "broken" || epoch.signatures === "wrong")) return "The journal does NOT verify: it was changed.";
  const [first] = contradictions.filter(({ left_out }) => left_out !== "last_sign");
  if (first !== undefined) {
    return `The robot's record leaves something out that its safety controller tells (${first.left_out}, ${momentWords(first.at_ms)}): fleet audit disclosure names all of it.`;
  }
  const missing = journal.reduce((sum, epoch) => sum + epoch.missing, 0);
  if (missing > 0) return `${missing} entries of the journal have not arrived yet.`;
  const entries = journal.reduce((sum, epoch) => sum + epoch.entries, 0);
  const signed = journal.every((epoch) => epoch.signatures === "hold") ? ", signed by the robot" : "";
  return `${entries} entries of the journal form one chain${signed}. An auditor checks it with fleet audit disclosure.`;
}

/** @param {number} ms */
function exactWords(ms) {
  return `${(ms / 1_000).toFixed(3)} s`;
}

/** @param {number} ms */
export function secondsWords(ms) {
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : spanWords(ms);
}

const MOMENT = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC", dateStyle: "short", timeStyle: "medium" });

/** @param {number} ms */
function timeWords(ms) {
  return MOMENT.format(ms).slice(11, 19);
}

/** @param {number} ms */
function momentWords(ms) {
  return `${MOMENT.format(ms).slice(0, 16)} UTC`;
}
