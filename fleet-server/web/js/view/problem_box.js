// @ts-check
/** Where a form tells what became of its request: refused, unknown, or done. */
import { h, show } from "../../../web-shared/h.js";

/** Commands: `fail`, `succeed`, `clear`. */
export class OutcomeBox {
  constructor() {
    this.element = h("div", { role: "alert", hidden: true });
  }

  /** @param {import("../types.js").Problem} problem */
  fail(problem) {
    this.put(
      "problem",
      h("p", { class: "problem-title" }, problem.title),
      problem.detail === "" ? null : h("p", {}, problem.detail),
      h("p", {}, problem.what_to_do),
      h("p", { class: "problem-code" }, problem.field === undefined ? problem.code : `${problem.code} · field “${problem.field}”`),
    );
  }

  /** @param {string} words */
  succeed(words) {
    this.put("confirmed", h("p", {}, words));
  }

  clear() {
    show(this.element, false);
    this.element.replaceChildren();
  }

  /**
   * @param {string} look
   * @param {(Node | null)[]} lines
   */
  put(look, ...lines) {
    this.element.className = look;
    this.element.replaceChildren(...lines.filter((line) => line !== null));
    show(this.element, true);
  }
}
