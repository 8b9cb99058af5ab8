// @ts-check
/**
 * What the views share: the picture, the clock, what is chosen, and the one way to send something.
 *
 * Leaves to others: drawing (`view/`), the feed (`net/feed.js`).
 */
import { Picture } from "./model/picture.js";
import { notConnected } from "./model/problem.js";
import { post } from "./net/api.js";

export class Page {
  /** @param {import("./model/clock.js").AgeClock} clock */
  constructor(clock) {
    this.clock = clock;
    this.picture = new Picture();
    /** @type {string | null} */
    this.chosen_robot = null;
    this.filter = "";
    /** @type {() => void} set by main: draws every view soon */
    this.refresh = () => {};
  }

  now() {
    return this.clock.now();
  }

  /**
   * Sends now, or refuses with a reason: nothing is queued.
   * @param {string} what  as a noun, for the refusal: "the new task"
   * @param {string} path
   * @param {unknown} [body]
   * @param {boolean} [is_repeatable]
   * @returns {Promise<import("./net/api.js").Answer>}
   */
  async send(what, path, body, is_repeatable) {
    const link = this.picture.link(this.now());
    if (link === "offline" || link === "none") return { problem: notConnected(what) };
    return post(path, body, is_repeatable);
  }

  /** @param {string | null} robot */
  choose(robot) {
    this.chosen_robot = robot;
    this.refresh();
  }
}
