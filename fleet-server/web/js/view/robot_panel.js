// @ts-check
/** The panel of the robot that is chosen, on the floor or in the table. */
import { byId, h, setAttribute, setText, show } from "../../../web-shared/h.js";
import { RobotDetail } from "./robot_detail.js";

export class RobotPanel {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.element = byId("robot");
    this.mark = h("span", { class: "mark", "aria-hidden": "true" });
    this.title = h("h2", { id: "robot-title", tabindex: "-1" });
    this.headline = h("p", { class: "panel-note" });
    this.body = h("div", { class: "scroll" });
    /** @type {RobotDetail | null} */
    this.detail = null;
    this.element.append(this.head(), this.body);
  }

  head() {
    const close = h("button", { type: "button", on: { click: () => this.close() } }, "Close");
    return h("div", { class: "panel-head" }, this.mark, this.title, this.headline, h("div", { class: "panel-tools" }, close));
  }

  close() {
    const { chosen_robot } = this.page;
    this.page.choose(null);
    document.getElementById(`open-${chosen_robot}`)?.focus();
  }

  /** @param {number} now_ms */
  render(now_ms) {
    const sight = this.page.picture.sights(now_ms).find(({ robot }) => robot.id === this.page.chosen_robot);
    show(this.element, sight !== undefined);
    if (sight === undefined) {
      this.detail = null;
      return;
    }
    const detail = this.detailOf(sight.robot.id);
    setAttribute(this.mark, "class", `mark shape-${sight.shape} tone-${sight.tone}`);
    setText(this.title, sight.robot.id);
    setText(this.headline, sight.headline);
    detail.render(sight);
  }

  /**
   * The detail of that robot; another robot gets a fresh one, and the person is led to it.
   * @param {string} id
   */
  detailOf(id) {
    if (this.detail?.id === id) return this.detail;
    this.detail = new RobotDetail(this.page, id);
    this.body.replaceChildren(this.detail.element);
    this.title.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
    return this.detail;
  }
}
