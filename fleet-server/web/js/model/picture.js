// @ts-check
/**
 * The page's copy of what the server last said. It is kept as it is when the server falls silent; only ages grow.
 *
 * Getters: `hall`, `robots`, `tasks`, `silence_ms`, `ageOf`, `sights`. Inputs: `apply`. Times are of one `AgeClock`.
 */
import { ageNow } from "./age.js";
import { linkState } from "./link.js";
import { sightOf } from "./robot.js";
import { Track } from "./track.js";

/** @typedef {import("../types.js").Robot} Robot */
/** @typedef {import("../types.js").Task} Task */
/** @typedef {{ robot: Robot, received_ms: number, track: Track }} Known */

export class Picture {
  constructor() {
    /** @type {import("../types.js").Hall | null} */
    this.hall = null;
    /** @type {Map<string, Known>} */
    this.known = new Map();
    /** @type {Map<string, Task>} */
    this.tasks = new Map();
    /** @type {number | null} */
    this.heard_ms = null;
  }

  /**
   * @param {import("../types.js").FeedMessage} message
   * @param {number} now_ms
   */
  apply(message, now_ms) {
    this.heard_ms = now_ms;
    switch (message.type) {
      case "hello":
        this.begin(message, now_ms);
        break;
      case "delta":
        this.change(message.robots, message.tasks, now_ms);
        break;
      case "ping":
        break;
    }
  }

  /**
   * A hello is the whole truth: what it does not name is gone.
   * @param {import("../types.js").Hello} hello
   * @param {number} now_ms
   */
  begin(hello, now_ms) {
    this.hall = hello.hall;
    const ids = new Set(hello.robots.map((robot) => robot.id));
    for (const id of [...this.known.keys()]) if (!ids.has(id)) this.known.delete(id);
    this.tasks.clear();
    this.change(hello.robots, hello.tasks, now_ms);
  }

  /**
   * @param {Robot[]} robots
   * @param {Task[]} tasks
   * @param {number} now_ms
   */
  change(robots, tasks, now_ms) {
    for (const robot of robots) {
      const track = this.known.get(robot.id)?.track ?? new Track();
      if (robot.at !== null) track.push(robot.at, now_ms);
      this.known.set(robot.id, { robot, received_ms: now_ms, track });
    }
    for (const task of tasks) this.tasks.set(task.id, task);
  }

  /**
   * Since the server's last message, in milliseconds; null before the first.
   * @param {number} now_ms
   */
  silence_ms(now_ms) {
    return this.heard_ms === null ? null : Math.max(0, now_ms - this.heard_ms);
  }

  /** @param {number} now_ms */
  link(now_ms) {
    return linkState(this.silence_ms(now_ms));
  }

  /**
   * The age of a robot's last word; undefined when there is no such robot.
   * @param {string | null} id
   * @param {number} now_ms
   */
  ageOf(id, now_ms) {
    const known = id === null ? undefined : this.known.get(id);
    return known === undefined ? undefined : ageNow(known.robot.heard_age_ms, known.received_ms, now_ms);
  }

  /**
   * Every robot as it is to be shown now.
   * @param {number} now_ms
   */
  sights(now_ms) {
    const is_offline = this.link(now_ms) === "offline";
    return [...this.known.values()].map(({ robot, received_ms, track }) =>
      sightOf(robot, ageNow(robot.heard_age_ms, received_ms, now_ms), track.isMoving(now_ms), is_offline),
    );
  }

  /** @param {string} id */
  zoneTitle(id) {
    return this.hall?.zones.find((zone) => zone.id === id)?.title ?? id;
  }
}
