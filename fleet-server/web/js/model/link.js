// @ts-check
/**
 * How fresh the server's last word is, and when to try for it again.
 *
 * Leaves to others: the socket itself (`net/feed.js`), the robots' ages (`age.js`).
 */
import { agoWords } from "./age.js";

/** The server sends at least a ping each second: one missed is late. */
export const LINK_LATE_MS = 2_000;
/** After this much silence the socket is closed: a half-open connection would never tell. */
export const LINK_SILENCE_MS = 3_000;
/** After this much silence the page says that it works offline. */
export const LINK_OFFLINE_MS = 4_000;

const BACKOFF_MS_FIRST = 500;
const BACKOFF_MS_MAX = 10_000;

/**
 * @param {number | null} silence_ms  since the server's last message; null before the first
 * @returns {import("../types.js").LinkState}
 */
export function linkState(silence_ms) {
  if (silence_ms === null) return "none";
  if (silence_ms >= LINK_OFFLINE_MS) return "offline";
  return silence_ms >= LINK_LATE_MS ? "late" : "live";
}

/**
 * The words of the link pill; the only place that speaks of the connection.
 * @param {number | null} silence_ms
 */
export function linkWords(silence_ms) {
  switch (linkState(silence_ms)) {
    case "none":
      return "Not connected · server not heard yet";
    case "live":
      return "Live";
    case "late":
      return `Late · last heard ${agoWords(silence_ms)}`;
    case "offline":
      return `Working offline · server last heard ${agoWords(silence_ms)}`;
  }
}

/**
 * How long to wait before the next try: doubling, with full jitter so that many pages do not return in step.
 * @param {number} failures  tries in a row without a word, from 1
 * @param {number} random    0 to 1
 */
export function backoff_ms(failures, random) {
  const ceiling = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_FIRST * 2 ** (failures - 1));
  return Math.round(BACKOFF_MS_FIRST / 2 + random * ceiling);
}
