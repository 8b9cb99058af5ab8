// @ts-check
/**
 * Requests to the server. Every way to fail comes back as a problem for people; none is thrown, none is lost.
 */
import { notAnswered, problemOf } from "../model/problem.js";

/** After this long without an answer the page says that it does not know. */
const ANSWER_MS_MAX = 5_000;

/** @typedef {{ value: any } | { problem: import("../types.js").Problem }} Answer */

/**
 * Reads. Asking again changes nothing.
 * @param {string} path
 * @returns {Promise<Answer>}
 */
export async function get(path) {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const answer = await response.json().catch(() => undefined);
    return response.ok && answer !== undefined ? { value: answer } : { problem: problemOf(response.status, answer) };
  } catch {
    return { problem: notAnswered(true) };
  }
}

/**
 * @param {string} path
 * @param {unknown} [body]        JSON to send; without one the request has no body
 * @param {boolean} [is_repeatable]  sending the same again changes nothing more
 * @returns {Promise<Answer>}
 */
export async function post(path, body, is_repeatable = false) {
  const request = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const response = await fetch(path, { method: "POST", signal: AbortSignal.timeout(ANSWER_MS_MAX), ...request });
    const answer = await response.json().catch(() => undefined);
    return response.ok ? { value: answer } : { problem: problemOf(response.status, answer) };
  } catch {
    return { problem: notAnswered(is_repeatable) };
  }
}
