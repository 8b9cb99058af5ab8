// @ts-check
/** The form that adds a task, at once for a robot if one is named. It stays filled when the server refuses. */
import { byId, h, isShown, setAttribute, show } from "../../../web-shared/h.js";
import { Draft, missingIn, uuid7, wishOf } from "../model/draft.js";
import { KIND_WORDS, STATE_WORDS } from "../model/task.js";
import { robotOptions, setOptions, zoneOptions } from "./choice.js";
import { OutcomeBox } from "./problem_box.js";

const PRIORITIES = ["1 · first", "2", "3 · usual", "4", "5 · last"];
/** The server's limit. */
const TITLE_LENGTH_MAX = 200;

export class TaskForm {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.draft = new Draft(() => uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10))));
    this.outcome = new OutcomeBox();
    this.is_sending = false;
    this.title = h("input", { name: "title", type: "text", maxlength: TITLE_LENGTH_MAX, autocomplete: "off" });
    this.kind = select("kind", Object.entries(KIND_WORDS).map(([value, words]) => ({ value, words })));
    this.from = select("from", []);
    this.zone = select("zone", []);
    this.priority = select("priority", PRIORITIES.map((words, i) => ({ value: String(i + 1), words })));
    this.priority.value = "3";
    this.robot = select("robot", []);
    this.from_field = field("Fetch the kit in", this.from);
    this.element = this.form();
    this.opener = h("button", { type: "button", "aria-expanded": "false", on: { click: () => this.toggle() } }, "Add a task");
    byId("tasks-tools").prepend(this.opener);
    byId("task-form").prepend(this.element);
    this.showFrom();
  }

  form() {
    return h(
      "form",
      { class: "form", hidden: true, novalidate: true, "aria-label": "Add a task", on: this.events() },
      h("label", { class: "field whole" }, "Title", this.title),
      field("Kind", this.kind),
      this.from_field,
      field("Zone of the work", this.zone),
      field("Priority", this.priority),
      field("Robot", this.robot),
      h("div", { class: "whole" }, this.outcome.element),
      h("div", { class: "acts whole" }, this.submitButton(), this.closeButton()),
    );
  }

  events() {
    return {
      submit: (/** @type {Event} */ event) => this.submit(event),
      change: () => this.showFrom(),
    };
  }

  submitButton() {
    this.add = h("button", { type: "submit", class: "main" }, "Add the task");
    return this.add;
  }

  closeButton() {
    return h("button", { type: "button", on: { click: () => this.toggle() } }, "Close");
  }

  toggle() {
    const is_open = !isShown(this.element);
    show(this.element, is_open);
    setAttribute(this.opener, "aria-expanded", String(is_open));
    this.page.refresh();
    if (is_open) this.title.focus();
    else this.opener.focus();
  }

  /** Only a kit is fetched somewhere. */
  showFrom() {
    show(this.from_field, this.kind.value === "kitting");
  }

  /** @param {number} now_ms */
  render(now_ms) {
    if (!isShown(this.element)) return;
    setOptions(this.zone, zoneOptions(this.page, "Choose a zone"));
    setOptions(this.from, zoneOptions(this.page, "Choose a zone"));
    setOptions(this.robot, robotOptions(this.page, now_ms, "No robot yet: leave it queued"));
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const wish = wishOf((name) => this.control(name)?.value ?? "");
    const missing = missingIn(wish);
    this.markField(missing?.field);
    if (missing !== null) {
      this.outcome.fail({ title: missing.sentence, status: 0, detail: "", code: "PAGE-MISSING", what_to_do: "Nothing was sent yet." });
      return;
    }
    if (!this.is_sending) void this.send(wish);
  }

  /** @param {import("../model/draft.js").Wish} wish */
  async send(wish) {
    this.is_sending = true;
    const answer = await this.page.send("the new task", "v1/tasks", this.draft.body(wish), true);
    this.is_sending = false;
    if ("problem" in answer) {
      this.outcome.fail(answer.problem);
      this.markField(answer.problem.field);
      return;
    }
    this.succeed(answer.value);
  }

  /** @param {import("../types.js").Task | undefined} task */
  succeed(task) {
    const words = task === undefined ? "The task was added." : `${task.code} was added: ${STATE_WORDS[task.state]?.toLowerCase()}.`;
    this.draft.renew();
    this.title.value = "";
    this.outcome.succeed(words);
    this.title.focus();
  }

  /** @param {string} name */
  control(name) {
    return [this.title, this.kind, this.from, this.zone, this.priority, this.robot].find((control) => control.name === name);
  }

  /** @param {string | undefined} name */
  markField(name) {
    for (const control of [this.title, this.kind, this.from, this.zone, this.priority, this.robot]) {
      setAttribute(control, "aria-invalid", control.name === name ? "true" : null);
    }
    if (name !== undefined) this.control(name)?.focus();
  }
}

/**
 * @param {string} words
 * @param {HTMLElement} control
 */
function field(words, control) {
  return h("label", { class: "field" }, words, control);
}

/**
 * @param {string} name
 * @param {{ value: string, words: string }[]} options
 */
function select(name, options) {
  return h("select", { name }, ...options.map(({ value, words }) => h("option", { value }, words)));
}
