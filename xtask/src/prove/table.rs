//! What was shown, for people.

use super::mutants::Mutants;
use super::searches::{Invariant, Search};
use super::spin::Model;
use super::{Report, Tests};
use std::fmt::Write;

/// Width of the first column and of each further one.
const NAME: usize = 73;
const CELL: usize = 15;

/// All of it.
pub fn of(report: &Report) -> String {
    [
        of_searches(&report.searches),
        of_tests(&report.tests),
        of_models(&report.models),
        line("bare metal", &[format!("built for {}", report.bare_metal)]),
        of_mutants(&report.mutants),
        format!("\n\n{} in {:.0} s: {}", report.level, report.seconds, if report.holds { "all holds" } else { "NO" }),
    ]
    .concat()
}

/// A row for each invariant, a column for each search.
fn of_searches(searches: &[Search]) -> String {
    let cells = |cell: fn(&Search) -> String| searches.iter().map(cell).collect::<Vec<_>>();
    let mut text = line("invariant", &cells(|search| search.search.clone()));
    for name in names(searches) {
        let verdicts = searches.iter().map(|search| verdict(search.holds_for(name)).to_owned());
        text += &line(name, &verdicts.collect::<Vec<_>>());
    }
    text += &line("every phase and cause that can occur was come across", &cells(reached));
    text += &line("states", &cells(|search| search.states.to_string()));
    text += &line("transitions", &cells(|search| search.transitions.to_string()));
    text += &line("seconds", &cells(|search| format!("{:.1}", search.seconds)));
    text += &line("as many as committed", &cells(|search| verdict(Some(search.as_committed)).to_owned()));
    text + "\n"
}

/// The model's runs.
pub fn of_models(models: &[Model]) -> String {
    let row = |model: &Model| {
        let name = format!("spin, {} times: {}", model.times, model.what);
        line(&name, &[verdict(Some(model.as_expected)).to_owned(), format!("{} states", model.states)])
    };
    models.iter().map(row).collect()
}

/// How the mutants fared.
pub fn of_mutants(mutants: &Mutants) -> String {
    let when = if mutants.run_now { "run now" } else { "committed, of this source" };
    let left = mutants.equivalent.len();
    let name = format!("mutants killed, {left} equivalent ({}; {when})", mutants.tool);
    line(&name, &[format!("{} of {}", mutants.killed, mutants.total)]).trim_end().to_owned()
}

fn of_tests(tests: &Tests) -> String {
    let name = format!("tests on the shipped limits, {} hostile frames among them", tests.hostile_frames);
    line(&name, &["passed".to_owned(), format!("{:.1} s", tests.seconds)])
}

/// Named invariants in the order of their numbers; what has only to be come across has a row of its own.
fn names(searches: &[Search]) -> Vec<&str> {
    let Some(first) = searches.first() else { return Vec::new() };
    let mut names: Vec<&str> = first.invariants.iter().map(|invariant| invariant.name.as_str()).collect();
    names.retain(|name| !is_reached(name));
    names.sort_by_key(|name| place(name));
    names
}

/// I1 to I21, then S1 and so on, then A1 and so on.
fn place(name: &str) -> (usize, u32) {
    let (letter, rest) = name.split_at(1);
    let number = rest.split(' ').next().and_then(|digits| digits.parse().ok());
    ("ISA".find(letter).unwrap_or(usize::MAX), number.unwrap_or(u32::MAX))
}

fn is_reached(name: &str) -> bool {
    name.starts_with("reached")
}

fn reached(search: &Search) -> String {
    let all: Vec<&Invariant> = search.invariants.iter().filter(|invariant| is_reached(&invariant.name)).collect();
    format!("{} of {}", all.iter().filter(|invariant| invariant.holds).count(), all.len())
}

const fn verdict(holds: Option<bool>) -> &'static str {
    match holds {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "not known",
    }
}

fn line(name: &str, cells: &[String]) -> String {
    let mut text = format!("{name:NAME$}");
    for cell in cells {
        write!(text, " {cell:>CELL$}").expect("a string takes every word");
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariants_stand_in_the_order_of_their_numbers() {
        let mut names = ["A1 x", "I10 x", "S2 x", "I9 x", "I16 with"];
        names.sort_by_key(|name| place(name));
        assert_eq!(names, ["I9 x", "I10 x", "I16 with", "S2 x", "A1 x"]);
    }
}
