import assert from "node:assert/strict";
import { test } from "node:test";
import { dayWords, disclosingRemark, endorsementRemark, gapWords, journalWords, marksOf, rowsOf, unheardFor, rangeOf } from "../js/model/disclosure.js";
import { sightOf } from "../js/model/robot.js";
import { robotOf } from "./made.js";

const BEGIN_MS = 1_795_392_000_000;

function dayOf(change) {
  return {
    day: "2026-11-23",
    begin_ms: BEGIN_MS,
    energised_ms: 5_800,
    energised_covered_ms: 5_800,
    moving_ms: 5_600,
    moving_covered_ms: 5_600,
    covered_ms: 6_650,
    unknown_ms: 0,
    energised: [[BEGIN_MS + 2_000, BEGIN_MS + 7_800]],
    moving: [[BEGIN_MS + 2_050, BEGIN_MS + 7_650]],
    covered: [[BEGIN_MS + 1_200, BEGIN_MS + 7_850]],
    unknown: [],
    gaps: [{ from_ms: BEGIN_MS + 6_000, to_ms: BEGIN_MS + 19_950, open: false, cause: "not_heard", energised_ms: 1_800, moving_ms: 1_650 }],
    ...change,
  };
}

test("a muted robot is said to have been silent, with the age of its last word added", () => {
  const robot = robotOf({ disclosure_heard_ms_ago: 7_000 });
  assert.equal(unheardFor(robot, 500), 7_500);
  assert.match(disclosingRemark(robot, 500).words, /r-1 has not disclosed that it is a machine for 7 s/);
  assert.equal(sightOf(robot, 500, false, false).headline, "has not disclosed for 7 s");
  assert.equal(unheardFor(robotOf({ disclosure_heard_ms_ago: 0 }), 4_000), null, "a robot that is heard is not silent because it is late");
  assert.equal(disclosingRemark(robotOf({ disclosure_heard_ms_ago: null }), 100).tone, "medium");
  assert.equal(disclosingRemark(robot, null).tone, "unknown");
});

test("a robot that nobody would believe says why and what to do, although its own receiver hears it", () => {
  const robot = robotOf({ disbelieved: "clock_off", disbelieved_says: "The robot's clock is off. Set the robot's clock. (FLT-1605)" });
  const { words, tone } = disclosingRemark(robot, 100);
  assert.match(words, /clock is off.*Set the robot's clock.*FLT-1605/);
  assert.equal(tone, "high");
});

test("a robot whose state is late is not said to be heard now, nor silent until now", () => {
  const two_hours = 2 * 3_600_000;
  const said = (disclosure_heard_ms_ago, age_ms) => disclosingRemark(robotOf({ disclosure_heard_ms_ago }), age_ms);
  assert.deepEqual([said(0, 4_999).tone, said(0, 5_000).tone, said(null, 5_000).tone], ["normal", "unknown", "unknown"]);
  assert.match(said(0, two_hours).words, /^Last known 2 h ago: its own receiver heard it.*now is not known/);
  assert.match(said(7_000, two_hours).words, /^Last known 2 h ago: it had not disclosed .* for 7 s/);
  assert.match(said(null, two_hours).words, /^Last known 2 h ago: its own receiver had not yet heard/);
});

test("an endorsement alarms at twelve hours and says when it ended", () => {
  const tone = (endorsed_left_ms) => endorsementRemark(robotOf({ endorsed_left_ms })).tone;
  assert.deepEqual([12 * 3_600_000, 12 * 3_600_000 - 1, 0].map(tone), ["normal", "medium", "high"]);
  assert.match(endorsementRemark(robotOf({ endorsed_left_ms: 3_600_000 })).words, /2026-11-23 00:00 UTC, 60 min left.*fleet robot endorse r-1/);
  assert.equal(endorsementRemark(robotOf({ endorsed_until_ms: null, endorsed_left_ms: null })).tone, "unknown");
});

test("a gap in words: when, how long, why, and what the robot did meanwhile", () => {
  const [gap] = dayOf({}).gaps;
  assert.deepEqual(gapWords(gap), {
    when: "00:00:06 to 00:00:19",
    what: "13.9 s: sent, and not heard: muted, jammed or not endorsed; energised 1.8 s of it, moving 1.6 s",
  });
  assert.match(gapWords({ ...gap, open: true, energised_ms: 0, moving_ms: 0 }).when, /and open at the newest entry/);
});

test("uncovered motion is never passed over", () => {
  assert.equal(
    dayWords(dayOf({ energised_ms: 505_563, energised_covered_ms: 505_362 })),
    "Energised 505.563 s, 505.362 s of it covered by a heard disclosure; moving 5.600 s, 5.600 s of it covered.",
    "the report's own figures: nothing is called covered that is not",
  );
  assert.match(dayWords(dayOf({ moving_covered_ms: 5_599 })), /5\.599 s of it covered, 0\.001 s NOT covered/);
});

test("bars lie inside the day's range, and a short gap is wide enough to be seen", () => {
  const long = dayOf({ energised: [[BEGIN_MS, BEGIN_MS + 80_000_000]] });
  for (const row of rowsOf(long)) {
    for (const { x, width } of row.bars) assert.ok(x >= 0 && width >= 2 && x + width <= 1_000.001, `${row.name} ${x} ${width}`);
  }
  assert.deepEqual(rangeOf(dayOf({})), { from_ms: BEGIN_MS + 1_200, to_ms: BEGIN_MS + 61_200 });
  assert.equal(marksOf(dayOf({}))[0], "00:00:01");
  const empty = dayOf({ energised: [], moving: [], covered: [], gaps: [] });
  assert.equal(rowsOf(empty).length, 4);
  assert.equal(rangeOf(empty).from_ms, BEGIN_MS);
});

test("what the journal proves is said as it is", () => {
  const epoch = { epoch: "1", chain: "whole", entries: 9, missing: 0, signatures: "hold", signed_up_to: 9 };
  assert.match(journalWords([epoch]), /9 entries .* signed by the robot/);
  assert.doesNotMatch(journalWords([{ ...epoch, signatures: "not_checked" }]), /signed/);
  assert.match(journalWords([epoch, { ...epoch, chain: "missing", missing: 2 }]), /2 entries .* not arrived/);
  assert.match(journalWords([{ ...epoch, signatures: "wrong" }]), /does NOT verify/);
  assert.match(journalWords([epoch], [{ left_out: "gap", at_ms: BEGIN_MS }]), /leaves something out .*gap/);
  assert.doesNotMatch(journalWords([epoch], [{ left_out: "last_sign", at_ms: BEGIN_MS }]), /leaves/, "an older version writes none");
});
