//! The beacon seen from outside: golden vectors, a second reader, random mutations.
#![expect(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod mutate;
mod packs;
mod python;
mod table;
mod vectors;

use mutate::{Tally, mutate};
use packs::Packs;

/// The million is `cargo bench -p shared --bench beacon`.
#[test]
fn no_random_mutation_is_taken() {
    let Tally { accepted, unchanged } = mutate(&Packs::fixed(), 2_000, 0x9e37_79b9_7f4a_7c15);
    assert_eq!(accepted, 0);
    assert!(unchanged < 500, "{unchanged} of 2000 changed nothing");
}
