// Run with `node --test fleet-server/web/tests/*.test.js` (node 20.19 or newer; nothing to install).
import assert from "node:assert/strict";
import { test } from "node:test";
import { ageNow, agoWords, asOfWords, hearingOf, spanWords } from "../js/model/age.js";
import { AgeClock } from "../js/model/clock.js";

test("an age grows from what the server said by the time since it was received", () => {
  assert.equal(ageNow(1_200, 5_000, 9_000), 5_200);
  assert.equal(ageNow(null, 5_000, 9_000), null);
  assert.equal(ageNow(1_200, 5_000, 4_000), 1_200, "a clock that went back makes nothing younger");
});

test("a robot is late at 5 s and not heard at 30 s, and silence from the start is its own state", () => {
  assert.deepEqual([0, 4_999, 5_000, 29_999, 30_000].map(hearingOf), ["live", "live", "late", "late", "not_heard"]);
  assert.equal(hearingOf(null), "never");
});

test("ages are told in one unit, rounded down", () => {
  const said = [1_999, 2_000, 12_900, 119_999, 120_000, 7_199_000, 7_200_000, 172_800_000].map(agoWords);
  assert.deepEqual(said, ["now", "2 s ago", "12 s ago", "119 s ago", "2 min ago", "119 min ago", "2 h ago", "2 days ago"]);
  assert.equal(agoWords(null), "never");
  assert.equal(spanWords(0), "0 s");
});

test("only a live value goes without its age", () => {
  assert.equal(asOfWords(4_000, "live"), "");
  assert.equal(asOfWords(4_000, "late"), "as of 4 s ago", "the page may call a robot late before 5 s, when the server is silent");
  assert.equal(asOfWords(60_000, "not_heard"), "as of 60 s ago");
});

test("ages go on while the computer sleeps, and never back", () => {
  let monotonic = 0;
  let wall = 1_000_000;
  const clock = new AgeClock(() => monotonic, () => wall);
  monotonic += 1_000;
  wall += 1_001;
  assert.equal(clock.now(), 1_000);
  monotonic += 10;
  wall += 3_600_000;
  assert.equal(clock.now(), 3_601_000);
  wall -= 7_200_000;
  assert.equal(clock.now(), 3_601_000);
});
