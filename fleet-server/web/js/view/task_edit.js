// @ts-check
/** Title, priority, due time, note and checklist of an opened task, to be written. */
import { h, setText, show } from "../../../web-shared/h.js";
import { batchOf, difference, fieldWrites, followed, refusedIn } from "../model/note.js";
import { get } from "../net/api.js";
import { OutcomeBox } from "./problem_box.js";

/** @typedef {import("../types.js").Task} Task */
/** @typedef {import("../types.js").Note} Note */

/** Commands: `render`. What a person has begun to write is never overwritten by what arrives. */
export class TaskEdit {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} id
   */
  constructor(page, id) {
    this.page = page;
    this.id = id;
    /** @type {Task | null} */
    this.task = null;
    /** @type {Note | null} */
    this.note = null;
    /** @type {import("../model/note.js").Fields | null} the task as the fields showed it before a person touched them */
    this.shown = null;
    this.note_dirty = false;
    this.title = h("input", { name: "title", maxlength: 200 });
    this.priority = h("select", { name: "priority" }, ...[1, 2, 3, 4, 5].map((p) => h("option", { value: String(p) }, `P${p}`)));
    this.due = h("input", { name: "due", type: "datetime-local" });
    this.text = h("textarea", { name: "note", rows: 4, on: { input: () => (this.note_dirty = true) } });
    this.items = h("ul", { class: "checklist" });
    this.item = h("input", { name: "item", maxlength: 200 });
    this.outcome = new OutcomeBox();
    this.element = h("div", { class: "edit" }, this.fieldsForm(), this.noteForm(), this.items, this.itemForm(), this.outcome.element);
  }

  fieldsForm() {
    const on = { submit: (/** @type {Event} */ event) => this.submit(event, () => this.sendFields()) };
    return h("form", { class: "acts", on }, label("Title", this.title), label("Priority", this.priority), label("Due", this.due), h("button", { type: "submit" }, "Save"));
  }

  noteForm() {
    const on = { submit: (/** @type {Event} */ event) => this.submit(event, () => this.sendNote()) };
    return h("form", { class: "acts", on }, label("Note", this.text), h("button", { type: "submit" }, "Save the note"));
  }

  itemForm() {
    const on = { submit: (/** @type {Event} */ event) => this.submit(event, () => this.addItem()) };
    return h("form", { class: "acts", on }, label("Item of the checklist", this.item), h("button", { type: "submit" }, "Add the item"));
  }

  /** @param {Task} task */
  render(task) {
    const is_news = this.task !== task;
    this.task = task;
    if (!is_news) return;
    this.follow(task);
    void this.load();
  }

  /** @param {Task} task */
  follow({ title, priority, due_ms }) {
    const now = { title, priority, due_ms };
    const next = this.shown === null ? now : followed(this.shown, this.wanted(), now);
    this.shown = now;
    if (this.title.value.trim() !== next.title) this.title.value = next.title;
    this.priority.value = String(next.priority);
    const due = next.due_ms === null ? "" : localTime(next.due_ms);
    if (this.due.value !== due) this.due.value = due;
  }

  /** What stands in the fields. */
  wanted() {
    const due_ms = this.due.value === "" ? null : Date.parse(this.due.value);
    return { title: this.title.value.trim(), priority: Number(this.priority.value), due_ms };
  }

  /** A note that a person edits keeps the base that they saw: the server merges the difference. */
  async load() {
    const answer = await get(`v1/tasks/${this.id}/note`);
    if ("problem" in answer) return;
    const note = /** @type {Note} */ (answer.value);
    this.showItems(note.items);
    if (this.note_dirty) return;
    this.note = note;
    this.text.value = note.text;
  }

  /** @param {Note["items"]} items  drawn anew only when they have changed: a box that a person is about to touch stays */
  showItems(items) {
    const key = JSON.stringify(items);
    if (this.items.dataset["items"] === key) return;
    this.items.dataset["items"] = key;
    this.items.replaceChildren(...items.map((item) => this.itemRow(item)));
    show(this.items, items.length > 0);
  }

  /** @param {{ text: string, done: boolean }} item */
  itemRow(item) {
    const box = h("input", { type: "checkbox", on: { change: () => void this.sendItem(item.text, box.checked) } });
    box.checked = item.done;
    const words = h("span", {});
    setText(words, item.text);
    return h("li", {}, h("label", { class: "item" }, box, words));
  }

  /**
   * @param {Event} event
   * @param {() => Promise<void>} send
   */
  submit(event, send) {
    event.preventDefault();
    void send();
  }

  async sendFields() {
    if (this.shown === null) return;
    const wanted = this.wanted();
    // What was saved is what the fields show from now on: the task follows when the server tells it.
    if (await this.send("the change", fieldWrites(this.shown, wanted), "Saved.")) this.shown = wanted;
  }

  async sendNote() {
    const edits = difference(this.note?.text ?? "", this.text.value);
    const act = { op: /** @type {const} */ ("edit_note"), base: this.note?.parts ?? [], edits };
    if (await this.send("the note", edits.length === 0 ? [] : [act], "The note was saved.")) this.note_dirty = false;
    await this.load();
  }

  async addItem() {
    const text = this.item.value.trim();
    if (text === "") return;
    if (await this.sendItem(text, false)) this.item.value = "";
  }

  /**
   * @param {string} text
   * @param {boolean} done
   */
  async sendItem(text, done) {
    const edits = [{ edit: /** @type {const} */ ("check"), text, done, at_ms: Date.now() }];
    const is_taken = await this.send("the item", [{ op: "edit_note", base: this.note?.parts ?? [], edits }], "The checklist was saved.");
    delete this.items.dataset["items"];
    await this.load();
    return is_taken;
  }

  /**
   * @param {string} what
   * @param {import("../model/note.js").Act[]} acts
   * @param {string} success
   */
  async send(what, acts, success) {
    if (acts.length === 0) return true;
    const answer = await this.page.send(what, "v1/ops", batchOf(this.id, acts, randomHex), true);
    if ("problem" in answer) {
      this.outcome.fail(answer.problem);
      return false;
    }
    const refused = refusedIn(answer.value);
    if (refused.length === 0) this.outcome.succeed(success);
    else this.outcome.fail({ title: "Not all of it was taken.", status: 200, detail: refused.join(" "), code: "", what_to_do: "Read the task anew and edit it again." });
    this.page.refresh();
    return refused.length === 0;
  }
}

/**
 * @param {string} words
 * @param {HTMLElement} control
 */
function label(words, control) {
  return h("label", { class: "field" }, words, control);
}

/** @param {number} ms  as a field for times takes it, in this browser's zone */
function localTime(ms) {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}

/** @param {number} count */
function randomHex(count) {
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
