import assert from "node:assert/strict";
import { test } from "node:test";
import {
  batteryTone, byChoiceOrder, bySightOrder, choiceWords, placeWords, queueWords, resumeRefusal, sightOf, summaryOf, workWords,
} from "../js/model/robot.js";
import { robotOf } from "./made.js";

const closed = { phase: "energised", cause: "power_up", trip_epoch: 1 };
const pressed = { phase: "tripped", cause: "button", trip_epoch: 2 };

test("the shape tells the state without colour", () => {
  const shape = (robot, age_ms, is_moving = false) => sightOf(robotOf(robot), age_ms, is_moving, false).shape;
  assert.equal(shape({ interlock: closed }, 100, true), "arrow");
  assert.equal(shape({ interlock: closed }, 100), "dot");
  assert.equal(shape({ interlock: pressed }, 100), "square");
  assert.equal(shape({ interlock: null }, 100), "hollow_square", "unknown is shown like open");
  assert.equal(shape({ interlock: closed }, 5_000, true), "hollow_circle", "a late robot is never shown as moving");
  assert.equal(shape({ interlock: pressed }, 40_000), "hollow_square");
});

test("nothing is shown as live while the server is silent", () => {
  const sight = sightOf(robotOf({}), 100, true, true);
  assert.equal(sight.hearing, "late");
  assert.equal(sight.tone, "unknown");
  assert.notEqual(sight.as_of, "");
});

test("stopped robots come first, then those that wait for a person, silent ones, and the rest in counting order", () => {
  const sights = [
    sightOf(robotOf({ id: "r-10" }), 100, false, false),
    sightOf(robotOf({ id: "r-9" }), 100, false, false),
    sightOf(robotOf({ id: "r-3" }), 60_000, false, false),
    sightOf(robotOf({ id: "r-4", awaits_person: true }), 100, false, false),
    sightOf(robotOf({ id: "r-5", interlock: pressed }), 100, false, false),
  ];
  assert.deepEqual(sights.sort(bySightOrder).map((s) => s.robot.id), ["r-5", "r-4", "r-3", "r-9", "r-10"]);
});

test("the head counts only what is not normal", () => {
  assert.deepEqual(summaryOf([sightOf(robotOf({}), 100, true, false)]), []);
  const rows = summaryOf([
    sightOf(robotOf({ interlock: pressed }), 100, false, false),
    sightOf(robotOf({}), 60_000, false, false),
    sightOf(robotOf({ awaits_person: true }), 100, false, false),
  ]);
  assert.deepEqual(rows.map((row) => row.words), ["1 stopped", "1 waiting", "1 not heard"]);
});

test("a robot that cannot be asked, or is not reset, is not asked to go on", () => {
  const refusal = (robot, age_ms) => resumeRefusal(sightOf(robotOf({ awaits_person: true, ...robot }), age_ms, false, false));
  assert.equal(refusal({}, 100), "");
  assert.match(refusal({}, 60_000), /Go to the robot/);
  assert.match(refusal({}, null), /not heard since the server started/);
  assert.match(refusal({ interlock: pressed }, 100), /after the reset/);
});

test("free robots are offered first and unreachable ones last, with the reason", () => {
  const sights = [
    sightOf(robotOf({ id: "r-1" }), 40_000, false, false),
    sightOf(robotOf({ id: "r-2", interlock: pressed }), 100, false, false),
    sightOf(robotOf({ id: "r-3", task: "T-00001" }), 100, false, false),
    sightOf(robotOf({ id: "r-4" }), 100, false, false),
  ].sort(byChoiceOrder);
  assert.deepEqual(sights.map((s) => s.robot.id), ["r-4", "r-3", "r-2", "r-1"]);
  assert.match(choiceWords(sights[3]), /will get it when it is heard/);
});

test("work, queue and place in words", () => {
  assert.equal(workWords(robotOf({ task: "T-00003", step: 1, steps: 4 })), "T-00003 · 2/4");
  assert.equal(workWords(robotOf({})), "No task");
  const queue = queueWords(robotOf({ unacked: 3, cursor: 12, feed_head: 15 }));
  assert.deepEqual([queue.numbers, queue.remark], ["3 / 12", "copy 3 behind"]);
  const zone = { id: "a", title: "Cell A", from: { x_cm: 0, y_cm: 0 }, to: { x_cm: 100, y_cm: 100 }, station: { x_cm: 50, y_cm: 50 } };
  const hall = { title: "H", size: { x_cm: 500, y_cm: 500 }, zones: [zone] };
  assert.equal(placeWords({ x_cm: 50, y_cm: 100 }, hall), "Cell A");
  assert.equal(placeWords({ x_cm: 250, y_cm: 130 }, hall), "2.5 m, 1.3 m");
  assert.equal(placeWords(null, hall), "unknown");
});

test("a battery is remarked on when low and wants a person when short", () => {
  assert.deepEqual([null, 200, 199, 100, 99].map(batteryTone), ["normal", "normal", "low", "low", "medium"]);
});
