import assert from "node:assert/strict";
import { test } from "node:test";
import { causeWords, interlockWords } from "../js/model/interlock.js";

const PHASES = ["tripped", "reset_armed", "reset_pressed", "released", "energised", "stopping", "standby", "locked"];
const CAUSES = [
  "power_up", "button", "discrepancy", "mirror", "stop_latched", "stop", "heartbeat", "beacon", "link", "session",
  "standby_timeout", "too_many_returns",
];

const words = (phase, cause = "heartbeat") => interlockWords({ phase, cause, trip_epoch: 1 });

test("only energised is closed; every other phase, and every unknown one, is open", () => {
  for (const phase of PHASES) assert.equal(words(phase).is_closed, phase === "energised", phase);
  assert.equal(words("a_phase_of_a_newer_firmware").is_closed, false);
  assert.equal(interlockWords(null).is_closed, false);
  assert.equal(interlockWords(null).tone, "unknown");
});

test("a pressed button says who can undo it, where and how", () => {
  const said = words("tripped", "button");
  assert.equal(said.sentence, "Stopped by its button.");
  assert.equal(said.what_to_do, "Only a person at the robot can undo this: release the button, then press reset.");
  assert.equal(said.tone, "high");
});

test("every phase that only a person at the robot ends says so", () => {
  for (const phase of PHASES) {
    const { needs_person, sentence, what_to_do } = words(phase);
    assert.ok(sentence.length > 0 && what_to_do.length > 0, phase);
    if (needs_person) assert.match(what_to_do, /at the robot/, phase);
  }
});

test("a pause promises no more than is true: it ends when its cause does", () => {
  const said = words("standby", "beacon").what_to_do;
  assert.match(said, /when its disclosure is heard again/);
  assert.doesNotMatch(said, /Nobody has to go/);
});

test("a closed interlock is grey: normal has no colour", () => {
  assert.equal(words("energised").tone, "normal");
});

test("every cause has its own words, and an unknown one is said to be unknown", () => {
  assert.equal(new Set(CAUSES.map(causeWords)).size, CAUSES.length);
  assert.match(causeWords("moonlight"), /does not know/);
});
