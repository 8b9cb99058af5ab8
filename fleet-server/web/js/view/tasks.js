// @ts-check
/** The list of tasks with its filter: what needs attention first, what has ended last. */
import { byId, h, KeyedRows, setText, show } from "../../../web-shared/h.js";
import { SteadyOrder } from "../model/steady.js";
import { byTaskOrder, hasEnded, matches } from "../model/task.js";
import { TaskRow } from "./task_row.js";

/** So many rows are drawn at first, and added by each "Show more". */
const PAGE_ROWS = 100;

/** @typedef {import("../types.js").Task} Task */

export class Tasks {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.order = new SteadyOrder();
    this.rows_max = PAGE_ROWS;
    this.now_ms = 0;
    this.note = byId("tasks-note");
    this.empty = h("p", { class: "empty" });
    this.list = h("ul", { "aria-labelledby": "tasks-title", on: this.touches() });
    this.more = h("button", { type: "button", class: "more", on: { click: () => this.showMore() } }, "Show more");
    /** @type {KeyedRows<Task>} */
    this.rows = new KeyedRows(this.list, (id) => this.makeRow(id));
    byId("tasks-box").append(this.filterField(), this.empty, this.list, this.more);
  }

  touches() {
    const touch = () => this.order.touch(this.page.now());
    return { pointerdown: touch, keydown: touch, focusin: touch };
  }

  filterField() {
    const on = { input: (/** @type {Event} */ event) => this.setFilter(/** @type {HTMLInputElement} */ (event.target).value) };
    const input = h("input", { type: "search", autocomplete: "off", placeholder: "Filter: title, robot, zone, state", "aria-label": "Filter the tasks", on });
    return h("div", { class: "field filter" }, input);
  }

  /** @param {string} text */
  setFilter(text) {
    this.page.filter = text;
    this.rows_max = PAGE_ROWS;
    this.page.refresh();
  }

  showMore() {
    this.rows_max += PAGE_ROWS;
    this.page.refresh();
  }

  /** @param {string} id */
  makeRow(id) {
    const row = new TaskRow(this.page, id);
    return { element: row.element, render: (/** @type {Task} */ task) => row.render(task, this.now_ms) };
  }

  /** @param {number} now_ms */
  render(now_ms) {
    this.now_ms = now_ms;
    const all = [...this.page.picture.tasks.values()];
    const found = all.filter((task) => matches(task, this.page.filter)).sort(byTaskOrder);
    const shown = this.order.arrange(found, (task) => task.id, now_ms).slice(0, this.rows_max);
    this.rows.render(shown, (task) => task.id);
    show(this.list, shown.length > 0);
    show(this.empty, shown.length === 0);
    show(this.more, found.length > shown.length);
    setText(this.empty, this.emptyWords(all.length));
    setText(this.note, countWords(all, found.length));
  }

  /** @param {number} count */
  emptyWords(count) {
    if (count > 0) return "No task has all these words. Shorten the filter to see more.";
    if (this.page.picture.hall === null) return "Nothing heard from the server yet.";
    return "No tasks. Add one here, import a plan with “fleet task import”, or POST to /v1/tasks.";
  }
}

/**
 * @param {Task[]} all
 * @param {number} found
 */
function countWords(all, found) {
  if (all.length === 0) return "";
  const ended = all.filter(hasEnded).length;
  return found === all.length ? `${all.length - ended} open, ${ended} ended` : `${found} of ${all.length}`;
}
