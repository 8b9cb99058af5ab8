// @ts-check
/**
 * A robot as the page shows it: what is true, how old that is, and how loudly to say it.
 *
 * Rule: unknown is a state with an age. A late robot keeps its last values, each with "as of …", and is drawn hollow.
 * Leaves to others: drawing (`view/`), the interlock's words (`interlock.js`).
 */
import { agoWords, asOfWords, hearingOf, spanWords } from "./age.js";
import { unheardFor } from "./disclosure.js";
import { interlockWords } from "./interlock.js";

/** @typedef {import("../types.js").Robot} Robot */
/** @typedef {import("../types.js").Tone} Tone */

/** A battery below this is worth a remark. */
const BATTERY_LOW_PERMILLE = 200;
/** A battery below this wants a person to decide. */
const BATTERY_SHORT_PERMILLE = 100;

/** @typedef {"arrow" | "dot" | "square" | "hollow_circle" | "hollow_square"} Shape */

/**
 * @typedef {object} Sight
 * @property {Robot} robot
 * @property {number | null} age_ms
 * @property {import("../types.js").Hearing} hearing
 * @property {Shape} shape
 * @property {Tone} tone
 * @property {string} heard     "now", "8 s ago", "not since the server started"
 * @property {string} as_of     what to add to each value while it is not fresh: "as of 12 s ago"
 * @property {string} headline  the one thing to know, in a few words
 * @property {string} brief     the same in a word or two, or nothing when all is normal
 * @property {number} rank      for sorting: 0 wants attention most
 */

/**
 * @param {Robot} robot
 * @param {number | null} age_ms     age of its last word now
 * @param {boolean} is_moving        its position changes
 * @param {boolean} is_link_offline  the server is not heard: nothing is shown as live
 * @returns {Sight}
 */
export function sightOf(robot, age_ms, is_moving, is_link_offline) {
  const measured = hearingOf(age_ms);
  const hearing = measured === "live" && is_link_offline ? "late" : measured;
  const interlock = interlockWords(robot.interlock);
  const tone = toneOf(robot, hearing, interlock.tone);
  return {
    robot,
    age_ms,
    hearing,
    shape: shapeOf(hearing, robot.interlock !== null, interlock.is_closed, is_moving),
    tone,
    heard: agoWords(age_ms),
    as_of: asOfWords(age_ms, hearing),
    headline: headlineOf(robot, hearing, age_ms, is_moving),
    brief: briefOf(robot, hearing, age_ms),
    rank: rankOf(robot, hearing, tone),
  };
}

/**
 * @param {import("../types.js").Hearing} hearing
 * @param {boolean} is_known   its interlock was ever reported
 * @param {boolean} is_closed
 * @param {boolean} is_moving
 * @returns {Shape}
 */
function shapeOf(hearing, is_known, is_closed, is_moving) {
  if (hearing !== "live") return is_known && !is_closed ? "hollow_square" : "hollow_circle";
  if (!is_known) return "hollow_square";
  if (!is_closed) return "square";
  return is_moving ? "arrow" : "dot";
}

/**
 * @param {Robot} robot
 * @param {import("../types.js").Hearing} hearing
 * @param {Tone} interlock
 * @returns {Tone}
 */
function toneOf(robot, hearing, interlock) {
  if (hearing !== "live") return "unknown";
  if (interlock !== "normal") return interlock;
  if (robot.awaits_person) return "medium";
  return batteryTone(robot.battery_permille);
}

/**
 * @param {number | null} permille
 * @returns {Tone}
 */
export function batteryTone(permille) {
  if (permille === null || permille >= BATTERY_LOW_PERMILLE) return "normal";
  return permille < BATTERY_SHORT_PERMILLE ? "medium" : "low";
}

/**
 * @param {Robot} robot
 * @param {import("../types.js").Hearing} hearing
 * @param {number | null} age_ms
 * @param {boolean} is_moving
 */
function headlineOf(robot, hearing, age_ms, is_moving) {
  if (hearing === "never") return "not since the server started";
  if (hearing === "not_heard") return `not heard ${spanWords(age_ms ?? 0)}`;
  if (hearing === "late") return `late ${spanWords(age_ms ?? 0)}`;
  const interlock = interlockWords(robot.interlock);
  const unheard_ms = unheardFor(robot, age_ms);
  if (unheard_ms !== null) return `has not disclosed for ${spanWords(unheard_ms)}`;
  if (!interlock.is_closed) return lowerFirst(interlock.short);
  if (robot.awaits_person) return "waits for a person";
  if (batteryTone(robot.battery_permille) !== "normal") return `battery ${batteryWords(robot.battery_permille)}`;
  return is_moving ? "moving" : "idle";
}

/**
 * @param {Robot} robot
 * @param {import("../types.js").Hearing} hearing
 * @param {number | null} age_ms
 */
function briefOf(robot, hearing, age_ms) {
  if (hearing !== "live") return age_ms === null ? "not since the server started" : agoWords(age_ms);
  if (robot.interlock === null) return "unknown";
  if (!interlockWords(robot.interlock).is_closed) return "stopped";
  if (robot.awaits_person) return "waits";
  return batteryTone(robot.battery_permille) === "normal" ? "" : batteryWords(robot.battery_permille);
}

/**
 * @param {Robot} robot
 * @param {import("../types.js").Hearing} hearing
 * @param {Tone} tone
 */
function rankOf(robot, hearing, tone) {
  if (tone === "high") return 0;
  if (hearing === "live" && robot.awaits_person) return 1;
  if (hearing === "not_heard") return 2;
  if (tone === "medium") return 3;
  if (hearing === "late" || tone === "unknown") return 4;
  return hearing === "never" ? 5 : 6;
}

/**
 * Needs attention first, then by name with numbers in counting order.
 * @param {Sight} a
 * @param {Sight} b
 */
export function bySightOrder(a, b) {
  return a.rank - b.rank || byName(a.robot.id, b.robot.id);
}

const NAMES = new Intl.Collator("en", { numeric: true });

/**
 * @param {string} a
 * @param {string} b
 */
export function byName(a, b) {
  return NAMES.compare(a, b);
}

/**
 * Why a robot that waits cannot be asked to go on now, or nothing. The server and the robot decide again.
 * @param {Sight} sight
 */
export function resumeRefusal({ robot, hearing, age_ms }) {
  if (hearing === "never") return `${robot.id} was not heard since the server started and cannot be asked now. Go to the robot.`;
  if (hearing === "not_heard") return `${robot.id} was not heard for ${spanWords(age_ms ?? 0)} and cannot be asked now. Go to the robot.`;
  const interlock = interlockWords(robot.interlock);
  return interlock.needs_person ? `This comes after the reset. ${interlock.what_to_do}` : "";
}

/** @param {number | null} permille */
export function batteryWords(permille) {
  return permille === null ? "unknown" : `${Math.floor(permille / 10)} %`;
}

/**
 * What the robot works on.
 * @param {Robot} robot
 */
export function workWords(robot) {
  if (robot.task === null) return "No task";
  if (robot.step === null || robot.steps === null) return robot.task;
  return `${robot.task} · ${Math.min(robot.step + 1, robot.steps)}/${robot.steps}`;
}

/**
 * What waits on the robot for the server, and in the server for the robot.
 * @param {Robot} robot
 */
export function queueWords(robot) {
  const behind = Math.max(0, robot.feed_head - robot.cursor);
  const copy = behind > 0 ? `its copy is ${behind} behind (${robot.cursor} of ${robot.feed_head})` : `its copy is up to date (${robot.cursor})`;
  const remark = behind > 0 ? `copy ${behind} behind` : "";
  return { up: `${robot.unacked} entries wait for the server`, copy, remark, numbers: `${robot.unacked} / ${robot.cursor}` };
}

/**
 * The zone a point lies in, or its distances east and north of the hall's corner.
 * @param {import("../types.js").Point | null} at
 * @param {import("../types.js").Hall | null} hall
 */
export function placeWords(at, hall) {
  if (at === null) return "unknown";
  const zone = hall?.zones.find((z) => isBetween(at.x_cm, z.from.x_cm, z.to.x_cm) && isBetween(at.y_cm, z.from.y_cm, z.to.y_cm));
  const metres = `${(at.x_cm / 100).toFixed(1)} m, ${(at.y_cm / 100).toFixed(1)} m`;
  return zone === undefined ? metres : zone.title;
}

/**
 * @param {number} value
 * @param {number} a
 * @param {number} b
 */
function isBetween(value, a, b) {
  return value >= Math.min(a, b) && value <= Math.max(a, b);
}

/**
 * A robot in a list to choose from, with what speaks against it.
 * @param {Sight} sight
 */
export function choiceWords(sight) {
  const { robot, age_ms } = sight;
  if (sight.hearing === "never") return `${robot.id} · not heard since the server started: will get it when it is heard`;
  if (sight.hearing !== "live") return `${robot.id} · last heard ${agoWords(age_ms)}: will get it when it is heard`;
  const interlock = interlockWords(robot.interlock);
  const state = interlock.is_closed ? `battery ${batteryWords(robot.battery_permille)}` : lowerFirst(interlock.short);
  return `${robot.id} · ${state} · ${robot.task === null ? "no task" : `on ${robot.task}`}`;
}

/**
 * Free and fit robots first, unreachable ones last.
 * @param {Sight} a
 * @param {Sight} b
 */
export function byChoiceOrder(a, b) {
  return choiceRank(a) - choiceRank(b) || byName(a.robot.id, b.robot.id);
}

/** @param {Sight} sight */
function choiceRank(sight) {
  if (sight.hearing !== "live") return 3;
  if (!interlockWords(sight.robot.interlock).is_closed) return 2;
  return sight.robot.task === null ? 0 : 1;
}

/**
 * The counts in the page's head: only what is not normal.
 * @param {Sight[]} sights
 * @returns {{ tone: Tone, shape: Shape | undefined, words: string }[]}
 */
export function summaryOf(sights) {
  const count = (/** @type {(s: Sight) => boolean} */ test) => sights.filter(test).length;
  const is_open = (/** @type {Sight} */ s) => s.hearing === "live" && !interlockWords(s.robot.interlock).is_closed;
  /** @type {[Tone, number, string, Shape?][]} */
  const rows = [
    ["high", count((s) => is_open(s) && s.tone === "high"), "stopped", "square"],
    ["medium", count((s) => is_open(s) && s.tone !== "high"), "interlock open", "square"],
    ["medium", count((s) => s.hearing === "live" && !is_open(s) && s.robot.awaits_person), "waiting"],
    ["unknown", count((s) => s.hearing === "not_heard" || s.hearing === "never"), "not heard"],
    ["unknown", count((s) => s.hearing === "late"), "late"],
  ];
  return rows.filter(([, n]) => n > 0).map(([tone, n, words, shape]) => ({ tone, shape, words: `${n} ${words}` }));
}

/** @param {string} text */
function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

