//! Which of a robot's clock readings can be so.
//!
//! A robot writes its own clock, so a number out of all reason is no time: it would make a report of a thousand million days.
//! Such an entry stays in the chain and is counted; nothing is read off it.

use super::sign::{Sign, What};
use shared::journal::Boot;
use std::collections::BTreeMap;

/// The longest that all boots of one robot can be together, in milliseconds: twenty years. Boots do not overlap, so no honest
/// record of one machine is longer.
pub const LIFE_MS: u64 = 20 * 366 * 86_400_000;

/// The signs that can be so, grouped by boot in the order in which boots were met, and how many could not.
#[must_use]
pub fn believable(signs: &[Sign]) -> (Vec<(Boot, Vec<Sign>)>, u64) {
    let mut unbelievable = 0;
    let mut places: BTreeMap<Boot, usize> = BTreeMap::new();
    let mut boots: Vec<(Boot, Vec<Sign>)> = Vec::new();
    for sign in signs {
        if sign.what == What::Unbelievable || last_ms(sign) > LIFE_MS {
            unbelievable += 1;
            continue;
        }
        let place = *places.entry(sign.boot).or_insert(boots.len());
        match boots.get_mut(place) {
            Some((_, told)) => told.push(*sign),
            None => boots.push((sign.boot, vec![*sign])),
        }
    }
    let mut left_ms = LIFE_MS;
    boots.retain(|(_, told)| {
        let length_ms = length_ms(told);
        let has_room = length_ms <= left_ms;
        left_ms -= if has_room { length_ms } else { 0 };
        unbelievable += if has_room { 0 } else { told.len() as u64 };
        has_room
    });
    (boots, unbelievable)
}

fn last_ms(sign: &Sign) -> u64 {
    sign.at_ms.max(sign.stamp_ms)
}

fn length_ms(told: &[Sign]) -> u64 {
    told.iter().map(last_ms).max().unwrap_or(0)
}
