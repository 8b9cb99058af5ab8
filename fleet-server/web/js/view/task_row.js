// @ts-check
/** One task in the list; opened, it tells its reason and offers to assign or cancel it. */
import { h, isShown, setAttribute, setText, show } from "../../../web-shared/h.js";
import { KIND_WORDS, hasEnded, remarkOf, routeWords, STATE_WORDS, stepsWords, taskTone } from "../model/task.js";
import { chip } from "./chip.js";
import { TaskDetail } from "./task_detail.js";

/** @typedef {import("../types.js").Task} Task */

export class TaskRow {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} id
   */
  constructor(page, id) {
    this.page = page;
    this.title = h("span", { class: "task-title" });
    this.line = h("span", { class: "soft" });
    this.remark = h("span", { class: "task-remark", hidden: true });
    this.state = h("span", { class: "task-state" });
    this.chip = chip(this.state);
    this.steps = h("span", { class: "soft" });
    this.state.append(this.steps);
    this.opener = h(
      "button",
      { type: "button", class: "opener", "aria-expanded": "false", on: { click: () => this.toggle() } },
      h("span", {}, this.title, this.line, this.remark),
      this.state,
    );
    this.detail = new TaskDetail(page, id);
    this.element = h("li", { class: "task" }, this.opener, this.detail.element);
    show(this.detail.element, false);
  }

  toggle() {
    show(this.detail.element, !isShown(this.detail.element));
    this.page.refresh();
  }

  /**
   * @param {Task} task
   * @param {number} now_ms
   */
  render(task, now_ms) {
    const { picture } = this.page;
    const is_open = isShown(this.detail.element);
    const remark = remarkOf(task, picture.ageOf(task.robot, now_ms));
    setAttribute(this.element, "class", `task${is_open ? " is-open" : ""}${hasEnded(task) ? " has-ended" : ""}`);
    setAttribute(this.opener, "aria-expanded", String(is_open));
    setText(this.title, task.title);
    setText(this.line, lineOf(task, (zone) => picture.zoneTitle(zone)));
    setText(this.remark, remark);
    show(this.remark, remark !== "");
    this.chip.render(taskTone(task), STATE_WORDS[task.state] ?? task.state);
    setText(this.steps, hasEnded(task) ? "" : progressOf(task));
    if (is_open) this.detail.render(task, now_ms);
  }
}

/** @param {Task} task */
function progressOf(task) {
  const steps = stepsWords(task);
  return steps === "" ? `P${task.priority}` : `P${task.priority} · ${steps}`;
}

/**
 * @param {Task} task
 * @param {(zone: string) => string} title_of
 */
function lineOf(task, title_of) {
  const robot = task.robot ?? "no robot";
  return [task.code, robot, KIND_WORDS[task.kind] ?? task.kind, routeWords(task, title_of)].join(" · ");
}
