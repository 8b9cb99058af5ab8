// @ts-check
/**
 * A task that is being written, with the identity under which it may be sent more than once and takes effect once.
 */

/** @typedef {{ title: string, kind: string, zone: string, from?: string, priority: number, robot?: string }} Wish */

/** Getter after `body`: the same wish keeps its id, another wish gets another. `renew` after a success. */
export class Draft {
  /** @param {() => string} make_id */
  constructor(make_id) {
    this.make_id = make_id;
    this.id = make_id();
    this.last = "";
  }

  /**
   * @param {Wish} wish
   * @returns {Wish & { id: string }}
   */
  body(wish) {
    const text = JSON.stringify(wish);
    if (this.last !== "" && this.last !== text) this.id = this.make_id();
    this.last = text;
    return { id: this.id, ...wish };
  }

  renew() {
    this.id = this.make_id();
    this.last = "";
  }
}

/**
 * The wish in a form's fields; empty choices are left out.
 * @param {(name: string) => string} field
 * @returns {Wish}
 */
export function wishOf(field) {
  const kind = field("kind");
  const from = kind === "kitting" ? field("from") : "";
  const robot = field("robot");
  return {
    title: field("title").trim(),
    kind,
    zone: field("zone"),
    ...(from === "" ? {} : { from }),
    priority: Number(field("priority")),
    ...(robot === "" ? {} : { robot }),
  };
}

/**
 * What the form asks for before it asks the server: the first missing field and a sentence, or nothing.
 * @param {Wish} wish
 * @returns {{ field: string, sentence: string } | null}
 */
export function missingIn(wish) {
  if (wish.title === "") return { field: "title", sentence: "Give the task a title." };
  if (wish.zone === "") return { field: "zone", sentence: "Choose the zone where the work is done." };
  if (wish.kind === "kitting" && wish.from === undefined) {
    return { field: "from", sentence: "Choose the zone where the kit is fetched." };
  }
  return null;
}

/**
 * A UUID of version 7 from the wall clock and ten random bytes; `crypto.randomUUID` is missing on a plain http origin.
 * @param {number} wall_ms
 * @param {Uint8Array} random
 */
export function uuid7(wall_ms, random) {
  const bytes = [40, 32, 24, 16, 8, 0].map((bits) => Math.floor(wall_ms / 2 ** bits) % 256).concat(...random);
  bytes[6] = 0x70 | (/** @type {number} */ (bytes[6]) & 0x0f);
  bytes[8] = 0x80 | (/** @type {number} */ (bytes[8]) & 0x3f);
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
