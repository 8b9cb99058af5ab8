// @ts-check
/** A button that acts only after being held down, and counts down while it is. The typed way is for whoever cannot. */
import { setAttribute, setText } from "../../../web-shared/h.js";
import { Hold } from "../../../web-shared/hold.js";

/** How long it is held; the style's transition is as long. */
const PRESS_MS = 1_500;

export class LongPress {
  /**
   * @param {string} words
   * @param {() => void} on_done
   */
  constructor(words, on_done) {
    this.words = words;
    this.hold = new Hold(PRESS_MS, { class: "long-press" }, words, { draw: (left_ms) => this.draw(left_ms), done: on_done });
    this.element = this.hold.element;
  }

  /** @param {number | null} left_ms */
  draw(left_ms) {
    setAttribute(this.element, "class", left_ms === null ? "long-press" : "long-press is-held");
    setText(this.element, left_ms === null ? this.words : `Keep holding · ${(left_ms / 1_000).toFixed(1)} s`);
  }
}
