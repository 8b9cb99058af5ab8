// @ts-check
/** A task, opened: how far it is and why, the two things a person can do with it, and what they can write. */
import { h, isShown, setText, show } from "../../../web-shared/h.js";
import { hasEnded, mayBeOnRobot, stateSentence } from "../model/task.js";
import { robotOptions, setOptions } from "./choice.js";
import { OutcomeBox } from "./problem_box.js";
import { TaskEdit } from "./task_edit.js";

/** @typedef {import("../types.js").Task} Task */

export class TaskDetail {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} id
   */
  constructor(page, id) {
    this.page = page;
    this.id = encodeURIComponent(id);
    this.code = "";
    this.sentence = h("p");
    this.why = h("div", { class: "problem", hidden: true });
    this.outcome = new OutcomeBox();
    this.edit = new TaskEdit(page, this.id);
    this.robot = h("select", {});
    this.assign = this.assignForm();
    this.sent_note = h("p", { class: "soft" }, "The order may be on its robot, so only that robot can give it up. To give the work to another: cancel, wait until the robot has confirmed, add a new task.");
    this.cancel = h("button", { type: "button", on: { click: () => this.askCancel(true) } }, "Cancel the task…");
    this.sure = this.cancelQuestion();
    this.element = h("div", { class: "detail" }, this.sentence, this.why, this.assign, this.sent_note, h("div", { class: "acts" }, this.cancel), this.sure, this.outcome.element, this.edit.element);
  }

  assignForm() {
    const on = { submit: (/** @type {Event} */ event) => this.submitAssign(event) };
    return h("form", { class: "acts", on }, h("label", { class: "field" }, "Robot", this.robot), h("button", { type: "submit", class: "main" }, "Assign"));
  }

  cancelQuestion() {
    this.sure_words = h("p");
    return h(
      "div",
      { class: "resume", hidden: true },
      this.sure_words,
      h(
        "div",
        { class: "acts" },
        h("button", { type: "button", on: { click: () => void this.sendCancel() } }, "Yes, cancel it"),
        h("button", { type: "button", on: { click: () => this.askCancel(false) } }, "Keep it"),
      ),
    );
  }

  /**
   * @param {Task} task
   * @param {number} now_ms
   */
  render(task, now_ms) {
    this.code = task.code;
    this.edit.render(task);
    setText(this.sentence, sentenceOf(task));
    this.renderWhy(task.why);
    const can_assign = task.state === "queued" || task.state === "assigned";
    const can_cancel = !hasEnded(task) && !task.cancel_wanted;
    show(this.assign, can_assign);
    show(this.sent_note, mayBeOnRobot(task));
    if (!can_cancel) show(this.sure, false);
    show(this.cancel, can_cancel && !isShown(this.sure));
    if (this.sure_words) setText(this.sure_words, cancelWords(task));
    if (can_assign) setOptions(this.robot, robotOptions(this.page, now_ms, "Choose a robot"));
  }

  /** @param {import("../types.js").Why | null} why */
  renderWhy(why) {
    show(this.why, why !== null);
    if (why === null || this.why.dataset["code"] === why.code) return;
    this.why.dataset["code"] = why.code;
    this.why.replaceChildren(
      h("p", { class: "problem-title" }, why.sentence),
      h("p", {}, why.what_to_do),
      h("p", { class: "problem-code" }, why.code),
    );
  }

  /** @param {boolean} is_asked */
  askCancel(is_asked) {
    show(this.sure, is_asked);
    show(this.cancel, !is_asked);
    const next = is_asked ? this.sure.querySelector("button") : this.cancel;
    next?.focus();
  }

  /** @param {Event} event */
  submitAssign(event) {
    event.preventDefault();
    const robot = this.robot.value;
    if (robot === "") {
      this.outcome.fail({ title: "Choose a robot.", status: 0, detail: "", code: "PAGE-MISSING", what_to_do: "Nothing was sent yet." });
      return;
    }
    void this.send("the assignment", `v1/tasks/${this.id}/assignments`, { robot }, `${this.code} was given to ${robot}.`);
  }

  async sendCancel() {
    show(this.sure, false);
    await this.send("the cancellation", `v1/tasks/${this.id}/cancel-requests`, undefined, `${this.code}: the wish to cancel was taken.`);
  }

  /**
   * @param {string} what
   * @param {string} path
   * @param {unknown} body
   * @param {string} success
   */
  async send(what, path, body, success) {
    const answer = await this.page.send(what, path, body);
    if ("problem" in answer) {
      this.outcome.fail(answer.problem);
    } else {
      this.outcome.succeed(success);
    }
    this.page.refresh();
  }
}

/** @param {Task} task */
function sentenceOf(task) {
  const wanted = task.cancel_wanted && !hasEnded(task) ? ` A person wants it cancelled; ${task.robot ?? "the robot"} has not confirmed that yet.` : "";
  return `${stateSentence(task)}${wanted}`;
}

/** @param {Task} task */
function cancelWords(task) {
  if (!mayBeOnRobot(task)) return `${task.code} will be withdrawn. This cannot be taken back.`;
  return `${task.robot} may be working on ${task.code}. It is told to give it up when it is heard; what it finished before stays finished. This cannot be taken back.`;
}
