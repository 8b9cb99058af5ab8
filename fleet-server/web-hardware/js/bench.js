// @ts-check
/**
 * Talks to the demo's supervisor: looks twice a second, and acts when a hand does.
 *
 * Leaves to others: words (`words.js`), drawing (`panel.js`).
 */
import { problemLines } from "./words.js";

const LOOK_MS = 500;
const ANSWER_MS_MAX = 4_000;

/** Commands: `start`, `act`. Getters: `answer`, `silence_ms`. */
export class Bench {
  /** @param {() => void} on_change */
  constructor(on_change) {
    this.on_change = on_change;
    /** @type {import("./types.js").Answer} */
    this.answer = { robots: [] };
    /** @type {number | null} */
    this.heard_ms = null;
  }

  silence_ms() {
    return this.heard_ms === null ? null : performance.now() - this.heard_ms;
  }

  async start() {
    for (;;) {
      await this.look();
      await new Promise((resume) => setTimeout(resume, LOOK_MS));
    }
  }

  async look() {
    try {
      const response = await fetch("v1/hardware", { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      if (response.ok) {
        this.answer = await response.json();
        this.heard_ms = performance.now();
      }
    } catch {
      // Silence is told by its age, which grows until the next answer.
    }
    this.on_change();
  }

  /**
   * @param {string} path  "robots/r-1/press", "cut"
   * @returns {Promise<string[] | null>} what went wrong, in lines, or nothing
   */
  async act(path) {
    try {
      const response = await fetch(`v1/hardware/${path}`, { method: "POST", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      const body = await response.json().catch(() => null);
      if (!response.ok) return problemLines(response.status, body);
    } catch {
      return ["No answer came from the demo.", "Look at the panel to see whether it took effect."];
    } finally {
      await this.look();
    }
    return null;
  }
}
