// @ts-check
/** One robot in the table, which is also the canvas's twin for keyboard and screen reader. */
import { h, setAttribute, setText, show } from "../../../web-shared/h.js";
import { interlockWords } from "../model/interlock.js";
import { batteryTone, batteryWords, placeWords, queueWords, workWords } from "../model/robot.js";
import { chip } from "./chip.js";

/** @typedef {import("../model/robot.js").Sight} Sight */

export const COLUMNS = ["Robot", "Heard", "Interlock", "Place", "Battery", "Work", "Queue / copy"];

export class RobotRow {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} id
   */
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.mark = h("span", { class: "mark", "aria-hidden": "true" });
    this.opener = h("button", { type: "button", class: "opener", id: `open-${id}`, "aria-controls": "robot" }, this.mark, id);
    this.heard = new Cell("Heard");
    this.interlock = new Cell("Interlock");
    this.interlock_chip = chip(this.interlock.value);
    this.place = new Cell("Place");
    this.battery = new Cell("Battery");
    this.gauge = h("progress", { class: "gauge", max: 1000, "aria-hidden": "true" });
    this.battery.value.append(this.gauge);
    this.battery_chip = chip(this.battery.value);
    this.work = new Cell("Work");
    this.queue = new Cell("Queue / copy");
    this.element = this.row();
  }

  row() {
    const cells = [this.heard, this.interlock, this.place, this.battery, this.work, this.queue];
    const first = h("td", { role: "cell" }, this.opener);
    return h("tr", { role: "row", on: { click: () => this.toggle() } }, first, ...cells.map((cell) => cell.element));
  }

  toggle() {
    this.page.choose(this.page.chosen_robot === this.id ? null : this.id);
  }

  /** @param {Sight} sight */
  render(sight) {
    const { robot, as_of } = sight;
    const is_chosen = this.page.chosen_robot === this.id;
    setAttribute(this.element, "class", is_chosen ? "is-chosen" : null);
    setAttribute(this.mark, "class", `mark shape-${sight.shape} tone-${sight.tone}`);
    setAttribute(this.opener, "aria-expanded", String(is_chosen));
    this.heard.say(sight.heard, hearingWords(sight.hearing));
    setAttribute(this.heard.value, "class", sight.hearing === "live" ? "value" : "value stale");
    this.renderInterlock(sight);
    this.place.say(placeWords(robot.at, this.page.picture.hall), as_of);
    this.renderBattery(sight);
    this.work.say(workWords(robot), as_of);
    const queue = queueWords(robot);
    this.queue.say(queue.numbers, as_of === "" ? queue.remark : as_of);
  }

  /**
   * Once a robot is late its interlock is unknown: the last word is told as such, not in the present tense.
   * @param {Sight} sight
   */
  renderInterlock({ robot, hearing, as_of }) {
    const words = interlockWords(robot.interlock);
    if (hearing !== "live") {
      const last = robot.interlock === null ? "" : `${words.short} ${as_of}`;
      this.interlock_chip.render("unknown", "Unknown now", words.is_closed ? "hollow_circle" : "hollow_square");
      this.interlock.note(last);
      return;
    }
    const shape = words.is_closed ? undefined : words.tone === "unknown" ? "hollow_square" : "square";
    this.interlock_chip.render(words.tone, words.short, shape);
    this.interlock.note(robot.awaits_person ? "waits for a person" : "");
  }

  /** @param {Sight} sight */
  renderBattery({ robot, hearing, as_of, tone: loudest }) {
    show(this.gauge, robot.battery_permille !== null);
    this.gauge.value = robot.battery_permille ?? 0;
    setAttribute(this.gauge, "class", as_of === "" ? "gauge" : "gauge is-stale");
    // One alarm colour a row: beside an open interlock the battery stays plain.
    const tone = hearing === "live" && loudest !== "high" ? batteryTone(robot.battery_permille) : "normal";
    this.battery_chip.render(tone, batteryWords(robot.battery_permille));
    this.battery.note(as_of);
  }
}

/** @param {import("../types.js").Hearing} hearing */
function hearingWords(hearing) {
  if (hearing === "late") return "late";
  return hearing === "not_heard" ? "not heard" : "";
}

/** A value with its column's name, which a narrow screen shows, and a remark below it. */
class Cell {
  /** @param {string} name */
  constructor(name) {
    this.value = h("span", { class: "value" });
    this.soft = h("span", { class: "soft", hidden: true });
    this.element = h("td", { role: "cell", "data-name": name }, this.value, " ", this.soft);
  }

  /**
   * @param {string} words
   * @param {string} remark
   */
  say(words, remark) {
    setText(this.value, words);
    this.note(remark);
  }

  /** @param {string} remark */
  note(remark) {
    setText(this.soft, remark);
    show(this.soft, remark !== "");
  }
}
