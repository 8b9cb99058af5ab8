// @ts-check
/** Tells a screen reader what changed: the link and the robots' states, at most every 5 s, and never an age. */
import { byId, setText } from "../../../web-shared/h.js";
import { summaryOf } from "../model/robot.js";

const QUIET_MS = 5_000;

/** @type {Record<import("../types.js").LinkState, string>} */
const LINK_WORDS = {
  none: "The server was not heard yet.",
  live: "Live.",
  late: "Live.",
  offline: "Working offline: the server is not heard.",
};

export class Speaker {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.element = byId("spoken");
    this.said = "";
    this.said_ms = Number.NEGATIVE_INFINITY;
  }

  /** @param {number} now_ms */
  render(now_ms) {
    const counts = summaryOf(this.page.picture.sights(now_ms)).map((row) => row.words);
    const words = [LINK_WORDS[this.page.picture.link(now_ms)], ...counts].join(" ");
    if (words === this.said || now_ms - this.said_ms < QUIET_MS) return;
    this.said = words;
    this.said_ms = now_ms;
    setText(this.element, words);
  }
}
