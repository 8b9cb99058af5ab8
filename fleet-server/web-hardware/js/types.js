// @ts-check
/**
 * What the demo's supervisor sends, as types only.
 *
 * @typedef {{ state: "up", pid: number, starts: number } | { state: "down", starts: number }} Life
 *
 * @typedef {object} Hardware  a robot's panel; all but the last three are missing while its firmware does not answer
 * @property {string} robot
 * @property {string} [error]
 * @property {string} [phase]
 * @property {string} [cause]
 * @property {number} [trip_epoch]
 * @property {"pressed" | "released"} [button]
 * @property {"pressed" | "released"} [reset]
 * @property {boolean} [relays]
 * @property {boolean} [proof_tested]
 * @property {string} [lamp]
 * @property {boolean} [moving]
 * @property {number} [x_cm]
 * @property {number} [y_cm]
 * @property {number} [battery_permille]
 * @property {boolean} [held]
 * @property {boolean} [beacon_heard]
 * @property {string} [defect]  what a person has broken about the hardware
 * @property {boolean} [agent_heard]
 * @property {string} [words]
 * @property {"script" | "person" | "visitor" | null} [pressed_by]
 * @property {"up" | "cut"} network
 * @property {Record<string, Life>} processes
 *
 * @typedef {{ robots: Hardware[], fleet?: Life }} Answer
 */
export {};
