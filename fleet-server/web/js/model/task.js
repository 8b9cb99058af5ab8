// @ts-check
/**
 * A task in words, in order and in a filter.
 *
 * Leaves to others: the reasons' sentences, which the server sends.
 */
import { hearingOf, spanWords } from "./age.js";

/** @typedef {import("../types.js").Task} Task */

/** @type {Record<import("../types.js").TaskKind, string>} */
export const KIND_WORDS = {
  kitting: "Kitting",
  machine_tending: "Machine tending",
  inspection: "Inspection",
  charging: "Charging",
};

/** @type {Record<import("../types.js").TaskState, string>} */
export const STATE_WORDS = {
  queued: "Queued",
  assigned: "Assigned",
  dispatched: "Sent",
  accepted: "Accepted",
  running: "Running",
  held: "Held",
  blocked: "Blocked",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** Attention first, then nearest to the floor, then what has ended. */
const STATE_ORDER = ["held", "blocked", "failed", "running", "accepted", "dispatched", "assigned", "queued", "done", "cancelled"];

/** @param {Task} task */
export function hasEnded(task) {
  return task.state === "done" || task.state === "failed" || task.state === "cancelled";
}

/**
 * Whether the order may already be known to its robot, so that only the robot can give it up.
 * @param {Task} task
 */
export function mayBeOnRobot(task) {
  return !hasEnded(task) && task.state !== "queued" && task.state !== "assigned";
}

/** @param {Task} task */
export function needsAttention(task) {
  return task.state === "held" || task.state === "blocked" || task.state === "failed";
}

/**
 * @param {Task} task
 * @returns {import("../types.js").Tone}
 */
export function taskTone(task) {
  return needsAttention(task) ? "medium" : "normal";
}

/**
 * The state with its robot: "Sent to r-2, not confirmed yet".
 * @param {Task} task
 */
export function stateSentence(task) {
  const robot = task.robot ?? "no robot";
  switch (task.state) {
    case "queued":
      return "No robot has it.";
    case "assigned":
      return `Meant for ${robot}, which knows nothing of it yet.`;
    case "dispatched":
      return `Sent to ${robot}, which has not confirmed it yet.`;
    case "accepted":
      return `${robot} has confirmed that it holds the order.`;
    case "running":
      return `${robot} has begun; ${task.steps_done} of ${task.steps} steps are finished.`;
    case "held":
      return `${robot} has begun, and waits for a person.`;
    case "blocked":
      return `${robot} has begun, and cannot go on.`;
    case "done":
      return task.late ? `${robot} finished it, late.` : `${robot} finished it.`;
    case "failed":
      return `${robot} gave it up.`;
    case "cancelled":
      return "A person withdrew it.";
  }
}

/**
 * What is worth a remark beside the state, or nothing.
 * @param {Task} task
 * @param {number | null | undefined} robot_age_ms  age of its robot's last word; undefined when it has none
 */
export function remarkOf(task, robot_age_ms) {
  if (hasEnded(task)) return task.late ? "late" : "";
  if (task.cancel_wanted) return `cancel wanted, ${task.robot ?? "robot"} has not confirmed`;
  if (robot_age_ms === undefined || task.robot === null) return "";
  return silenceRemark(task, task.robot, robot_age_ms);
}

/**
 * @param {Task} task
 * @param {string} robot
 * @param {number | null} age_ms
 */
function silenceRemark(task, robot, age_ms) {
  const hearing = hearingOf(age_ms);
  if (hearing === "live" || hearing === "late") return "";
  const silence = age_ms === null ? `${robot} not heard since the server started` : `${robot} not heard for ${spanWords(age_ms)}`;
  return mayBeOnRobot(task) ? `${silence}: it continues from its own copy` : `${silence}: will get it when it is heard`;
}

/** @param {Task} task */
export function stepsWords(task) {
  return task.steps === 0 ? "" : `${task.steps_done}/${task.steps} steps`;
}

/**
 * From where to where, with the zones' titles.
 * @param {Task} task
 * @param {(zone: string) => string} title_of
 */
export function routeWords(task, title_of) {
  return task.from === null ? title_of(task.zone) : `${title_of(task.from)} → ${title_of(task.zone)}`;
}

/**
 * @param {Task} a
 * @param {Task} b
 */
export function byTaskOrder(a, b) {
  const by_state = STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state);
  if (by_state !== 0) return by_state;
  if (hasEnded(a)) return compare(b.code, a.code);
  return a.priority - b.priority || compare(a.code, b.code);
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Whether every word of the filter occurs in what a person reads of the task.
 * @param {Task} task
 * @param {string} filter
 */
export function matches(task, filter) {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return true;
  const robot = task.robot ?? "no robot";
  const why = task.why === null ? "" : `${task.why.code} ${task.why.sentence}`;
  const text = `${task.code} ${task.title} ${KIND_WORDS[task.kind]} ${task.zone} ${task.from ?? ""} ${robot} ${STATE_WORDS[task.state]} ${why}`;
  const low = text.toLowerCase();
  return words.every((word) => low.includes(word));
}
