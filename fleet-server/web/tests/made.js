/** Robots and tasks for the tests: healthy ones, changed in what a test is about. */

export function robotOf(change) {
  return {
    id: "r-1",
    heard_age_ms: 100,
    at: { x_cm: 100, y_cm: 100 },
    battery_permille: 800,
    interlock: { phase: "energised", cause: "power_up", trip_epoch: 1 },
    task: null,
    step: null,
    steps: null,
    awaits_person: false,
    unacked: 0,
    cursor: 1,
    feed_head: 1,
    connection: "online",
    disclosure_sent_ms_ago: 100,
    disclosure_heard_ms_ago: 0,
    endorsed_until_ms: 1_795_392_000_000,
    endorsed_left_ms: 6 * 86_400_000,
    ...change,
  };
}

export function taskOf(change) {
  return {
    id: change.code ?? "T-00001",
    code: "T-00001",
    title: "Load the mill",
    kind: "machine_tending",
    zone: "cell-a",
    from: null,
    priority: 3,
    due_ms: null,
    state: "queued",
    robot: null,
    steps: 0,
    steps_done: 0,
    cancel_wanted: false,
    why: null,
    late: false,
    ...change,
  };
}
