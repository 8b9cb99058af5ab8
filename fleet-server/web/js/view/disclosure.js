// @ts-check
/** A robot's disclosure: what is wrong now, until when it is endorsed, and a day as bars with every gap. */
import { drawn, h, setAttribute, setText, show } from "../../../web-shared/h.js";
import { dayWords, disclosingRemark, endorsementRemark, gapWords, journalWords, marksOf, rowsOf } from "../model/disclosure.js";
import { get } from "../net/api.js";

/** A day is read again this often while somebody looks at it. */
const READ_MS = 4_000;
/** The newest gaps that are listed; the report has all. */
const GAPS_MAX = 8;
const BAR_PX = 18;

export class Disclosure {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} robot
   */
  constructor(page, robot) {
    this.page = page;
    this.robot = robot;
    this.asked_ms = -Infinity;
    /** @type {import("../types.js").DisclosureReport | null} */
    this.report = null;
    /** @type {string | null} the day that is shown; the newest if none is chosen */
    this.day = null;
    this.now = h("p", { role: "status" });
    this.endorsement = h("p");
    this.title = h("strong");
    this.earlier = h("button", { type: "button", on: { click: () => this.turn(-1) } }, "Day before");
    this.later = h("button", { type: "button", on: { click: () => this.turn(1) } }, "Day after");
    this.sum = h("p");
    this.bars = h("div", { class: "bars" });
    this.gaps = h("ul", { class: "gaps" });
    this.proof = h("p", { class: "panel-note" });
    this.drawn = "";
    this.element = h(
      "section",
      { class: "disclosure", "aria-label": `Disclosure of ${robot}` },
      h("h3", {}, "Says that it is a machine"),
      this.now,
      this.endorsement,
      h("div", { class: "acts" }, this.title, this.earlier, this.later),
      this.sum,
      this.bars,
      this.gaps,
      this.proof,
    );
  }

  /** @param {import("../model/robot.js").Sight} sight */
  render({ robot, age_ms }) {
    remark(this.now, disclosingRemark(robot, age_ms));
    remark(this.endorsement, endorsementRemark(robot));
    this.endorsement.prepend("Endorsement: ");
    const now_ms = this.page.now();
    if (now_ms - this.asked_ms >= READ_MS) {
      this.asked_ms = now_ms;
      void this.read();
    }
  }

  async read() {
    const answer = await get(`v1/robots/${encodeURIComponent(this.robot)}/disclosure`);
    if ("problem" in answer) {
      setText(this.proof, `${answer.problem.title} (${answer.problem.code}) What is shown may be old.`);
      return;
    }
    this.report = answer.value;
    this.draw();
  }

  /** @param {number} step */
  turn(step) {
    const days = this.report?.days ?? [];
    const shown = days.findIndex(({ day }) => day === this.day);
    const place = (shown === -1 ? days.length - 1 : shown) + step;
    this.day = place >= days.length - 1 ? null : (days[Math.max(0, place)]?.day ?? null);
    this.draw();
  }

  draw() {
    if (this.report === null) return;
    const { days, journal, contradictions } = this.report;
    const chosen = days.findIndex(({ day }) => day === this.day);
    const place = chosen === -1 ? days.length - 1 : chosen;
    const day = days[place];
    this.earlier.disabled = place <= 0;
    this.later.disabled = place >= days.length - 1;
    setText(this.proof, journalWords(journal, contradictions));
    show(this.bars, day !== undefined);
    setText(this.title, day === undefined ? "No day in the record yet" : `${day.day} (UTC)`);
    if (day === undefined) return;
    setText(this.sum, dayWords(day));
    const key = JSON.stringify(day);
    if (key === this.drawn) return;
    this.drawn = key;
    this.bars.replaceChildren(...rowsOf(day).map(barRow), h("div", { class: "marks" }, ...marksOf(day).map((mark) => h("span", {}, mark))));
    const newest = [...day.gaps].reverse().slice(0, GAPS_MAX);
    this.gaps.replaceChildren(...newest.map(gapItem));
  }
}

/**
 * @param {HTMLElement} element
 * @param {import("../model/disclosure.js").Remark} words
 */
function remark(element, { words, tone }) {
  setText(element, words);
  setAttribute(element, "class", `remark tone-${tone}`);
}

/** @param {import("../model/disclosure.js").BarRow} row */
function barRow({ name, look, bars, words }) {
  const drawing = drawn("svg", { class: `bar ${look}`, viewBox: `0 0 1000 ${BAR_PX}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  drawing.append(...bars.map(({ x, width }) => drawn("rect", { x, y: 0, width, height: BAR_PX })));
  return h("div", { class: "bar-row" }, h("span", {}, name), drawing, h("span", { class: "bar-words" }, words));
}

/** @param {import("../types.js").DisclosureGap} gap */
function gapItem(gap) {
  const { when, what } = gapWords(gap);
  return h("li", {}, h("strong", {}, when), ` ${what}`);
}
