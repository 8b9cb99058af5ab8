// @ts-check
/**
 * A task's fields and note as a person edits them here, and the operations that tell the server.
 *
 * A page cannot merge two notes. It sends what was done to the note that it was shown, and the server merges that.
 */

/** @typedef {{ edit: "insert", at: number, text: string } | { edit: "delete", at: number, len: number } | { edit: "check", text: string, done: boolean, at_ms: number }} Edit */
/** @typedef {{ title: string, priority: number, due_ms: number | null }} Fields */
/** @typedef {{ op: "set", field: string, value: string | number | null } | { op: "edit_note", base: string[], edits: Edit[] }} Act */

/**
 * The edits that make `after` of `before`: what lies between their common beginning and their common end is replaced.
 * Places count characters (code points), as the server does.
 * @param {string} before
 * @param {string} after
 * @returns {Edit[]}
 */
export function difference(before, after) {
  const old = [...before];
  const now = [...after];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const gone = old.length - head - tail;
  const come = now.slice(head, now.length - tail).join("");
  /** @type {Edit[]} */
  const edits = [];
  if (gone > 0) edits.push({ edit: "delete", at: head, len: gone });
  if (come !== "") edits.push({ edit: "insert", at: head, text: come });
  return edits;
}

/**
 * The writes of the fields that a person has touched: those that differ from what they were shown, whatever the task has become
 * meanwhile. An empty due time is no hurry.
 * @param {Fields} shown
 * @param {Fields} wanted
 * @returns {Act[]}
 */
export function fieldWrites(shown, wanted) {
  /** @type {Act[]} */
  const writes = [];
  if (wanted.title !== shown.title) writes.push({ op: "set", field: "title", value: wanted.title });
  if (wanted.priority !== shown.priority) writes.push({ op: "set", field: "priority", value: wanted.priority });
  if (minuteOf(wanted.due_ms) !== minuteOf(shown.due_ms)) writes.push({ op: "set", field: "due", value: wanted.due_ms });
  return writes;
}

/**
 * What the fields show after the task has changed: what a person has touched stays, and the rest follows the task.
 * @param {Fields} shown  the task as the fields showed it
 * @param {Fields} wanted  what stands in the fields
 * @param {Fields} task  the task as it is now
 * @returns {Fields}
 */
export function followed(shown, wanted, task) {
  return {
    title: wanted.title === shown.title ? task.title : wanted.title,
    priority: wanted.priority === shown.priority ? task.priority : wanted.priority,
    due_ms: minuteOf(wanted.due_ms) === minuteOf(shown.due_ms) ? task.due_ms : wanted.due_ms,
  };
}

/**
 * A field for times shows minutes; a due time that differs by less was not touched.
 * @param {number | null} ms
 */
function minuteOf(ms) {
  return ms === null ? null : Math.floor(ms / 60_000);
}

/**
 * The body of a request that does all of this once, however often it is sent: an outbox of its own.
 * @param {string} task
 * @param {Act[]} acts
 * @param {(bytes: number) => string} random_hex
 */
export function batchOf(task, acts, random_hex) {
  const ops = acts.map((act, place) => ({ seq: place + 1, id: random_hex(16), task, act }));
  return { client: `web-${random_hex(8)}`, ops };
}

/**
 * What was refused of a batch, in words; nothing when all was done.
 * @param {{ results: { result: string, code?: string, sentence?: string }[] }} answer
 */
export function refusedIn(answer) {
  return answer.results.filter((result) => result.result === "refused").map((result) => `${result.sentence ?? ""} (${result.code ?? ""})`);
}
