//! Two people and a robot edit one task apart and meet in every order; and a world that loses an edit is found.

use tests::world::Fault;
use tests::world::apart::{Met, ORDERS, run};

const SEEDS: u64 = 10;

#[test]
fn whoever_meets_first_all_end_equal_with_what_was_written() {
    let mut sum = Met { writes: 0, words: 0, items: 0 };
    for (seed, order) in (1..=SEEDS).flat_map(|seed| ORDERS.map(|order| (seed, order))) {
        let met = run(seed, order, Fault::None).unwrap_or_else(|e| panic!("seed {seed}, order {order:?}: {e:#}"));
        sum = Met { writes: sum.writes + met.writes, words: sum.words + met.words, items: sum.items + met.items };
    }
    let worlds = usize::try_from(SEEDS).expect("ten") * ORDERS.len();
    println!("{worlds} worlds: {} writes promised, {} words and {} items agreed on", sum.writes, sum.words, sum.items);
    assert!(sum.writes > 8 * worlds && sum.words > 2 * worlds && sum.items > worlds, "{sum:?}");
}

#[test]
fn a_merger_that_forgets_a_contribution_is_found() {
    let found = (1..=5).find_map(|seed| run(seed, ORDERS[0], Fault::ForgetsNotes).err());
    let found = found.expect("five worlds in which every second contribution is forgotten").to_string();
    assert!(found.contains("stands 0 times") || found.contains("is not in the checklist"), "{found}");
}

#[test]
fn a_server_that_believes_the_last_to_arrive_is_found() {
    let found =
        (1..=20).find_map(|seed| ORDERS.iter().find_map(|order| run(seed, *order, Fault::BelievesArrival).err()));
    let found = found.expect("worlds in which who arrives last wins").to_string();
    assert!(found.contains("was written last"), "{found}");
}
