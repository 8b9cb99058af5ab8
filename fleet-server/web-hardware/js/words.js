// @ts-check
/** The panel's positions, causes and processes in words. Pure. */

/** @typedef {import("./types.js").Hardware} Hardware */

/** @type {Record<string, string>} */
const PHASES = {
  tripped: "Stopped",
  reset_armed: "Stopped, reset may be pressed",
  reset_pressed: "Reset is pressed",
  released: "Reset, motors still off",
  energised: "On: the robot may move",
  stopping: "Stopping",
  standby: "Paused by itself",
  locked: "Locked by a fault",
};

/** @type {Record<string, string>} */
const CAUSES = {
  power_up: "the power came on",
  button: "the button was pressed",
  discrepancy: "the button's two channels disagreed",
  mirror: "a relay did not follow",
  stop_latched: "the software asked for a stop that needs a person",
  stop: "the software asked for a stop",
  heartbeat: "the software was silent",
  beacon: "the robot was not heard to say that it is a machine",
  link: "the link to the software had too many errors",
  session: "the software started anew",
  standby_timeout: "it had paused for too long",
  too_many_returns: "it paused and returned too often",
};

/** @param {string | undefined} phase */
export function phaseWords(phase) {
  return phase === undefined ? "Unknown" : (PHASES[phase] ?? phase);
}

/** @param {Hardware} robot */
export function causeWords(robot) {
  if (robot.cause === undefined) return "Unknown";
  const number = robot.trip_epoch === undefined ? "" : `Number ${robot.trip_epoch}: `;
  return `${number}${CAUSES[robot.cause] ?? robot.cause}`;
}

/** The four lamps of the panel, in order, with what each means. */
export const LAMPS = [
  { colour: "red", words: "stopped" },
  { colour: "blue", words: "reset" },
  { colour: "yellow", words: "off" },
  { colour: "green", words: "may move" },
];

/** @param {import("./types.js").Life | undefined} life */
export function lifeWords(life) {
  if (life === undefined) return "unknown";
  const starts = life.starts === 1 ? "started once" : `started ${life.starts} times`;
  return life.state === "up" ? `process ${life.pid}, ${starts}` : `down, ${starts}`;
}

/** @param {Hardware} robot */
export function networkWords(robot) {
  return robot.network === "cut" ? "Network cut: silence both ways" : "Network up";
}

/** What can be done to the receiver, and how it is then. @type {Record<string, string>} */
const SPOILED = {
  mute: "Receiver muted: it does not hear its own robot",
  jam: "Receiver jammed: all that it hears is spoiled by noise",
  delay: "Receiver delayed: it hears its own robot seconds late, which does not count",
};

/** @param {Hardware} robot */
export function hasSpoiledRadio(robot) {
  return SPOILED[robot.defect ?? ""] !== undefined;
}

/**
 * The receiver of the robot's own safety controller.
 * @param {Hardware} robot
 */
export function radioWords(robot) {
  if (robot.defect === undefined) return "Receiver unknown";
  return SPOILED[robot.defect] ?? "Receiver up";
}

/** @param {Hardware} robot */
export function handWords(robot) {
  if (robot.pressed_by === "visitor") return "Pressed here: only you undo it, release and then reset.";
  if (robot.pressed_by === "person" || robot.pressed_by === "script") return "The demo's scripted person is at this panel.";
  return "";
}

/**
 * @param {boolean | undefined} value
 * @param {string} yes
 * @param {string} no
 */
export function yesNo(value, yes, no) {
  if (value === undefined) return "Unknown";
  return value ? yes : no;
}

/**
 * How old the last answer of the supervisor is.
 * @param {number | null} silence_ms
 */
export function heardWords(silence_ms) {
  if (silence_ms === null) return "The demo was not heard yet";
  return silence_ms < 2_000 ? "Live" : `The demo does not answer · last heard ${Math.floor(silence_ms / 1_000)} s ago`;
}

/**
 * A refusal in two sentences and a code; an answer that cannot be read is one too.
 * @param {number} status
 * @param {any} body
 */
export function problemLines(status, body) {
  const title = typeof body?.title === "string" ? body.title : `The demo answered with status ${status}.`;
  const detail = typeof body?.detail === "string" ? body.detail : "";
  const todo = typeof body?.what_to_do === "string" ? body.what_to_do : "Try again.";
  const code = typeof body?.code === "string" ? body.code : `HTTP ${status}`;
  return [title, detail, `${todo} (${code})`].filter((line) => line !== "");
}
