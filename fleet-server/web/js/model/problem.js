// @ts-check
/**
 * Refusals and failures as an operator reads them: a title, a code, what to do. Nothing is swallowed: an answer that
 * cannot be read becomes a problem too.
 */

/** @typedef {import("../types.js").Problem} Problem */

/**
 * The problem in an answer's body, or one that says that the body was not to be read.
 * @param {number} status
 * @param {unknown} body  parsed JSON, or undefined when it was none
 * @returns {Problem}
 */
export function problemOf(status, body) {
  const fields = typeof body === "object" && body !== null ? /** @type {Record<string, unknown>} */ (body) : {};
  const title = text(fields["title"]) ?? `The server answered with status ${status}.`;
  const detail = text(fields["detail"]) ?? "";
  const field = text(fields["field"]);
  return {
    title,
    status,
    detail: detail === title ? "" : detail,
    code: text(fields["code"]) ?? `HTTP ${status}`,
    what_to_do: text(fields["what_to_do"]) ?? "Try again. If it stays, tell whoever looks after the server.",
    ...(field === undefined ? {} : { field }),
  };
}

/**
 * The page refuses to send, because the server is not heard. Nothing is queued in this version, and it says so.
 * @param {string} what  what was wanted, as a noun
 * @returns {Problem}
 */
export function notConnected(what) {
  return {
    title: `Not sent: the server is not heard, so ${what} was not passed on.`,
    status: 0,
    detail: "This version keeps no queue of changes. Nothing was stored and nothing will be sent later.",
    code: "PAGE-OFFLINE",
    what_to_do: "Wait until the mark at the top says Live, then do it again.",
  };
}

/**
 * The request went out and no answer came: nobody here knows whether it took effect.
 * @param {boolean} is_repeatable  sending the same again changes nothing more
 * @returns {Problem}
 */
export function notAnswered(is_repeatable) {
  return {
    title: "No answer came. It is not known whether the server took it.",
    status: 0,
    detail: "",
    code: "PAGE-NO-ANSWER",
    is_unsettled: true,
    what_to_do: is_repeatable
      ? "Send it again without a change: it takes effect once."
      : "Wait until the mark at the top says Live and look at the list before doing it again.",
  };
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" && value !== "" ? value : undefined;
}
