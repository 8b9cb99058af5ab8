// What a page makes of a person's typing before the server merges it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf, difference, fieldWrites, followed, refusedIn } from "../js/model/note.js";

/** What the server makes of it. */
function edited(text, edits) {
  const characters = [...text];
  for (const edit of edits) {
    if (edit.edit === "insert") characters.splice(edit.at, 0, ...edit.text);
    else characters.splice(edit.at, edit.len);
  }
  return characters.join("");
}

test("the difference makes one text of the other, counted in characters", () => {
  const texts = ["", "kit", "kit 7", "blue kit", "blau 🟦 kit", "🟦🟦", "aaa", "aa", "bab"];
  for (const before of texts) for (const after of texts) assert.equal(edited(before, difference(before, after)), after);
  assert.deepEqual(difference("a🟦c", "a🟦xc"), [{ edit: "insert", at: 2, text: "x" }]);
  assert.deepEqual(difference("same", "same"), []);
});

test("only the fields that differ are written", () => {
  const task = { title: "Look", priority: 3, due_ms: 1_795_000_030_000 };
  assert.deepEqual(fieldWrites(task, { title: "Look", priority: 3, due_ms: 1_794_999_960_000 + 60_000 }), []);
  const writes = fieldWrites(task, { title: "See", priority: 1, due_ms: null });
  assert.deepEqual(writes.map((write) => [write.field, write.value]), [["title", "See"], ["priority", 1], ["due", null]]);
});

test("what a person has touched stays, and the rest follows the task", () => {
  const shown = { title: "Look", priority: 3, due_ms: null };
  const task = { title: "The robot's", priority: 4, due_ms: 60_000 };
  assert.deepEqual(followed(shown, shown, task), task);
  const wanted = { title: "Mine", priority: 1, due_ms: 120_000 };
  assert.deepEqual(followed(shown, wanted, task), wanted);
  assert.deepEqual(followed(shown, { ...shown, priority: 1 }, task), { title: "The robot's", priority: 1, due_ms: 60_000 });
  assert.deepEqual(fieldWrites(task, followed(shown, { ...shown, priority: 1 }, task)).map((write) => write.field), ["priority"]);
});

test("a batch is an outbox of its own, numbered from one", () => {
  let drawn = 0;
  const batch = batchOf("t", [{ op: "set", field: "title", value: "a" }, { op: "set", field: "priority", value: 1 }], (count) => String((drawn += 1)).repeat(count));
  assert.deepEqual(batch.ops.map((op) => op.seq), [1, 2]);
  assert.equal(new Set(batch.ops.map((op) => op.id)).size, 2);
  assert.match(batch.client, /^web-[a-z0-9]+$/);
  assert.deepEqual(refusedIn({ results: [{ result: "done" }, { result: "refused", code: "FLT-1202", sentence: "Sent." }] }), ["Sent. (FLT-1202)"]);
});
