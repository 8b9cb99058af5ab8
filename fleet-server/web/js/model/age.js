// @ts-check
/**
 * How old a word is, and how that is said.
 *
 * Terms: an age is in milliseconds; `null` means that nothing was ever heard.
 * Leaves to others: reading a clock (`clock.js`).
 */

/** From this age on a robot is late, and never shown as live. */
export const LATE_MS = 5_000;
/** From this age on a robot counts as not heard. */
export const NOT_HEARD_MS = 30_000;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * The age now of something that was `sent_age_ms` old when it was received.
 * A reading before the receipt counts as the receipt: an age never shrinks below what the server said.
 * @param {number | null} sent_age_ms
 * @param {number} received_ms
 * @param {number} now_ms
 * @returns {number | null}
 */
export function ageNow(sent_age_ms, received_ms, now_ms) {
  if (sent_age_ms === null) return null;
  return Math.max(0, sent_age_ms) + Math.max(0, now_ms - received_ms);
}

/**
 * How fresh a robot's word of that age is.
 * @param {number | null} age_ms
 * @returns {import("../types.js").Hearing}
 */
export function hearingOf(age_ms) {
  if (age_ms === null) return "never";
  if (age_ms >= NOT_HEARD_MS) return "not_heard";
  return age_ms >= LATE_MS ? "late" : "live";
}

/**
 * A span in words, rounded down: "12 s", "3 min", "2 h", "4 days".
 * Seconds go up to two minutes, because at a stopped robot the second minute is still counted in seconds.
 * @param {number} span_ms
 */
export function spanWords(span_ms) {
  if (span_ms < 2 * MINUTE_MS) return `${Math.floor(span_ms / SECOND_MS)} s`;
  if (span_ms < 2 * HOUR_MS) return `${Math.floor(span_ms / MINUTE_MS)} min`;
  if (span_ms < 2 * DAY_MS) return `${Math.floor(span_ms / HOUR_MS)} h`;
  return `${Math.floor(span_ms / DAY_MS)} days`;
}

/**
 * "now", "12 s ago", "never".
 * @param {number | null} age_ms
 */
export function agoWords(age_ms) {
  if (age_ms === null) return "never";
  return age_ms < 2 * SECOND_MS ? "now" : `${spanWords(age_ms)} ago`;
}

/**
 * What is added to a value that is not fresh: "as of 12 s ago", or nothing while it is.
 * @param {number | null} age_ms
 * @param {import("../types.js").Hearing} hearing
 */
export function asOfWords(age_ms, hearing) {
  return age_ms === null || hearing === "live" ? "" : `as of ${agoWords(age_ms)}`;
}
