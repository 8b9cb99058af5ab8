// @ts-check
/** The table of robots, those that need attention first; its order stands still while somebody's hand is in it. */
import { byId, h, KeyedRows, setText, show } from "../../../web-shared/h.js";
import { bySightOrder } from "../model/robot.js";
import { SteadyOrder } from "../model/steady.js";
import { COLUMNS, RobotRow } from "./robot_row.js";

/** @typedef {import("../model/robot.js").Sight} Sight */

export class Robots {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.order = new SteadyOrder();
    this.note = byId("robots-note");
    this.empty = h("p", { class: "empty" });
    this.body = h("tbody", { role: "rowgroup" });
    this.table = h("table", { class: "robots", role: "table", "aria-labelledby": "robots-title", on: this.touches() }, head(), this.body);
    /** @type {KeyedRows<Sight>} */
    this.rows = new KeyedRows(this.body, (id) => this.makeRow(id));
    byId("robots-box").append(this.empty, this.table);
  }

  touches() {
    const touch = () => this.order.touch(this.page.now());
    return { pointerdown: touch, keydown: touch, focusin: touch };
  }

  /** @param {string} id */
  makeRow(id) {
    const row = new RobotRow(this.page, id);
    return { element: row.element, render: (/** @type {Sight} */ sight) => row.render(sight) };
  }

  /** @param {number} now_ms */
  render(now_ms) {
    const wanted = this.page.picture.sights(now_ms).sort(bySightOrder);
    const sights = this.order.arrange(wanted, (sight) => sight.robot.id, now_ms);
    this.rows.render(sights, (sight) => sight.robot.id);
    show(this.table, sights.length > 0);
    show(this.empty, sights.length === 0);
    setText(this.empty, this.emptyWords());
    const heard = sights.filter((sight) => sight.hearing === "live").length;
    setText(this.note, sights.length === 0 ? "" : `${heard} of ${sights.length} heard`);
  }

  emptyWords() {
    return this.page.picture.hall === null ? "Nothing heard from the server yet." : "The roster has no robots. They are named in the server's configuration.";
  }
}

function head() {
  const cells = COLUMNS.map((name) => h("th", { scope: "col", role: "columnheader" }, name));
  return h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...cells));
}
