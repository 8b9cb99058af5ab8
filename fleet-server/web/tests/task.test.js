import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft, missingIn, uuid7, wishOf } from "../js/model/draft.js";
import { byTaskOrder, matches, mayBeOnRobot, remarkOf, STATE_WORDS, stateSentence } from "../js/model/task.js";
import { taskOf } from "./made.js";

const STATES = ["queued", "assigned", "dispatched", "accepted", "running", "held", "blocked", "done", "failed", "cancelled"];

test("every state has a word and a sentence", () => {
  for (const state of STATES) {
    assert.ok(STATE_WORDS[state], state);
    assert.ok(stateSentence(taskOf({ state, robot: "r-2" })).endsWith("."), state);
  }
});

test("only what a robot has acknowledged is called confirmed", () => {
  assert.match(stateSentence(taskOf({ state: "dispatched", robot: "r-2" })), /not confirmed/);
  assert.match(stateSentence(taskOf({ state: "assigned", robot: "r-2" })), /knows nothing of it/);
});

test("only a task that no robot can know of may be given to another", () => {
  assert.deepEqual(STATES.filter((state) => mayBeOnRobot(taskOf({ state }))), ["dispatched", "accepted", "running", "held", "blocked"]);
});

test("a silent robot's task goes on from its own copy, and says so", () => {
  const running = taskOf({ state: "running", robot: "r-2" });
  assert.equal(remarkOf(running, 100), "");
  assert.equal(remarkOf(running, 120_000), "r-2 not heard for 2 min: it continues from its own copy");
  assert.match(remarkOf(taskOf({ state: "assigned", robot: "r-2" }), null), /will get it when it is heard/);
  assert.match(remarkOf(taskOf({ state: "running", robot: "r-2", cancel_wanted: true }), 100), /has not confirmed/);
  assert.equal(remarkOf(taskOf({ state: "done", robot: "r-2" }), 120_000), "", "what has ended is not in doubt");
});

test("attention first, then the running, the waiting by priority, and the newest of the ended", () => {
  const tasks = [
    taskOf({ code: "T-00001", state: "done" }),
    taskOf({ code: "T-00002", state: "done" }),
    taskOf({ code: "T-00003", state: "queued", priority: 4 }),
    taskOf({ code: "T-00004", state: "queued", priority: 1 }),
    taskOf({ code: "T-00005", state: "running" }),
    taskOf({ code: "T-00006", state: "held" }),
  ];
  const order = tasks.sort(byTaskOrder).map((task) => task.code.slice(-1));
  assert.deepEqual(order, ["6", "5", "4", "3", "2", "1"]);
});

test("the filter finds every word in any place", () => {
  const task = taskOf({ state: "held", robot: "r-2", why: { code: "FLT-1405", sentence: "It waits.", what_to_do: "" } });
  for (const filter of ["", "  ", "mill", "R-2 held", "t-00001", "cell-a machine", "flt-1405"]) assert.ok(matches(task, filter), filter);
  assert.ok(!matches(task, "mill r-3"));
});

test("the same wish is sent under the same id, another wish under another", () => {
  let made = 0;
  const draft = new Draft(() => String((made += 1)));
  const wish = { title: "a", kind: "inspection", zone: "z", priority: 3 };
  const first = draft.body(wish).id;
  assert.equal(draft.body({ ...wish }).id, first, "sent again after no answer");
  assert.notEqual(draft.body({ ...wish, title: "b" }).id, first);
  const last = draft.id;
  draft.renew();
  assert.notEqual(draft.id, last);
});

test("a wish has only what was chosen", () => {
  const fields = { title: " Look ", kind: "inspection", zone: "a", from: "b", priority: "2", robot: "" };
  assert.deepEqual(wishOf((name) => fields[name]), { title: "Look", kind: "inspection", zone: "a", priority: 2 });
  assert.equal(missingIn({ title: "", kind: "inspection", zone: "a", priority: 3 })?.field, "title");
  assert.equal(missingIn({ title: "x", kind: "kitting", zone: "a", priority: 3 })?.field, "from");
  assert.equal(missingIn({ title: "x", kind: "charging", zone: "a", priority: 3 }), null);
});

test("an id has the form and the time of version 7", () => {
  const id = uuid7(1_795_000_000_000, new Uint8Array(10).fill(255));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), 1_795_000_000_000);
});
