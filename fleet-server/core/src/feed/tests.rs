//! Rows to one robot: in order, once, and as a whole where that is shorter.

use super::*;
use crate::fixture::{given, key, robot, row, task_id};
use shared::beacon::Endorsement;
use shared::field::OpId;
use shared::hlc::Hlc;
use shared::task::TaskRow;
use shared::time::Millis;
use shared::wire::fleet_to_robot::{Feed, FeedWord};
use shared::wire::from_bytes;
use shared::wire::snapshot::{Packed, Progress, cut};

fn next(feed: &mut RobotFeed, now: Instant) -> Option<Feed> {
    match feed.next(7, Abilities::NONE, now) {
        Next::Rows(message) => Some(message),
        Next::Nothing => None,
        other @ (Next::Chunks(_) | Next::Read(_) | Next::Snapshot) => panic!("{other:?}"),
    }
}

fn feeds_with(count: u8) -> Feeds {
    let mut feeds = Feeds::default();
    (1..=count).for_each(|number| drop(feeds.show(&given(row(number), "r-1"))));
    feeds
}

#[test]
fn rows_go_out_once_until_they_are_applied_or_two_seconds_have_passed() {
    let mut feeds = feeds_with(3);
    let feed = feeds.of(&robot("r-1"));
    assert_eq!(next(feed, Instant(0)), None);
    feed.begin_after(1);
    let message = next(feed, Instant(0)).unwrap();
    assert_eq!((message.from, message.rows.len(), message.server_epoch), (1, 2, 7));
    assert_eq!(next(feed, Instant(1999)), None);
    assert_eq!(next(feed, Instant(2000)), Some(message));
    assert!(feed.applied_up_to(3));
    assert!(!feed.applied_up_to(3));
    assert_eq!(next(feed, Instant(9000)), None);
}

#[test]
fn a_cursor_beyond_the_head_is_not_believed() {
    let mut feeds = feeds_with(2);
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(0);
    assert!(!feed.applied_up_to(3));
    assert_eq!(feed.applied(), Some(0));
}

#[test]
fn the_deadline_is_told_only_while_the_robot_is_heard() {
    let mut feeds = feeds_with(1);
    feeds.of(&robot("r-1")).begin_after(0);
    next(feeds.of(&robot("r-1")), Instant(100));
    assert_eq!(feeds.poll_timeout(|_| Some(Instant(9000))), Some(Instant(2100)));
    assert_eq!(feeds.poll_timeout(|_| Some(Instant(2000))), None);
    assert_eq!(feeds.poll_timeout(|_| None), None);
}

#[test]
fn a_task_taken_from_a_robot_is_revoked_and_one_on_paper_is_not_shown() {
    let mut feeds = feeds_with(1);
    let back = TaskRow { robot: None, state: TaskState::Queued, ..row(1) };
    let rows = feeds.show(&TaskRecord { row: back, given_to: Some(robot("r-1")) });
    assert_eq!(rows.len(), 1);
    assert_eq!(from_bytes::<Row>(&rows[0].row).unwrap(), Row::Revoke { task: row(1).id });
    let paper = TaskRow { robot: Some(robot("r-1")), state: TaskState::Assigned, ..row(1) };
    assert_eq!(feeds.show(&TaskRecord { row: paper, given_to: Some(robot("r-1")) }), vec![]);
}

#[test]
fn a_long_feed_is_cut_into_messages_that_fit() {
    let mut feeds = Feeds::default();
    for number in 1..=200 {
        let wide = TaskRow { title: "x".repeat(800), ..row(number) };
        feeds.show(&given(wide, "r-1"));
    }
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(0);
    let message = next(feed, Instant(0)).unwrap();
    assert!(message.rows.len() < 200 && to_bytes(&message).len() < 50 * 1024);
}

/// A feed of `count` rows about four tasks.
fn long_feed(count: u32) -> Feeds {
    let mut feeds = Feeds::default();
    feeds.set_wall(WallTime(1000));
    for number in 1..=count {
        feeds.show(&given(row(u8::try_from(number % 4).unwrap()), "r-1"));
    }
    feeds
}

#[test]
fn memory_holds_the_newest_rows_and_older_ones_are_read_back() {
    let mut feeds = long_feed(1000);
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(3);
    let Next::Read(read) = feed.next(7, Abilities::NONE, Instant(0)) else { panic!("not read") };
    assert_eq!((read.after, feed.next(7, Abilities::NONE, Instant(1))), (3, Next::Nothing), "asked once");
    let rows = vec![RowBytes(vec![1]); 100];
    assert_eq!(feed.read_back(7, 2, &rows, Instant(1)), None, "an answer to an older question");
    let message = feed.read_back(7, 3, &rows, Instant(1)).unwrap();
    assert_eq!((message.from, message.rows.len()), (3, 100));
    feed.applied_up_to(750);
    assert_eq!(next(feed, Instant(2)).unwrap().rows.len(), 250);
}

#[test]
fn a_robot_that_can_gets_the_whole_where_that_is_shorter_and_goes_on_where_it_was() {
    let mut feeds = long_feed(1000);
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(3);
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(0)), Next::Snapshot);
    let tasks: Vec<TaskRow> = (0..3000u32).map(|n| TaskRow { number: n, ..row(1) }).collect();
    let chunks = cut(&tasks, &[], &[]);
    let count = u32::try_from(chunks.len()).unwrap();
    feed.begin_snapshot(9, chunks.clone(), Instant(0));
    let sent = |next: Next| match next {
        Next::Chunks(words) => words.len(),
        other @ (Next::Nothing | Next::Rows(_) | Next::Read(_) | Next::Snapshot) => panic!("{other:?}"),
    };
    assert_eq!(sent(feed.next(7, Abilities::SNAPSHOTS, Instant(0))), count.min(4) as usize);
    assert_eq!(sent(feed.next(7, Abilities::SNAPSHOTS, Instant(1))), 0);
    assert_eq!(feed.due_at(), Some(Instant(2000)));
    assert_eq!(sent(feed.next(7, Abilities::SNAPSHOTS, Instant(2000))), count.min(4) as usize);
    feed.greeted(Abilities::SNAPSHOTS, Some(Progress { snapshot: 9, chunks: 1 }), Instant(3000));
    feed.begin_after(3);
    feed.begin_snapshot(9, chunks, Instant(3000));
    assert_eq!(feed.snapshot(), Some((1, count)));
    feed.chunks_applied(Progress { snapshot: 9, chunks: count }, Instant(3001));
    assert_eq!((feed.applied(), feed.snapshot()), (Some(1000), None));
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(9000)), Next::Nothing);
}

#[test]
fn chunks_name_their_snapshot_and_place() {
    let mut feeds = long_feed(1);
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(0);
    feed.begin_snapshot(9, cut(&[row(1)], &[], &[]), Instant(0));
    let Next::Chunks(words) = feed.next(7, Abilities::SNAPSHOTS, Instant(0)) else { panic!("no chunk") };
    let [FeedWord::Chunk { server_epoch: 7, chunk }] = &words[..] else { panic!("{words:?}") };
    assert_eq!((chunk.snapshot, chunk.as_of, chunk.number, chunk.of), (9, 1, 0, 1));
    assert_eq!(chunk.packed.open().unwrap().0, vec![row(1)]);
}

#[test]
fn only_what_a_robot_can_do_without_is_forgotten() {
    let mut feeds = long_feed(1000);
    feeds.of(&robot("r-1")).begin_after(500);
    assert_eq!(feeds.forget(&robot("r-1"), Abilities::NONE), None);
    let forgotten = feeds.forget(&robot("r-1"), Abilities::SNAPSHOTS).unwrap();
    assert_eq!((forgotten.up_to, feeds.forget(&robot("r-1"), Abilities::SNAPSHOTS)), (500, None));
    feeds.set_wall(WallTime(2000 + Millis::secs(30 * 24 * 3600).0));
    assert_eq!(feeds.forget(&robot("r-1"), Abilities::SNAPSHOTS).unwrap().up_to, 960);
    let feed = feeds.of(&robot("r-1"));
    assert!(feed.lacks_forgotten());
    assert_eq!(feed.next(7, Abilities::NONE, Instant(0)), Next::Nothing, "what is gone cannot be sent row by row");
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(0)), Next::Snapshot);
}

#[test]
fn a_start_knows_the_ends_the_newest_of_each_kind_and_what_is_shown() {
    let row_99 = FeedRow { robot: robot("r-1"), seq: 4, row: vec![0x82, 0x18, 0x63, 0x80], made: WallTime(0) };
    let kept = Kept {
        ends: vec![FeedEnds { robot: robot("r-1"), first: 900, head: 1000 }],
        pinned: vec![row_99.clone()],
        ..Kept::default()
    };
    let mut feeds = Feeds::new(kept, &[given(row(1), "r-1")]);
    let feed = feeds.of(&robot("r-1"));
    assert_eq!((feed.head(), feed.pinned()), (1000, vec![RowBytes(row_99.row)]));
    assert!(feed.shows(task_id(1)));
    feed.begin_after(950);
    assert!(matches!(feed.next(7, Abilities::NONE, Instant(0)), Next::Read(read) if read.after == 950));
}

#[test]
fn the_newest_endorsement_is_known_after_a_start_however_old_it_is() {
    let issue = |day: u32| Endorsement::issue(&key(7), key(1).public(), 86_400 * day, 86_400 * (day + 3)).unwrap();
    let given = [issue(1), issue(2)];
    let mut feeds = Feeds::default();
    let pack = |endorsement: &Endorsement| Row::Endorsement { pack: endorsement.to_pack().to_vec() };
    let rows: Vec<FeedRow> = given.iter().map(|given| feeds.append(robot("r-1"), &pack(given))).collect();
    assert_eq!(feeds.of(&robot("r-1")).endorsement().as_ref(), given.last());
    let ends = vec![FeedEnds { robot: robot("r-1"), first: 900, head: 1000 }];
    let gone = Kept { ends, pinned: vec![rows[1].clone()], ..Kept::default() };
    assert_eq!(Feeds::new(gone, &[]).of(&robot("r-1")).endorsement().as_ref(), given.last());
    let at_hand = Kept { pinned: vec![rows[1].clone()], tail: rows, ..Kept::default() };
    assert_eq!(Feeds::new(at_hand, &[]).of(&robot("r-1")).endorsement().as_ref(), given.last());
}

#[test]
fn hashes_are_announced_every_five_minutes_to_who_compares_them_and_has_everything() {
    let mut feeds = long_feed(2);
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(1);
    feed.greeted(Abilities::SNAPSHOTS, None, Instant(0));
    assert_eq!(feed.due_at(), None);
    feed.greeted(Abilities::HASHES, None, Instant(0));
    assert_eq!(feed.due_at(), Some(Instant(10_000)), "soon: the server may have been put back");
    assert!(!feed.hashes_due(Instant(10_000)), "it does not have everything");
    feed.applied_up_to(2);
    assert!(!feed.hashes_due(Instant(10_001)));
    assert!(feed.hashes_due(Instant(20_000)), "a little later it has");
    assert!(!feed.hashes_due(Instant(319_999)));
    assert!(feed.hashes_due(Instant(320_000)));
}

#[test]
fn a_robot_that_connects_anew_every_minute_is_compared_all_the_same() {
    let mut feeds = long_feed(2);
    let feed = feeds.of(&robot("r-1"));
    let mut announced = vec![];
    for second in 0..=310 {
        if second % 60 == 0 {
            feed.greeted(Abilities::HASHES, None, Instant(second * 1_000));
            feed.begin_after(2);
        }
        if feed.hashes_due(Instant(second * 1_000)) {
            announced.push(second);
        }
    }
    assert_eq!(announced, [10, 310]);
}

/// A feed whose rows fit in memory, so that nothing but the wish for it makes a snapshot, and the chunks of one.
fn wanted_anew() -> (Feeds, Vec<Packed>) {
    let mut feeds = long_feed(100);
    feeds.of(&robot("r-1")).begin_after(100);
    feeds.of(&robot("r-1")).want_anew();
    let tasks: Vec<TaskRow> = (0..9000u32).map(|n| TaskRow { number: n, ..row(1) }).collect();
    let chunks = cut(&tasks, &[], &[]);
    assert!(chunks.len() > 1, "there is a middle");
    (feeds, chunks)
}

/// The rows differed, and the connection broke behind the first chunk: the cursor stands where the snapshot was taken, and
/// says nothing of the chunks that are missing.
#[test]
fn a_snapshot_for_rows_that_differ_goes_on_after_the_connection_broke_although_the_cursor_stands_at_its_end() {
    let (mut feeds, chunks) = wanted_anew();
    let feed = feeds.of(&robot("r-1"));
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(0)), Next::Snapshot);
    feed.begin_snapshot(9, chunks.clone(), Instant(0));
    feed.next(7, Abilities::SNAPSHOTS, Instant(0));
    feed.chunks_applied(Progress { snapshot: 9, chunks: 1 }, Instant(1));
    feed.begin_after(100);
    feed.greeted(Abilities::SNAPSHOTS, Some(Progress { snapshot: 9, chunks: 1 }), Instant(2));
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(2)), Next::Snapshot);
    feed.begin_snapshot(9, chunks.clone(), Instant(2));
    assert_eq!(feed.snapshot(), Some((1, u32::try_from(chunks.len()).unwrap())));
    feed.chunks_applied(Progress { snapshot: 9, chunks: u32::try_from(chunks.len()).unwrap() }, Instant(3));
    feed.begin_after(100);
    feed.greeted(Abilities::SNAPSHOTS, None, Instant(4));
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(4)), Next::Nothing, "it was applied whole");
}

/// A server that was started anew knows nothing of the wish; the robot's hello does.
#[test]
fn whoever_names_a_snapshot_gets_one_also_from_a_server_that_has_forgotten_why() {
    let mut feeds = long_feed(100);
    let feed = feeds.of(&robot("r-1"));
    feed.begin_after(0);
    feed.greeted(Abilities::SNAPSHOTS, Some(Progress { snapshot: 8, chunks: 1 }), Instant(0));
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(0)), Next::Snapshot);
}

#[test]
fn a_snapshot_of_which_no_chunk_arrived_is_still_wanted_after_the_connection_broke() {
    let (mut feeds, chunks) = wanted_anew();
    let feed = feeds.of(&robot("r-1"));
    feed.begin_snapshot(9, chunks, Instant(0));
    feed.next(7, Abilities::SNAPSHOTS, Instant(0));
    feed.begin_after(100);
    feed.greeted(Abilities::SNAPSHOTS, None, Instant(2));
    assert_eq!(feed.next(7, Abilities::SNAPSHOTS, Instant(2)), Next::Snapshot);
}

#[test]
fn what_became_of_an_edit_is_at_hand_until_it_is_applied_also_after_a_start() {
    let settled = |number: u8| Row::Settled { op: OpId([number; 16]), stamp: Hlc(7), why: None };
    let mut feeds = Feeds::default();
    let rows: Vec<FeedRow> = (1..=3).map(|number| feeds.append(robot("r-1"), &settled(number))).collect();
    let bytes: Vec<RowBytes> = rows.iter().map(|row| RowBytes(row.row.clone())).collect();
    let ends = vec![FeedEnds { robot: robot("r-1"), first: 1, head: 900 }];
    for mut feeds in [feeds, Feeds::new(Kept { ends, pinned: rows, ..Kept::default() }, &[])] {
        let feed = feeds.of(&robot("r-1"));
        feed.begin_after(0);
        assert_eq!((feed.settled(), feed.pinned()), (bytes.clone(), vec![]));
        feed.applied_up_to(2);
        assert_eq!(feed.settled(), bytes[2..]);
    }
}
