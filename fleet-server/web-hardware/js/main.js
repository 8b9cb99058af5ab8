// @ts-check
/** The page of the simulated hardware: a bench with one panel per robot, and the network of all. */
import { Bench } from "./bench.js";
import { byId, h, KeyedRows, setAttribute, setText, show } from "../../web-shared/h.js";
import { Panel } from "./panel.js";
import { heardWords, lifeWords } from "./words.js";

/** Ages grow on the page also while nothing is heard. */
const DRAW_MS = 500;

const bench = new Bench(draw);
/** @type {KeyedRows<import("./types.js").Hardware>} */
const panels = new KeyedRows(byId("panels"), (id) => new Panel(bench, id));
const outcome = byId("outcome");

function draw() {
  const silence_ms = bench.silence_ms();
  const is_live = silence_ms !== null && silence_ms < 2_000;
  setText(byId("heard"), heardWords(silence_ms));
  setAttribute(byId("heard"), "class", is_live ? "pill" : "pill is-silent");
  setAttribute(byId("panels"), "class", is_live ? "panels" : "panels is-silent");
  setText(byId("fleet"), bench.answer.fleet === undefined ? "" : `Server: ${lifeWords(bench.answer.fleet)}`);
  panels.render(bench.answer.robots, (robot) => robot.robot);
}

/**
 * @param {string} path
 * @param {string} words
 */
function allButton(path, words) {
  return h("button", { type: "button", on: { click: () => void actOnAll(path) } }, words);
}

/** @param {string} path */
async function actOnAll(path) {
  const problem = await bench.act(path);
  outcome.className = "outcome";
  outcome.replaceChildren(...(problem ?? []).map((line) => h("p", {}, line)));
  show(outcome, problem !== null);
}

byId("all").append(allButton("cut", "Cut the network of all"), allButton("restore", "Restore all"));
draw();
setInterval(draw, DRAW_MS);
void bench.start();
