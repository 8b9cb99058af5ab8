// @ts-check
/**
 * Puts the page together: one picture, fed by one feed, drawn by the views.
 *
 * Every view draws from the picture alone, so the page looks the same with and without a server; only ages differ.
 */
import { AgeClock } from "./model/clock.js";
import { Feed } from "./net/feed.js";
import { Page } from "./page.js";
import { Floor } from "./view/floor.js";
import { Frame } from "./view/frame.js";
import { RobotPanel } from "./view/robot_panel.js";
import { Robots } from "./view/robots.js";
import { Speaker } from "./view/speaker.js";
import { TaskForm } from "./view/task_form.js";
import { Tasks } from "./view/tasks.js";

/** Changes are drawn at most this often; a person reads no faster. */
const DRAW_MS = 200;
/** Without a change the page is drawn this often, because ages grow. */
const AGES_MS = 1_000;

const page = new Page(new AgeClock(() => performance.now(), () => Date.now()));
const floor = new Floor(page);
const views = [new Frame(page), new Robots(page), new RobotPanel(page), new Tasks(page), new TaskForm(page), new Speaker(page), floor];

let is_changed = true;
let drawn_ms = 0;

function draw() {
  const now_ms = page.now();
  if (!is_changed && now_ms - drawn_ms < AGES_MS) return;
  is_changed = false;
  drawn_ms = now_ms;
  for (const view of views) view.render(now_ms);
}

page.refresh = () => {
  is_changed = true;
  draw();
};

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const feed = new Feed(`${scheme}//${location.host}/v1/feed`, () => page.now(), (message) => {
  page.picture.apply(message, page.now());
  is_changed = true;
});

draw();
feed.start();
floor.start();
setInterval(draw, DRAW_MS);
