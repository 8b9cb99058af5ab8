// @ts-check
/**
 * The one control that lets a robot's work go on after a person stopped it: apart from everything else, held down or
 * typed, sent now or refused. It is asked of the robot; it cannot switch motors on.
 */
import { h, isShown, setText, show } from "../../../web-shared/h.js";
import { resumeRefusal } from "../model/robot.js";
import { LongPress } from "./long_press.js";
import { OutcomeBox } from "./problem_box.js";

export class Resume {
  /**
   * @param {import("../page.js").Page} page
   * @param {string} robot
   */
  constructor(page, robot) {
    this.page = page;
    this.robot = robot;
    this.outcome = new OutcomeBox();
    this.refusal = h("p");
    this.press = new LongPress(`Hold down to resume ${robot}`, () => void this.ask());
    this.typed = h("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    this.ways = h("div", {}, h("div", { class: "acts" }, this.press.element), this.typedWay());
    this.element = h(
      "section",
      { class: "resume", hidden: true, "aria-label": `Resume ${robot}` },
      h("h3", {}, `${robot} waits for a person`),
      h("p", {}, "Lets the robot's work go on. It cannot switch its motors on. First look that the floor around the robot is clear."),
      this.refusal,
      this.ways,
      this.outcome.element,
    );
  }

  typedWay() {
    const on = { submit: (/** @type {Event} */ event) => this.submitTyped(event) };
    return h(
      "details",
      {},
      h("summary", {}, "If you cannot hold a button down"),
      h(
        "form",
        { class: "acts", on },
        h("label", { class: "field" }, `Type the robot's name, ${this.robot}`, this.typed),
        h("button", { type: "submit" }, `Resume ${this.robot}`),
      ),
    );
  }

  /** @param {Event} event */
  submitTyped(event) {
    event.preventDefault();
    if (this.typed.value.trim() === this.robot) {
      this.typed.value = "";
      void this.ask();
      return;
    }
    this.outcome.fail({
      title: "Not sent: the name does not match.",
      status: 0,
      detail: "",
      code: "PAGE-NAME",
      what_to_do: `Type ${this.robot} exactly as it stands here.`,
    });
  }

  async ask() {
    const answer = await this.page.send(`the wish to resume ${this.robot}`, `v1/robots/${encodeURIComponent(this.robot)}/resume-requests`);
    if ("problem" in answer) this.outcome.fail(answer.problem);
    else this.outcome.succeed(`${this.robot} was asked to go on. It counts when the robot itself says so.`);
  }

  /** @param {import("../model/robot.js").Sight} sight */
  render(sight) {
    const { robot } = sight;
    if (!isShown(this.element) && robot.awaits_person) this.outcome.clear();
    show(this.element, robot.awaits_person);
    const refusal = resumeRefusal(sight);
    setText(this.refusal, refusal);
    show(this.refusal, refusal !== "");
    show(this.ways, refusal === "");
  }
}
