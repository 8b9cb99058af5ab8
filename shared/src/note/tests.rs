//! Notes that are edited apart and merged in every order, and bytes that are no note.

use super::*;
use proptest::prelude::*;

fn op(number: u8) -> OpId {
    OpId([number; 16])
}

fn insert(at: u32, text: &str) -> Edit {
    Edit::Insert { at, text: text.to_owned() }
}

fn check(text: &str, done: bool) -> Edit {
    Edit::Check { text: text.to_owned(), done, at_ms: 5 }
}

fn update_of(base: &[Vec<u8>], number: u8, edits: &[Edit]) -> Vec<u8> {
    Note::open(base.iter().map(Vec::as_slice), op(number)).unwrap().edit(edits).unwrap()
}

fn ask(parts: &[Vec<u8>], number: u8, update: &[u8]) -> MergeAsk {
    let contribution = Contribution::Update { update: Blob(update.to_vec()) };
    MergeAsk { parts: parts.iter().cloned().map(Blob).collect(), op: op(number), contribution }
}

/// The note after these contributions, one after the other, as a server keeps it.
fn after(updates: &[(u8, Vec<u8>)]) -> (Vec<u8>, Content) {
    let (mut state, mut said) = (vec![], Content::default());
    for (number, update) in updates {
        let parts: Vec<Vec<u8>> = if state.is_empty() { vec![] } else { vec![state.clone()] };
        match merge(&ask(&parts, *number, update)) {
            Merged::Changed { state: next, content, delta } => {
                let copy = Note::open(parts.iter().map(Vec::as_slice).chain([delta.0.as_slice()]), op(99)).unwrap();
                assert_eq!(copy.content(), content, "what others are told makes their copy equal");
                (state, said) = (next.0, content);
            }
            Merged::Same => {}
            Merged::Refused { why } => panic!("{why}"),
        }
    }
    (state, said)
}

fn orders(updates: &[(u8, Vec<u8>)]) -> Vec<Vec<(u8, Vec<u8>)>> {
    let Some((first, rest)) = updates.split_first() else { return vec![vec![]] };
    let with = |rest: Vec<(u8, Vec<u8>)>| {
        (0..=rest.len()).map(move |at| [&rest[..at], std::slice::from_ref(first), &rest[at..]].concat())
    };
    orders(rest).into_iter().flat_map(with).collect()
}

#[test]
fn three_who_edit_apart_end_equal_in_every_order_and_no_item_is_doubled() {
    let start = (1, update_of(&[], 1, &[insert(0, "Bring the kit 🟦."), check("seal the box", false)]));
    let base = [start.1.clone()];
    let apart = [
        (2, update_of(&base, 2, &[insert(6, "blue "), check("Seal  the box", true)])),
        (3, update_of(&base, 3, &[Edit::Delete { at: 0, len: 5 }, insert(0, "Fetch"), check("weigh it", false)])),
        (4, update_of(&base, 4, &[insert(16, "!"), check("Weigh it", true)])),
    ];
    let wanted = after(&[std::slice::from_ref(&start), &apart[..]].concat());
    for word in ["Fetch", "blue ", "🟦", "!"] {
        assert!(wanted.1.text.contains(word), "{:?}", wanted.1.text);
    }
    let items: Vec<(&str, bool)> = wanted.1.items.iter().map(|item| (item.text.as_str(), item.done)).collect();
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(items.contains(&("seal the box", true)));
    for order in orders(&apart) {
        let twice = [std::slice::from_ref(&start), &order[..], &order[..1]].concat();
        assert_eq!(after(&twice).1, wanted.1);
    }
}

#[test]
fn an_edit_of_what_somebody_saw_is_merged_into_what_is_there_now() {
    let seen = update_of(&[], 1, &[insert(0, "abc")]);
    let (now, _) = after(&[(1, seen.clone()), (2, update_of(std::slice::from_ref(&seen), 2, &[insert(0, "xyz ")]))]);
    let edits = vec![Edit::Delete { at: 1, len: 1 }, insert(1, "B")];
    let contribution = Contribution::Edits { base: vec![Blob(seen)], edits };
    let Merged::Changed { content, .. } = merge(&MergeAsk { parts: vec![Blob(now)], op: op(3), contribution }) else {
        panic!("not merged")
    };
    assert_eq!(content.text, "xyz aBc");
}

#[test]
fn nobody_writes_in_the_name_of_another_and_nothing_rests_on_what_is_not_there() {
    let theirs = update_of(&[], 1, &[insert(0, "abc")]);
    let refused = |ask: &MergeAsk| matches!(merge(ask), Merged::Refused { why: Code::BadNote });
    assert!(refused(&ask(&[], 2, &theirs)), "forged");
    let rests = update_of(std::slice::from_ref(&theirs), 2, &[insert(1, "x")]);
    assert!(refused(&ask(&[], 2, &rests)), "rests on what is not there");
    assert!(matches!(merge(&ask(std::slice::from_ref(&theirs), 2, &rests)), Merged::Changed { .. }));
    let deletes = update_of(std::slice::from_ref(&theirs), 2, &[Edit::Delete { at: 0, len: 3 }]);
    assert!(matches!(merge(&ask(&[theirs], 2, &deletes)), Merged::Changed { content, .. } if content.text.is_empty()));
}

#[test]
fn edits_outside_the_note_and_long_ones_are_refused() {
    let edit = |edits: &[Edit]| Note::open([], op(1)).unwrap().edit(edits);
    for bad in [insert(1, "x"), Edit::Delete { at: 0, len: 1 }, Edit::Delete { at: u32::MAX, len: 2 }, check(" ", true)]
    {
        assert_eq!(edit(std::slice::from_ref(&bad)), Err(BadNote::Outside), "{bad:?}");
    }
    assert_eq!(edit(&[insert(0, &"é".repeat(UPDATE_LEN_MAX))]), Err(BadNote::TooLong));
    assert_eq!(edit(&vec![check("a", true); EDITS_MAX + 1]), Err(BadNote::TooLong));
}

#[test]
fn a_note_may_not_grow_for_ever() {
    let (mut state, mut refused) = (vec![], None);
    for round in 0..20u8 {
        let text = "0123456789abcdef".repeat(1000);
        let parts: Vec<Vec<u8>> = if state.is_empty() { vec![] } else { vec![state.clone()] };
        match merge(&ask(&parts, round, &update_of(&parts, round, &[insert(0, &text)]))) {
            Merged::Changed { state: next, .. } => state = next.0,
            other => {
                refused = Some(other);
                break;
            }
        }
    }
    assert_eq!(refused, Some(Merged::Refused { why: Code::NoteTooLong }));
    assert!(state.len() <= NOTE_LEN_MAX);
}

/// A small random edit of whatever text there is.
fn edits() -> impl Strategy<Value = (u8, u16, String)> {
    (0u8..3, any::<u16>(), "[a-zé🟦 ]{1,6}")
}

fn fitted((kind, at, text): (u8, u16, String), length: usize) -> Edit {
    let at = u32::from(at) % (u32::try_from(length).unwrap() + 1);
    match kind {
        0 => Edit::Delete { at, len: u32::try_from(length).unwrap().saturating_sub(at).min(3) },
        1 => check(&text.replace(' ', "x"), at.is_multiple_of(2)),
        _ => insert(at, &text),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_four_replicas_edit_apart_they_end_equal(
        start in edits(), apart in prop::collection::vec(prop::collection::vec(edits(), 1..4), 4)
    ) {
        let first = (100, update_of(&[], 100, &[insert(0, "start"), fitted(start, 5)]));
        let mut updates: Vec<(u8, Vec<u8>)> = vec![];
        // Each replica writes its edits as operations of their own, each upon the one before.
        let chains: Vec<Vec<(u8, Vec<u8>)>> = apart.into_iter().zip(0u8..).map(|(edits, replica)| {
            let mut parts = vec![first.1.clone()];
            edits.into_iter().zip(0u8..).map(|(edit, number)| {
                let id = replica * 10 + number;
                let note = Note::open(parts.iter().map(Vec::as_slice), op(id)).unwrap();
                let update = note.edit(&[fitted(edit, note.content().text.chars().count())]).unwrap();
                parts.push(update.clone());
                (id, update)
            }).collect()
        }).collect();
        chains.iter().for_each(|chain| updates.extend(chain.clone()));
        let wanted = after(&[std::slice::from_ref(&first), &updates[..]].concat()).1;
        let backwards: Vec<(u8, Vec<u8>)> = chains.iter().rev().flatten().cloned().collect();
        prop_assert_eq!(&after(&[std::slice::from_ref(&first), &backwards[..]].concat()).1, &wanted);
        let longest = chains.iter().map(Vec::len).max().unwrap();
        let in_turn: Vec<(u8, Vec<u8>)> =
            (0..longest).flat_map(|i| chains.iter().filter_map(move |chain| chain.get(i).cloned())).collect();
        prop_assert_eq!(&after(&[std::slice::from_ref(&first), &in_turn[..]].concat()).1, &wanted);
    }
}
