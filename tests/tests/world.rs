//! Many worlds, each from its seed: whatever the network, the crashes and the people do, the copies end equal, nothing
//! that was acknowledged is lost, and no step is done twice.

use tests::world::{Fault, run};

const SEEDS: u64 = 200;

#[test]
fn in_every_world_all_copies_end_equal_and_nothing_is_lost_or_doubled() {
    let (mut tasks_done, mut acked) = (0, 0);
    for seed in 1..=SEEDS {
        match run(seed, Fault::None) {
            Ok(shown) => (tasks_done, acked) = (tasks_done + shown.tasks_done, acked + shown.acked),
            Err(error) => panic!("the world of seed {seed}: {error:#}"),
        }
    }
    // A world in which nothing happens proves nothing.
    assert!(
        tasks_done as u64 > 2 * SEEDS && acked > 50 * SEEDS,
        "{tasks_done} tasks done, {acked} entries acknowledged"
    );
}

#[test]
fn a_server_that_tells_before_it_commits_is_found() {
    let found = (1..=20).find_map(|seed| run(seed, Fault::TellsFirst).err());
    let found = found.expect("twenty worlds with a server that forgets what it told").to_string();
    assert!(found.contains("acknowledged") || found.contains("gone"), "{found}");
}
