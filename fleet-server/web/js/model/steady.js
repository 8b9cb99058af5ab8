// @ts-check
/**
 * An order of rows that does not change under a hand: while somebody touches the list, rows keep their places.
 * New rows go to the end and missing ones leave, so the content stays true.
 */

/** After the last touch the order stays for this long. */
const HOLD_MS = 4_000;

/** Input: `touch`. Getter: `arrange`. */
export class SteadyOrder {
  constructor() {
    /** @type {string[]} */
    this.keys = [];
    this.touched_ms = Number.NEGATIVE_INFINITY;
  }

  /** @param {number} now_ms */
  touch(now_ms) {
    this.touched_ms = now_ms;
  }

  /**
   * @template T
   * @param {T[]} wanted  in the order they should have
   * @param {(item: T) => string} key_of
   * @param {number} now_ms
   * @returns {T[]}
   */
  arrange(wanted, key_of, now_ms) {
    const is_held = now_ms - this.touched_ms < HOLD_MS;
    const arranged = is_held ? keepPlaces(this.keys, wanted, key_of) : wanted;
    this.keys = arranged.map(key_of);
    return arranged;
  }
}

/**
 * @template T
 * @param {string[]} keys
 * @param {T[]} wanted
 * @param {(item: T) => string} key_of
 */
function keepPlaces(keys, wanted, key_of) {
  const place = new Map(keys.map((key, i) => [key, i]));
  const place_of = (/** @type {T} */ item) => place.get(key_of(item)) ?? keys.length;
  return [...wanted].sort((a, b) => place_of(a) - place_of(b));
}
