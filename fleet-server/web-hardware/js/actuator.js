// @ts-check
/** The reset: acts when it has been held down long enough, by finger, mouse, Space or Enter. */
import { h, setAttribute } from "./h.js";

/** How long a hand holds it before the page passes the reset on. */
const HOLD_MS = 600;

export class ResetActuator {
  /**
   * @param {string} robot
   * @param {() => void} on_reset
   */
  constructor(robot, on_reset) {
    this.on_reset = on_reset;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    this.is_pressed = false;
    this.element = h("button", { type: "button", class: "reset", "aria-label": `Reset of simulated robot ${robot}: press and hold`, on: this.events() }, "Reset");
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
    if (this.timer !== null) return;
    this.timer = setTimeout(() => this.done(), HOLD_MS);
    this.draw();
  }

  done() {
    this.letGo();
    this.on_reset();
  }

  letGo() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.draw();
  }

  /** @param {boolean} is_pressed  by the firmware's word */
  render(is_pressed) {
    this.is_pressed = is_pressed;
    this.draw();
  }

  draw() {
    const is_down = this.is_pressed || this.timer !== null;
    setAttribute(this.element, "class", is_down ? "reset is-down" : "reset");
  }
}
