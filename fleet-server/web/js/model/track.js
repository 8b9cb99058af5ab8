// @ts-check
/**
 * Where a robot is drawn between two words: it glides from where it was drawn to where it was last reported.
 *
 * Never further: a position that nobody reported is never drawn.
 */

/** @typedef {import("../types.js").Point} Point */

/** Two positions nearer than this, in centimetres, are the same place: a swaying robot does not walk. */
const STILL_CM = 4;
/** A robot whose position has not changed for this long stands. */
const STANDS_AFTER_MS = 900;
/** A glide takes as long as the words are apart, within these bounds. */
const GLIDE_MS_MIN = 100;
const GLIDE_MS_MAX = 1_000;
/** A jump longer than this, in centimetres, is not drawn as a walk. */
const JUMP_CM = 400;

/** Inputs: `push`. Getters: `at`, `heading`, `isMoving`, `isGliding`. */
export class Track {
  constructor() {
    /** @type {Point | null} */
    this.from = null;
    /** @type {Point | null} */
    this.to = null;
    this.begun_ms = 0;
    this.glide_ms = 0;
    this.moved_ms = Number.NEGATIVE_INFINITY;
    this.pushed_ms = 0;
    /** Direction of the last move, radians from east towards north. */
    this.heading = Math.PI / 2;
  }

  /**
   * @param {Point} point
   * @param {number} now_ms
   */
  push(point, now_ms) {
    const gap_ms = now_ms - this.pushed_ms;
    this.pushed_ms = now_ms;
    if (this.to === null || distance(this.to, point) > JUMP_CM) {
      this.from = this.to = point;
      return;
    }
    if (distance(this.to, point) < STILL_CM) return;
    this.heading = Math.atan2(point.y_cm - this.to.y_cm, point.x_cm - this.to.x_cm);
    this.from = this.at(now_ms, false);
    this.to = point;
    this.begun_ms = this.moved_ms = now_ms;
    this.glide_ms = Math.min(GLIDE_MS_MAX, Math.max(GLIDE_MS_MIN, gap_ms));
  }

  /**
   * Where to draw it; null before the first position.
   * @param {number} now_ms
   * @param {boolean} is_motion_reduced  draw the reported position at once
   * @returns {Point | null}
   */
  at(now_ms, is_motion_reduced) {
    if (this.from === null || this.to === null) return null;
    const part = is_motion_reduced || this.glide_ms === 0 ? 1 : Math.min(1, (now_ms - this.begun_ms) / this.glide_ms);
    return {
      x_cm: this.from.x_cm + (this.to.x_cm - this.from.x_cm) * part,
      y_cm: this.from.y_cm + (this.to.y_cm - this.from.y_cm) * part,
    };
  }

  /** @param {number} now_ms */
  isMoving(now_ms) {
    return now_ms - this.moved_ms < STANDS_AFTER_MS + this.glide_ms;
  }

  /** @param {number} now_ms */
  isGliding(now_ms) {
    return now_ms - this.begun_ms < this.glide_ms;
  }
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function distance(a, b) {
  return Math.hypot(a.x_cm - b.x_cm, a.y_cm - b.y_cm);
}
