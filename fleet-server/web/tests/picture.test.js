import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff_ms, linkState, linkWords } from "../js/model/link.js";
import { Picture } from "../js/model/picture.js";
import { notAnswered, notConnected, problemOf } from "../js/model/problem.js";
import { SteadyOrder } from "../js/model/steady.js";
import { Track } from "../js/model/track.js";
import { robotOf, taskOf } from "./made.js";

const hall = { title: "Hall", size: { x_cm: 1_000, y_cm: 500 }, zones: [] };
const hello = (robots, tasks = []) => ({ type: "hello", rev: 1, epoch: "e", hall, robots, tasks });

test("silence keeps the picture, lets ages grow and turns nothing normal", () => {
  const picture = new Picture();
  picture.apply(hello([robotOf({ heard_age_ms: 200 })], [taskOf({})]), 1_000);
  assert.equal(picture.sights(1_500)[0]?.hearing, "live");
  assert.equal(picture.ageOf("r-1", 61_000), 60_200);
  assert.equal(picture.sights(61_000)[0]?.hearing, "not_heard");
  assert.equal(picture.tasks.size, 1);
});

test("a ping keeps the link live and makes no robot younger", () => {
  const picture = new Picture();
  picture.apply(hello([robotOf({ heard_age_ms: 0 })]), 0);
  picture.apply({ type: "ping", rev: 1 }, 10_000);
  assert.equal(picture.link(10_000), "live");
  assert.equal(picture.sights(10_000)[0]?.hearing, "late");
});

test("a delta changes what it names; a hello is the whole truth", () => {
  const picture = new Picture();
  picture.apply(hello([robotOf({}), robotOf({ id: "r-2" })], [taskOf({})]), 0);
  picture.apply({ type: "delta", rev: 2, robots: [robotOf({ battery_permille: 10 })], tasks: [] }, 100);
  assert.equal(picture.known.get("r-1")?.robot.battery_permille, 10);
  assert.equal(picture.known.size, 2);
  picture.apply(hello([robotOf({})]), 200);
  assert.deepEqual([picture.known.size, picture.tasks.size], [1, 0]);
});

test("the link pill always has words and, unless live, an age", () => {
  assert.equal(linkWords(500), "Live");
  assert.equal(linkWords(3_000), "Late · last heard 3 s ago");
  assert.equal(linkWords(180_000), "Working offline · server last heard 3 min ago");
  assert.equal(linkState(null), "none");
});

test("retries spread out and stay within their bound", () => {
  assert.ok(backoff_ms(1, 0) > 0);
  assert.ok(backoff_ms(30, 1) <= 10_250);
  assert.notEqual(backoff_ms(5, 0.1), backoff_ms(5, 0.9));
});

test("a robot glides to where it was reported and never beyond", () => {
  const track = new Track();
  track.push({ x_cm: 0, y_cm: 0 }, 0);
  track.push({ x_cm: 100, y_cm: 0 }, 200);
  assert.deepEqual(track.at(300, false), { x_cm: 50, y_cm: 0 });
  assert.deepEqual(track.at(60_000, false), { x_cm: 100, y_cm: 0 });
  assert.deepEqual(track.at(210, true), { x_cm: 100, y_cm: 0 }, "at once where motion is reduced");
  assert.equal(track.isMoving(400), true);
  assert.equal(track.isMoving(5_000), false);
  track.push({ x_cm: 102, y_cm: 0 }, 6_000);
  assert.equal(track.isMoving(6_000), false, "a swaying robot does not walk");
});

test("rows keep their places under a hand, and take their order again afterwards", () => {
  const order = new SteadyOrder();
  const key = (id) => id;
  assert.deepEqual(order.arrange(["a", "b"], key, 0), ["a", "b"]);
  order.touch(1_000);
  assert.deepEqual(order.arrange(["b", "c", "a"], key, 2_000), ["a", "b", "c"]);
  assert.deepEqual(order.arrange(["b", "c", "a"], key, 9_000), ["b", "c", "a"]);
});

test("every failure has a title, a code and what to do", () => {
  const sent = { title: "The hall has no zone of that name.", detail: "x", code: "FLT-1102", field: "zone", what_to_do: "Choose a zone." };
  assert.deepEqual(problemOf(422, sent), { ...sent, status: 422 });
  for (const problem of [problemOf(502, undefined), problemOf(500, { title: 7 }), notConnected("the task"), notAnswered(true), notAnswered(false)]) {
    assert.ok(problem.title && problem.code && problem.what_to_do, JSON.stringify(problem));
  }
  assert.match(notConnected("the task").detail, /nothing will be sent later/);
});
