// @ts-check
/** A robot, opened: its interlock in full sentences, where it is, what waits where, and the resume control. */
import { h, setText } from "../../../web-shared/h.js";
import { agoWords } from "../model/age.js";
import { causeWords, interlockWords } from "../model/interlock.js";
import { queueWords } from "../model/robot.js";
import { Disclosure } from "./disclosure.js";
import { Resume } from "./resume.js";

/** @type {Record<string, string>} */
const CONNECTION_WORDS = {
  online: "Last word of the broker: connected.",
  offline: "Last word of the broker: the robot signed off.",
  connection_broken: "Last word of the broker: the connection broke.",
  unknown: "Unknown.",
};

export class RobotDetail {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} id
   */
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.interlock = h("dd");
    this.cause = h("dd");
    this.place = h("dd");
    this.disclosed = h("dd");
    this.queue = h("dd");
    this.connection = h("dd");
    this.resume = new Resume(page, id);
    this.disclosure = new Disclosure(page, id);
    this.element = h("div", { class: "detail" }, this.resume.element, this.facts(), this.disclosure.element);
  }

  facts() {
    return h(
      "dl",
      { class: "facts" },
      fact("Interlock", this.interlock, "whole"),
      fact("Last stop", this.cause),
      fact("Place", this.place),
      fact("Last sent, heard or not", this.disclosed),
      fact("Record and copy", this.queue),
      fact("Connection", this.connection),
    );
  }

  /**
   * @param {import("../model/robot.js").Sight} sight
   */
  render(sight) {
    const { robot, age_ms, as_of } = sight;
    const words = interlockWords(robot.interlock);
    setText(this.interlock, interlockSentence(words, as_of));
    setText(this.cause, causeSentence(robot.interlock));
    setText(this.place, withAge(placeSentence(robot.at), as_of));
    setText(this.disclosed, disclosedSentence(robot.disclosure_sent_ms_ago, age_ms));
    setText(this.queue, withAge(queueSentence(robot), as_of));
    setText(this.connection, CONNECTION_WORDS[robot.connection] ?? "Unknown.");
    this.resume.render(sight);
    this.disclosure.render(sight);
  }
}

/**
 * The robot tells the age as of its last word, which has an age itself.
 * @param {number | null} disclosure_sent_ms_ago
 * @param {number | null} age_ms
 */
function disclosedSentence(disclosure_sent_ms_ago, age_ms) {
  if (disclosure_sent_ms_ago === null || age_ms === null) return "Not known.";
  return `${upperFirst(agoWords(disclosure_sent_ms_ago + age_ms))}, as far as known.`;
}

/**
 * @param {string} name
 * @param {HTMLElement} value
 * @param {string} [look]
 */
function fact(name, value, look) {
  return h("div", { class: look }, h("dt", {}, name), value);
}

/**
 * @param {import("../model/interlock.js").InterlockWords} words
 * @param {string} as_of
 */
function interlockSentence(words, as_of) {
  if (as_of === "") return `${words.sentence} ${words.what_to_do}`;
  return `Unknown now; treat it as open. Last word, ${as_of}: ${words.sentence}`;
}

/** @param {string} text */
function upperFirst(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {import("../types.js").Interlock | null} interlock */
function causeSentence(interlock) {
  if (interlock === null) return "Unknown.";
  return `Number ${interlock.trip_epoch}: ${causeWords(interlock.cause)}.`;
}

/** @param {import("../types.js").Point | null} at */
function placeSentence(at) {
  if (at === null) return "Unknown";
  return `${(at.x_cm / 100).toFixed(2)} m east, ${(at.y_cm / 100).toFixed(2)} m north`;
}

/** @param {import("../types.js").Robot} robot */
function queueSentence(robot) {
  const { up, copy } = queueWords(robot);
  return `${up}; ${copy}`;
}

/**
 * @param {string} words
 * @param {string} as_of
 */
function withAge(words, as_of) {
  return as_of === "" ? `${words}.` : `${words}, ${as_of}.`;
}
