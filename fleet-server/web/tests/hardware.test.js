import assert from "node:assert/strict";
import { test } from "node:test";
import { causeWords, handWords, hasSpoiledRadio, heardWords, lifeWords, networkWords, phaseWords, problemLines, radioWords, yesNo } from "../../web-hardware/js/words.js";

test("a panel without an answer is unknown, not off", () => {
  assert.equal(phaseWords(undefined), "Unknown");
  assert.equal(causeWords({ robot: "r-1", network: "up", processes: {} }), "Unknown");
  assert.equal(yesNo(undefined, "On", "Off"), "Unknown");
});

test("phase, cause, network and processes in words", () => {
  assert.equal(phaseWords("tripped"), "Stopped");
  assert.equal(phaseWords("of_tomorrow"), "of_tomorrow");
  assert.equal(causeWords({ robot: "r-1", cause: "button", trip_epoch: 1_002, network: "up", processes: {} }), "Number 1002: the button was pressed");
  assert.match(networkWords({ robot: "r-1", network: "cut", processes: {} }), /silence/);
  assert.match(radioWords({ robot: "r-1", defect: "mute", network: "up", processes: {} }), /muted/);
  assert.match(radioWords({ robot: "r-1", defect: "jam", network: "up", processes: {} }), /jammed/);
  assert.match(radioWords({ robot: "r-1", defect: "delay", network: "up", processes: {} }), /seconds late/);
  assert.match(radioWords({ robot: "r-1", defect: "weld_1", network: "up", processes: {} }), /up/);
  assert.match(radioWords({ robot: "r-1", network: "up", processes: {} }), /unknown/);
  for (const defect of ["mute", "jam", "delay"]) assert.ok(hasSpoiledRadio({ robot: "r-1", defect, network: "up", processes: {} }));
  assert.ok(!hasSpoiledRadio({ robot: "r-1", defect: "none", network: "up", processes: {} }));
  assert.equal(lifeWords({ state: "up", pid: 7, starts: 2 }), "process 7, started 2 times");
  assert.equal(lifeWords({ state: "down", starts: 1 }), "down, started once");
});

test("what a visitor pressed only the visitor undoes", () => {
  assert.match(handWords({ robot: "r-1", pressed_by: "visitor", network: "up", processes: {} }), /only you/);
  assert.equal(handWords({ robot: "r-1", pressed_by: null, network: "up", processes: {} }), "");
});

test("a silent demo is told with an age, a refusal with its code", () => {
  assert.equal(heardWords(100), "Live");
  assert.match(heardWords(3_400), /last heard 3 s ago/);
  assert.deepEqual(problemLines(500, null), ["The demo answered with status 500.", "Try again. (HTTP 500)"]);
});
