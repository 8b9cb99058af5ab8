// @ts-check
/**
 * A control that acts only after being held down: by finger, mouse, Space or Enter. Letting go early does nothing.
 * A click that comes without a press (from assistive technology) does nothing either.
 *
 * Leaves to others: how it looks while it is held, and what it does.
 */
import { h } from "./h.js";

const COUNT_MS = 100;

export class Hold {
  /**
   * @param {number} hold_ms  how long it is held
   * @param {Record<string, string>} attributes
   * @param {string} words
   * @param {{ draw: (left_ms: number | null) => void, done: () => void }} owner  `draw` gets what is left to hold, or nothing when it is not held
   */
  constructor(hold_ms, attributes, words, owner) {
    this.hold_ms = hold_ms;
    this.owner = owner;
    this.begun_ms = 0;
    /** @type {ReturnType<typeof setInterval> | null} */
    this.timer = null;
    this.element = h("button", { type: "button", ...attributes, on: this.events() }, words);
  }

  events() {
    const let_go = () => this.letGo();
    return {
      pointerdown: (/** @type {PointerEvent} */ event) => event.button === 0 && this.press(),
      pointerup: let_go,
      pointerleave: let_go,
      pointercancel: let_go,
      blur: let_go,
      keydown: (/** @type {KeyboardEvent} */ event) => this.keyDown(event),
      keyup: let_go,
      contextmenu: (/** @type {Event} */ event) => event.preventDefault(),
    };
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) this.press();
  }

  press() {
    if (this.element.disabled || this.timer !== null) return;
    this.begun_ms = performance.now();
    this.timer = setInterval(() => this.count(), COUNT_MS);
    this.draw();
  }

  count() {
    // A control that went away under the finger, because it is no longer to be used, does nothing.
    if (this.element.offsetParent === null) {
      this.letGo();
      return;
    }
    if (performance.now() - this.begun_ms < this.hold_ms) {
      this.draw();
      return;
    }
    this.letGo();
    this.owner.done();
  }

  letGo() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.draw();
  }

  is_held() {
    return this.timer !== null;
  }

  draw() {
    const left_ms = Math.max(0, this.hold_ms - (performance.now() - this.begun_ms));
    this.owner.draw(this.timer === null ? null : left_ms);
  }
}
