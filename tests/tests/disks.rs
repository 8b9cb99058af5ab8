//! Many worlds in which disks go back in time, are copied and made anew, and calendars are wrong; and what is planted in their
//! evidence is found.

use std::collections::BTreeMap;
use std::thread;
use tests::world::disks::{Kind, Shown, Tamper, run};

const SEEDS: u64 = 200;
const SEEDS_THOROUGH: u64 = 3_000;

#[test]
fn whatever_becomes_of_disks_and_calendars_nothing_is_lost_doubled_or_left_unnamed() {
    let all = worlds(1, SEEDS);
    let sum = |count: fn(&Shown) -> usize| all.iter().map(count).sum::<usize>() as u64;
    let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
    all.iter().flat_map(|shown| &shown.exchanges).for_each(|kind| *kinds.entry(*kind).or_default() += 1);
    let (named, entries, offered_again) = (sum(|s| s.named), sum(|s| s.entries), sum(|s| s.offered_again));
    let (forks, wrong_boots) = (sum(|s| s.forks), sum(|s| s.wrong_boots));
    let (titles, samples) = (sum(|s| s.titles), sum(|s| s.samples));
    println!(
        "{SEEDS} worlds: {kinds:?}, {named} of them had to be named and were; {entries} entries, {offered_again} offered again, \
         {forks} forks, all flagged; {wrong_boots} boots by a wrong calendar, all suspected; {titles} titles in order; \
         {samples} samples"
    );
    // A world in which nothing happens proves nothing.
    assert!(kinds.len() == 6 && kinds.values().all(|count| *count > SEEDS / 10), "{kinds:?}");
    assert!(named > SEEDS && offered_again > SEEDS && wrong_boots > SEEDS && titles > SEEDS);
    assert!(forks > 0 && entries > 100 * SEEDS && samples > 100 * SEEDS);
}

#[test]
#[ignore = "takes minutes: `cargo xtask test --thorough` runs it"]
fn nor_in_thousands_of_worlds_more() {
    let all = worlds(SEEDS + 1, SEEDS_THOROUGH);
    let (exchanges, forks) = all.iter().fold((0, 0), |sum, s| (sum.0 + s.exchanges.len(), sum.1 + s.forks));
    println!("{} worlds, {exchanges} exchanges, {forks} forks", all.len());
    assert!(exchanges > all.len() && forks > all.len() / 100);
}

/// These worlds, on two threads.
fn worlds(first: u64, last: u64) -> Vec<Shown> {
    let every_second = |first: u64| (first..=last).step_by(2).map(world).collect::<Vec<_>>();
    let all = thread::scope(|scope| {
        let others = scope.spawn(|| every_second(first + 1));
        [every_second(first), others.join().expect("a world ends")].concat()
    });
    let wrong: Vec<&String> = all.iter().filter_map(|world| world.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{} of {} worlds:\n{wrong:#?}", wrong.len(), all.len());
    all.into_iter().flatten().collect()
}

fn world(seed: u64) -> Result<Shown, String> {
    run(seed, None).map_err(|error| format!("the world of seed {seed}: {error:#}"))
}

#[test]
fn whatever_is_falsified_in_the_evidence_is_found() {
    for (tamper, words) in Tamper::ALL {
        let found = (1..=5).find_map(|seed| run(seed, Some(tamper)).err());
        let found = found.unwrap_or_else(|| panic!("{tamper:?} is not found")).to_string();
        assert!(found.contains(words), "{tamper:?}: {found}");
    }
}
