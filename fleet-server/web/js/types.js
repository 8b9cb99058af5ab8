// @ts-check
/**
 * The shapes of what the server sends, as types only; nothing here runs.
 *
 * Field names are the server's (snake_case). Lengths are centimetres from the hall's south-west corner, ages are
 * milliseconds at the moment of sending: a reader has to add the time since it received them.
 *
 * @typedef {{ x_cm: number, y_cm: number }} Point
 * @typedef {{ id: string, title: string, from: Point, to: Point, station: Point }} Zone
 * @typedef {{ title: string, size: Point, zones: Zone[] }} Hall
 *
 * @typedef {"tripped" | "reset_armed" | "reset_pressed" | "released" | "energised" | "stopping" | "standby" | "locked"} Phase
 * @typedef {{ phase: Phase, cause: string, trip_epoch: number }} Interlock
 *
 * @typedef {object} Robot
 * @property {string} id
 * @property {number | null} heard_age_ms  age of its newest signed word by the server's monotonic clock
 * @property {Point | null} at             of that last word, like battery and interlock
 * @property {number | null} battery_permille
 * @property {Interlock | null} interlock
 * @property {string | null} task          the code of the task it works on
 * @property {number | null} step          place in the order, from 0
 * @property {number | null} steps
 * @property {boolean} awaits_person
 * @property {number} unacked              journal entries it holds that the server has not acknowledged
 * @property {number} cursor               how far it has applied its feed
 * @property {number} feed_head            how far the feed goes
 * @property {"online" | "offline" | "connection_broken" | "unknown"} connection
 * @property {number | null} disclosure_sent_ms_ago  as of its last word
 * @property {number | null} disclosure_heard_ms_ago  since when its own receiver does not hear it, 0 while it does; as of its last word
 * @property {"clock_off" | "receiver_ahead" | null} [disbelieved]  why nobody would believe what it discloses, as of its last word
 * @property {string | null} [disbelieved_says]  the same for people, with what to do
 * @property {number | null} endorsed_until_ms  milliseconds since 1970
 * @property {number | null} endorsed_left_ms   at the moment of sending; 0 when it is over
 *
 * @typedef {{ from_ms: number, to_ms: number, open: boolean, cause: string, energised_ms: number, moving_ms: number }} DisclosureGap
 * @typedef {{ epoch: string, chain: "whole" | "missing" | "broken", entries: number, missing: number, signatures: "hold" | "not_checked" | "wrong", signed_up_to: number }} DisclosureProof
 *
 * @typedef {object} DisclosureDay  stretches are [from, to] in milliseconds since 1970
 * @property {string} day
 * @property {number} begin_ms
 * @property {number} energised_ms
 * @property {number} energised_covered_ms
 * @property {number} moving_ms
 * @property {number} moving_covered_ms
 * @property {number} covered_ms
 * @property {number} unknown_ms
 * @property {number[][]} energised
 * @property {number[][]} moving
 * @property {number[][]} covered
 * @property {number[][]} unknown
 * @property {DisclosureGap[]} gaps
 *
 * @typedef {{ left_out: "gap" | "hearing" | "motion" | "rest" | "energy" | "start" | "key" | "last_sign", at_ms: number }} LeftOut
 * @typedef {{ robot: string, until_ms: number | null, journal: DisclosureProof[], contradictions: LeftOut[], days: DisclosureDay[] }} DisclosureReport
 *
 * @typedef {"queued" | "assigned" | "dispatched" | "accepted" | "running" | "held" | "blocked" | "done" | "failed" | "cancelled"} TaskState
 * @typedef {"kitting" | "machine_tending" | "inspection" | "charging"} TaskKind
 * @typedef {{ code: string, sentence: string, what_to_do: string }} Why
 *
 * @typedef {object} Task
 * @property {string} id
 * @property {string} code
 * @property {string} title
 * @property {TaskKind} kind
 * @property {string} zone
 * @property {string | null} from
 * @property {number} priority             1 (first) to 5 (last)
 * @property {number | null} due_ms
 * @property {TaskState} state
 * @property {string | null} robot
 * @property {number} steps
 * @property {number} steps_done
 * @property {boolean} cancel_wanted
 * @property {Why | null} why
 * @property {boolean} late
 *
 * @typedef {object} Note              `parts` are what an edit names as its base
 * @property {number} rev
 * @property {string} text
 * @property {{ id: string, text: string, done: boolean }[]} items
 * @property {string[]} parts
 *
 * @typedef {{ type: "hello", rev: number, epoch: string, hall: Hall, robots: Robot[], tasks: Task[] }} Hello
 * @typedef {{ type: "delta", rev: number, robots: Robot[], tasks: Task[] }} Delta
 * @typedef {{ type: "ping", rev: number }} Ping
 * @typedef {Hello | Delta | Ping} FeedMessage
 *
 * @typedef {object} Problem
 * @property {string} title
 * @property {number} status
 * @property {string} detail
 * @property {string} code
 * @property {string} what_to_do
 * @property {string} [field]
 * @property {boolean} [is_unsettled]      nobody knows whether the request took effect
 *
 * @typedef {"normal" | "low" | "medium" | "high" | "unknown"} Tone   how loudly a thing is shown
 * @typedef {"live" | "late" | "not_heard" | "never"} Hearing         how fresh a robot's last word is
 * @typedef {"none" | "live" | "late" | "offline"} LinkState          how fresh the server's last word is
 */
export {};
