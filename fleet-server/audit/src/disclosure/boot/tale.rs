//! What an agent's own record says against itself: each beginning has its end, each process its start and its key.

use super::super::contradiction::{Contradiction, Omitted};
use super::super::sign::{Sign, What};
use super::Life;

/// What the lives of a boot leave out, by their own word alone.
pub(super) fn left_out(lives: &[Life<'_>]) -> Vec<Contradiction> {
    let begun = |life: &&Life<'_>| life.signs.iter().any(|sign| sign.what == What::Started);
    let unbegun = lives.iter().filter(|life| !begun(life)).filter_map(|life| life.signs.iter().find(is_of_agent));
    let starts = unbegun.map(|sign| left(Omitted::Start, sign));
    starts.chain(lives.iter().filter(begun).flat_map(one)).collect()
}

/// Only a running agent writes it.
fn is_of_agent(sign: &&Sign) -> bool {
    matches!(sign.what, What::Key | What::Heard | What::Unheard(_) | What::Moves | What::Rests | What::Phase { .. })
}

/// A process begins unheard and at rest; what it tells alternates from there.
fn one(life: &Life<'_>) -> Vec<Contradiction> {
    let (mut is_heard, mut is_moving, mut has_key) = (false, false, false);
    let mut found = Vec::new();
    for sign in life.signs {
        match sign.what {
            What::Key if has_key => found.push(left(Omitted::Start, sign)),
            What::Key => has_key = true,
            What::Heard => {
                found.extend(is_heard.then(|| left(Omitted::Gap, sign)));
                found.extend((!has_key).then(|| left(Omitted::Key, sign)));
                is_heard = true;
            }
            What::Unheard(_) => {
                found.extend((!is_heard).then(|| left(Omitted::Hearing, sign)));
                is_heard = false;
            }
            What::Moves => {
                found.extend(is_moving.then(|| left(Omitted::Rest, sign)));
                is_moving = true;
            }
            What::Rests => {
                found.extend((!is_moving).then(|| left(Omitted::Motion, sign)));
                is_moving = false;
            }
            _ => {}
        }
    }
    found
}

const fn left(omitted: Omitted, sign: &Sign) -> Contradiction {
    Contradiction { at_ms: sign.at_ms, omitted }
}
