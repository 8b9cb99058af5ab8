// @ts-check
/**
 * An interlock in words: what is the case, why, and what a person can do.
 *
 * Nothing here can change an interlock, and no sentence may promise that something on this page could.
 * Unknown words of a newer firmware are treated like an open interlock.
 */

/**
 * @typedef {object} InterlockWords
 * @property {boolean} is_closed  motor power is on: the only case in which the robot may move
 * @property {boolean} needs_person  only a person at the robot ends it
 * @property {import("../types.js").Tone} tone
 * @property {string} short       for a table
 * @property {string} sentence    what is the case
 * @property {string} what_to_do  what a person can do, or that nothing is needed
 */

const PERSON_ONLY = "Only a person at the robot can undo this";

/** Why the power was taken away, as the end of "Stopped: …". */
const CAUSES = new Map([
  ["power_up", "the robot was switched on, and always starts stopped"],
  ["button", "its button was pressed"],
  ["discrepancy", "the two channels of its button disagreed"],
  ["mirror", "a relay did not follow"],
  ["stop_latched", "its software asked for a stop that needs a person"],
  ["stop", "its software asked for a stop"],
  ["heartbeat", "its software was silent"],
  ["beacon", "it was not heard to say that it is a machine"],
  ["link", "the link to its software had too many errors"],
  ["session", "its software started anew"],
  ["standby_timeout", "it had paused for too long"],
  ["too_many_returns", "it had paused and returned too often"],
]);

/** @param {string} cause */
export function causeWords(cause) {
  return CAUSES.get(cause) ?? "for a reason this page does not know";
}

/** @type {InterlockWords} */
const UNKNOWN = {
  is_closed: false,
  needs_person: false,
  tone: "unknown",
  short: "Interlock unknown",
  sentence: "Nobody has reported this robot's interlock.",
  what_to_do: "Treat it as open, and the robot as one that may move.",
};

/**
 * @param {import("../types.js").Interlock} interlock
 * @returns {InterlockWords}
 */
function released(interlock) {
  if (interlock.cause === "button") {
    return open("medium", true, "Reset, waits for clearance", "A safety officer has to clear it: fleet robot clear, or at the robot.", interlock);
  }
  return open("medium", false, "Reset, motors still off", "The robot switches on by itself when it is ready.", interlock);
}

/**
 * @param {import("../types.js").Interlock | null} interlock
 * @returns {InterlockWords}
 */
export function interlockWords(interlock) {
  if (interlock === null) return UNKNOWN;
  switch (interlock.phase) {
    case "energised":
      return closed();
    case "tripped":
      return tripped(interlock.cause);
    case "reset_armed":
      return open(stoppedTone(interlock.cause), true, "Stopped, ready for reset", `${PERSON_ONLY}: press and let go of reset.`, interlock);
    case "reset_pressed":
      return open(stoppedTone(interlock.cause), true, "Reset is being pressed", "A person at the robot is resetting it.", interlock);
    case "released":
      return released(interlock);
    case "stopping":
      return open("medium", false, "Stopping", "It lowers itself, then its motors go off.", interlock);
    case "standby":
      return open("medium", false, "Paused by itself", "It returns by itself when the cause is gone, for example when its disclosure is heard again. If it does not, somebody has to look.", interlock);
    case "locked":
      return open("high", true, "Locked by a fault", `${PERSON_ONLY}: find the fault, then switch the power off and on.`, interlock);
    default:
      return UNKNOWN;
  }
}

/**
 * The start of a shift is expected; every other stop that needs a person is loud until the reset.
 * @param {string} cause
 * @returns {import("../types.js").Tone}
 */
function stoppedTone(cause) {
  return cause === "power_up" ? "medium" : "high";
}

/** @returns {InterlockWords} */
function closed() {
  return {
    is_closed: true,
    needs_person: false,
    tone: "normal",
    short: "Closed",
    sentence: "Closed: motor power is on and the robot may move.",
    what_to_do: "Its own button stops it.",
  };
}

/**
 * @param {string} cause
 * @returns {InterlockWords}
 */
function tripped(cause) {
  const interlock = { cause };
  if (cause === "button") {
    return open(stoppedTone(cause), true, "Stopped by its button", `${PERSON_ONLY}: release the button, then press reset.`, interlock);
  }
  if (cause === "power_up") {
    const what_to_do = `${PERSON_ONLY}: press and release the button once as a test, then press reset.`;
    return open(stoppedTone(cause), true, "Not reset yet", what_to_do, interlock);
  }
  return open(stoppedTone(cause), true, "Stopped", `${PERSON_ONLY}: find the cause, then press reset.`, interlock);
}

/**
 * @param {import("../types.js").Tone} tone
 * @param {boolean} needs_person
 * @param {string} short
 * @param {string} what_to_do
 * @param {{ cause: string }} interlock
 * @returns {InterlockWords}
 */
function open(tone, needs_person, short, what_to_do, { cause }) {
  const sentence = cause === "button" && short === "Stopped by its button" ? `${short}.` : `${short}: ${causeWords(cause)}.`;
  return { is_closed: false, needs_person, tone, short, sentence, what_to_do };
}
