// @ts-check
/** The page's head: the hall, what needs attention, and how fresh the server's last word is. */
import { byId, h, KeyedRows, setAttribute, setText, show } from "../../../web-shared/h.js";
import { linkState, linkWords } from "../model/link.js";
import { summaryOf } from "../model/robot.js";
import { chip } from "./chip.js";

/** @typedef {ReturnType<typeof summaryOf>[number] & { key: string }} SummaryRow */

export class Frame {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.hall = byId("hall");
    this.pill = byId("link");
    this.banner = byId("banner");
    /** @type {KeyedRows<SummaryRow>} */
    this.summary = new KeyedRows(byId("summary"), summaryRow);
  }

  /** @param {number} now_ms */
  render(now_ms) {
    const { picture } = this.page;
    const silence_ms = picture.silence_ms(now_ms);
    const link = linkState(silence_ms);
    setText(this.hall, picture.hall?.title ?? "");
    setText(this.pill, linkWords(silence_ms));
    setAttribute(this.pill, "class", link === "live" ? "pill" : "pill tone-unknown");
    show(this.banner, link === "offline");
    setText(this.banner, bannerWords(picture.hall !== null));
    this.renderSummary(now_ms);
  }

  /** @param {number} now_ms */
  renderSummary(now_ms) {
    const { picture } = this.page;
    const counts = summaryOf(picture.sights(now_ms)).map((row, i) => ({ ...row, key: String(i) }));
    const is_quiet = counts.length === 0 && picture.known.size > 0;
    /** @type {SummaryRow[]} */
    const rows = is_quiet ? [{ key: "0", tone: "normal", shape: undefined, words: "No robot needs attention" }] : counts;
    this.summary.render(rows, (row) => row.key);
  }
}

/** @param {boolean} is_anything_known */
function bannerWords(is_anything_known) {
  if (!is_anything_known) return "The server has not been heard yet. There is nothing to show until it is.";
  return "This is the last picture the server sent. The robots may have moved on. This version keeps no queue of changes: nothing can be changed from here until the server is heard.";
}

/** @returns {import("../../../web-shared/h.js").Row<SummaryRow>} */
function summaryRow() {
  const element = h("li");
  const part = chip(element);
  return {
    element,
    render: (row) => part.render(row.tone, row.words, row.shape),
  };
}
