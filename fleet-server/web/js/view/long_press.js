// @ts-check
/**
 * A button that acts only after being held down: by finger, mouse, Space or Enter. Letting go early does nothing.
 * A click that comes without a press (from assistive technology) does nothing either; the typed way is for that.
 */
import { h, setAttribute, setText } from "../h.js";

/** How long it is held; the style's transition is as long. */
const PRESS_MS = 1_500;
const COUNT_MS = 100;

export class LongPress {
  /**
   * @param {string} words
   * @param {() => void} on_done
   */
  constructor(words, on_done) {
    this.words = words;
    this.on_done = on_done;
    this.begun_ms = 0;
    /** @type {ReturnType<typeof setInterval> | null} */
    this.timer = null;
    this.element = h("button", { type: "button", class: "long-press", on: this.events() }, words);
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
    this.show();
  }

  count() {
    // A control that went away under the finger, because the robot is no longer to be asked, asks nothing.
    if (this.element.offsetParent === null) {
      this.letGo();
      return;
    }
    if (performance.now() - this.begun_ms < PRESS_MS) {
      this.show();
      return;
    }
    this.letGo();
    this.on_done();
  }

  letGo() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.show();
  }

  show() {
    const is_held = this.timer !== null;
    const left_s = Math.max(0, PRESS_MS - (performance.now() - this.begun_ms)) / 1_000;
    setAttribute(this.element, "class", is_held ? "long-press is-held" : "long-press");
    setText(this.element, is_held ? `Keep holding · ${left_s.toFixed(1)} s` : this.words);
  }
}
