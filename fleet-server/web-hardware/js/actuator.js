// @ts-check
/** The reset: acts when it has been held down long enough. It looks pressed while a hand or the firmware says so. */
import { setAttribute } from "../../web-shared/h.js";
import { Hold } from "../../web-shared/hold.js";

/** How long a hand holds it before the page passes the reset on. */
const HOLD_MS = 600;

export class ResetActuator {
  /**
   * @param {string} robot
   * @param {() => void} on_reset
   */
  constructor(robot, on_reset) {
    this.is_pressed = false;
    const attributes = { class: "reset", "aria-label": `Reset of simulated robot ${robot}: press and hold` };
    this.hold = new Hold(HOLD_MS, attributes, "Reset", { draw: () => this.draw(), done: on_reset });
    this.element = this.hold.element;
  }

  /** @param {boolean} is_pressed  by the firmware's word */
  render(is_pressed) {
    this.is_pressed = is_pressed;
    this.draw();
  }

  draw() {
    setAttribute(this.element, "class", this.is_pressed || this.hold.is_held() ? "reset is-down" : "reset");
  }
}
