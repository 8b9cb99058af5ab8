// @ts-check
/** One robot's simulated panel: button, reset, lamps, and below them the network and the processes. */
import { ResetActuator } from "./actuator.js";
import { h, setAttribute, setText, show } from "../../web-shared/h.js";
import { causeWords, handWords, hasSpoiledRadio, LAMPS, lifeWords, networkWords, phaseWords, radioWords, yesNo } from "./words.js";

/** @typedef {import("./types.js").Hardware} Hardware */

export class Panel {
  /**
   * @param {import("./bench.js").Bench} bench
   * @param {string} id
   */
  constructor(bench, id) {
    this.bench = bench;
    this.id = id;
    this.phase = h("p", { class: "phase" });
    this.words = h("p", { class: "words" });
    this.hand = h("p", { class: "hand" });
    this.outcome = h("div", { class: "outcome", role: "alert", hidden: true });
    this.mushroom = h("button", { type: "button", class: "mushroom", on: this.does("press") });
    this.release = h("button", { type: "button", on: this.does("release") }, "Release (turn)");
    this.reset = new ResetActuator(id, () => void this.act("reset"));
    this.lamps = LAMPS.map(({ colour, words }) => ({ colour, element: h("li", {}, h("span", { class: `lamp lamp-${colour}` }), words) }));
    this.network = h("p", { class: "network" });
    this.cut = h("button", { type: "button", on: this.does("cut") }, "Cut");
    this.restore = h("button", { type: "button", on: this.does("restore") }, "Restore");
    this.radio = h("p", { class: "network" });
    this.mute = h("button", { type: "button", on: this.does("mute") }, "Mute");
    this.jam = h("button", { type: "button", on: this.does("jam") }, "Jam");
    this.delay = h("button", { type: "button", on: this.does("delay") }, "Delay");
    this.unmute = h("button", { type: "button", on: this.does("unmute") }, "Restore receiver");
    this.officer = h("p", { class: "network" });
    this.clear = h("button", { type: "button", on: this.does("clear") }, "Clear");
    this.facts = new Facts(["Last stop", "Relays", "Button test", "Disclosure", "Heartbeat", "Body", "Agent", "Firmware"]);
    this.element = this.build();
  }

  build() {
    return h(
      "section",
      { class: "panel", "aria-label": `Simulated robot ${this.id}` },
      h("div", { class: "panel-head" }, h("h2", {}, this.id), this.phase),
      h("div", { class: "box" }, this.buttonBox(), this.resetBox()),
      this.words,
      this.hand,
      this.outcome,
      h("div", { class: "net" }, this.officer, this.clear),
      h("div", { class: "net" }, this.network, this.cut, this.restore),
      h("div", { class: "net" }, this.radio, this.mute, this.jam, this.delay, this.unmute),
      this.facts.element,
    );
  }

  buttonBox() {
    return h(
      "div",
      { class: "enclosure" },
      this.mushroom,
      h("p", { class: "plate" }, "Physical e-stop of the simulated robot"),
      this.release,
    );
  }

  resetBox() {
    return h(
      "div",
      { class: "side" },
      h("ul", { class: "lamps", "aria-label": "Lamps" }, ...this.lamps.map((lamp) => lamp.element)),
      this.reset.element,
      h("p", { class: "plate" }, "Press and hold"),
    );
  }

  /** @param {string} act */
  does(act) {
    return { click: () => void this.act(act) };
  }

  /** @param {string} act */
  async act(act) {
    const problem = await this.bench.act(`robots/${encodeURIComponent(this.id)}/${act}`);
    this.outcome.replaceChildren(...(problem ?? []).map((line) => h("p", {}, line)));
    show(this.outcome, problem !== null);
  }

  /** @param {Hardware} robot */
  render(robot) {
    const is_dark = robot.phase === undefined;
    const is_pressed = robot.button === "pressed";
    setAttribute(this.element, "class", is_dark ? "panel is-dark" : "panel");
    setText(this.phase, is_dark ? "Dark" : phaseWords(robot.phase));
    setText(this.words, robot.words ?? robot.error ?? "");
    setText(this.hand, handWords(robot));
    setText(this.mushroom, is_pressed ? "Pressed" : "Press");
    setAttribute(this.mushroom, "class", is_pressed ? "mushroom is-down" : "mushroom");
    setAttribute(this.mushroom, "aria-label", `${is_pressed ? "Pressed" : "Press"}: physical e-stop of the simulated robot ${this.id}`);
    setAttribute(this.mushroom, "aria-pressed", is_dark ? null : String(is_pressed));
    this.release.disabled = !is_pressed;
    this.reset.render(robot.reset === "pressed");
    for (const { colour, element } of this.lamps) setAttribute(element, "class", robot.lamp === colour ? "is-lit" : null);
    this.renderOfficer(robot);
    this.renderNetwork(robot);
    this.renderRadio(robot);
    this.renderFacts(robot);
  }

  /** @param {Hardware} robot */
  renderOfficer(robot) {
    const waits = robot.phase === "released" && robot.cause === "button";
    setText(this.officer, waits ? "Waits for a safety officer's clearance" : "Safety officer: nothing to clear");
    this.clear.disabled = !waits;
  }

  /** @param {Hardware} robot */
  renderNetwork(robot) {
    const is_cut = robot.network === "cut";
    setText(this.network, networkWords(robot));
    setAttribute(this.network, "class", is_cut ? "network is-cut" : "network");
    this.cut.disabled = is_cut;
    this.restore.disabled = !is_cut;
  }

  /** @param {Hardware} robot */
  renderRadio(robot) {
    const is_spoiled = hasSpoiledRadio(robot);
    setText(this.radio, radioWords(robot));
    setAttribute(this.radio, "class", is_spoiled ? "network is-cut" : "network");
    for (const button of [this.mute, this.jam, this.delay]) button.disabled = is_spoiled || robot.defect === undefined;
    this.unmute.disabled = !is_spoiled;
  }

  /** @param {Hardware} robot */
  renderFacts(robot) {
    this.facts.render([
      causeWords(robot),
      yesNo(robot.relays, "On", "Off"),
      yesNo(robot.proof_tested, "Done since power-up", "Not done since power-up"),
      yesNo(robot.beacon_heard, "Heard on the air", "Not heard on the air"),
      yesNo(robot.agent_heard, "Heard from its software", "Not heard from its software"),
      bodyWords(robot),
      lifeWords(robot.processes["agent"]),
      lifeWords(robot.processes["firmware"]),
    ]);
  }
}

/** @param {Hardware} robot */
function bodyWords(robot) {
  if (robot.x_cm === undefined || robot.y_cm === undefined) return "Unknown";
  const place = `${(robot.x_cm / 100).toFixed(1)} m, ${(robot.y_cm / 100).toFixed(1)} m`;
  const battery = robot.battery_permille === undefined ? "" : ` · battery ${Math.floor(robot.battery_permille / 10)} %`;
  return `${robot.moving ? "Moves" : "Stands"} at ${place}${battery}${robot.held ? " · holds something" : ""}`;
}

/** Names with values. */
class Facts {
  /** @param {string[]} names */
  constructor(names) {
    this.values = names.map(() => h("dd"));
    this.element = h("dl", { class: "facts" }, ...names.map((name, i) => h("div", {}, h("dt", {}, name), this.values[i])));
  }

  /** @param {string[]} words */
  render(words) {
    this.values.forEach((value, i) => setText(value, words[i] ?? ""));
  }
}
