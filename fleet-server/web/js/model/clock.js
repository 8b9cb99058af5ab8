// @ts-check
/**
 * A clock for ages: it runs on while the computer sleeps.
 *
 * The browser's monotonic clock may stand still in sleep, and ages would wake up too young. The wall clock runs on,
 * but may be set. So: monotonic steps, and whenever the wall clock moved much further ahead, its step instead. A wall clock
 * that is set forward makes ages too old until the next word arrives, which is the harmless direction.
 */

/** Wall and monotonic steps that differ by less than this are taken as the same. */
const SLEEP_MS_MIN = 1_500;

/** Getter: `now`, milliseconds since the clock was made; it never goes back. */
export class AgeClock {
  /**
   * @param {() => number} monotonic_ms
   * @param {() => number} wall_ms
   */
  constructor(monotonic_ms, wall_ms) {
    this.monotonic_ms = monotonic_ms;
    this.wall_ms = wall_ms;
    this.last_monotonic = monotonic_ms();
    this.last_wall = wall_ms();
    this.total_ms = 0;
  }

  now() {
    const monotonic = this.monotonic_ms();
    const wall = this.wall_ms();
    const step = Math.max(0, monotonic - this.last_monotonic);
    const wall_step = wall - this.last_wall;
    this.total_ms += wall_step - step > SLEEP_MS_MIN ? wall_step : step;
    this.last_monotonic = monotonic;
    this.last_wall = wall;
    return this.total_ms;
  }
}
