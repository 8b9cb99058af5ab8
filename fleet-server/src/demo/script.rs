//! What a headless run does instead of a visitor, and when: a decision from the time and what the panels show.
//!
//! At a third of the time two robots are cut off, at half of it the button of one that is under way is pressed, and
//! released a little later; at two thirds the network is restored; then the run ends.
//!
//! Leaves to others: doing it (`headless`), the reset and the resuming (`person`).

use shared::id::RobotId;

/// How long the script leaves the button pressed.
const PRESSED_MS: u64 = 4_000;

/// How many robots are cut off, where there are enough.
const CUT_COUNT: usize = 2;

/// When what is due, in milliseconds since the run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timetable {
    cut_ms: u64,
    restore_ms: u64,
    press_ms: u64,
    end_ms: u64,
    cut_count: usize,
}

impl Timetable {
    /// The times of a run of so many seconds with so many robots.
    #[must_use]
    pub fn new(seconds: u64, robots: usize) -> Self {
        let end_ms = seconds * 1000;
        // One robot is left to press. A robot alone is cut all the same, and restored before the press.
        let is_alone = robots <= 1;
        let cut_count = if is_alone { robots } else { CUT_COUNT.min(robots - 1) };
        let restore_ms = if is_alone { end_ms / 2 - 1_000 } else { end_ms * 2 / 3 };
        Self { cut_ms: end_ms / 3, restore_ms, press_ms: end_ms / 2, end_ms, cut_count }
    }
}

/// One robot as its panel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub id: RobotId,
    /// Whether it has power and moves.
    pub is_under_way: bool,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Cut these robots off.
    Cut(Vec<RobotId>),
    /// Restore their network.
    Restore(Vec<RobotId>),
    /// Press this robot's button, if it is still under way.
    Press(RobotId),
    /// Release it.
    Release(RobotId),
    /// End the run.
    End,
}

/// How far the script is. Ask with [`Script::next_move`]; say with [`Script::did`] what has succeeded.
#[derive(Clone, Debug)]
pub struct Script {
    table: Timetable,
    cut: Vec<RobotId>,
    is_restored: bool,
    pressed: Option<(RobotId, u64)>,
    is_released: bool,
}

impl Script {
    /// A script at its beginning.
    #[must_use]
    pub const fn new(table: Timetable) -> Self {
        Self { table, cut: Vec::new(), is_restored: false, pressed: None, is_released: false }
    }

    /// The robot whose button was pressed.
    #[must_use]
    pub fn pressed(&self) -> Option<&RobotId> {
        self.pressed.as_ref().map(|(id, _)| id)
    }

    /// What is due at `now_ms`. `floor` lists all robots, in their order.
    #[must_use]
    pub fn next_move(&self, now_ms: u64, floor: &[Seen]) -> Option<Move> {
        self.network(now_ms, floor).or_else(|| self.button(now_ms, floor)).or_else(|| self.end(now_ms))
    }

    fn network(&self, now_ms: u64, floor: &[Seen]) -> Option<Move> {
        if self.cut.is_empty() && now_ms >= self.table.cut_ms && !self.is_restored {
            return Some(Move::Cut(self.to_cut(floor)));
        }
        let is_due = now_ms >= self.table.restore_ms && !self.is_restored && !self.cut.is_empty();
        is_due.then(|| Move::Restore(self.cut.clone()))
    }

    // The last in the row; where one robot of the demo is spoiled on purpose, it is the first.
    fn to_cut(&self, floor: &[Seen]) -> Vec<RobotId> {
        floor.iter().rev().take(self.table.cut_count).map(|seen| seen.id.clone()).collect()
    }

    fn button(&self, now_ms: u64, floor: &[Seen]) -> Option<Move> {
        match &self.pressed {
            None if now_ms >= self.table.press_ms => {
                let is_reached = |seen: &&Seen| seen.is_under_way && (self.is_restored || !self.cut.contains(&seen.id));
                floor.iter().find(is_reached).map(|seen| Move::Press(seen.id.clone()))
            }
            Some((id, at_ms)) if !self.is_released && now_ms >= at_ms + PRESSED_MS => Some(Move::Release(id.clone())),
            None | Some(_) => None,
        }
    }

    // A button that was pressed late is still released: the history is to show the whole of it.
    fn end(&self, now_ms: u64) -> Option<Move> {
        let is_whole = self.pressed.is_none() || self.is_released;
        (now_ms >= self.table.end_ms && is_whole).then_some(Move::End)
    }

    /// Takes note that a move was made.
    pub fn did(&mut self, made: &Move, now_ms: u64) {
        match made {
            Move::Cut(robots) => self.cut.clone_from(robots),
            Move::Restore(_) => self.is_restored = true,
            Move::Press(id) => self.pressed = Some((id.clone(), now_ms)),
            Move::Release(_) => self.is_released = true,
            Move::End => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(under_way: &[bool]) -> Vec<Seen> {
        let seen = |(place, is_under_way): (usize, &bool)| {
            let id = RobotId::parse(&format!("r-{}", place + 1)).unwrap();
            Seen { id, is_under_way: *is_under_way }
        };
        under_way.iter().enumerate().map(seen).collect()
    }

    // Plays a whole run, every move succeeding, and tells each with its time.
    fn play(seconds: u64, floor: impl Fn(u64) -> Vec<Seen>) -> (Script, Vec<(u64, Move)>) {
        let mut script = Script::new(Timetable::new(seconds, floor(0).len()));
        let mut moves = Vec::new();
        for now_ms in (0..).step_by(100) {
            while let Some(made) = script.next_move(now_ms, &floor(now_ms)) {
                moves.push((now_ms, made.clone()));
                if made == Move::End {
                    return (script, moves);
                }
                script.did(&made, now_ms);
            }
        }
        unreachable!("a run ends")
    }

    fn id(number: usize) -> RobotId {
        RobotId::parse(&format!("r-{number}")).unwrap()
    }

    #[test]
    fn a_minute_with_five_robots() {
        let (_, moves) = play(60, |now_ms| floor(&[false, now_ms >= 30_300, false, true, true]));
        let cut = vec![id(5), id(4)];
        let wanted = [
            (20_000, Move::Cut(cut.clone())),
            (30_300, Move::Press(id(2))),
            (34_300, Move::Release(id(2))),
            (40_000, Move::Restore(cut)),
            (60_000, Move::End),
        ];
        assert_eq!(moves, wanted);
    }

    #[test]
    fn a_robot_alone_is_cut_first_and_pressed_after_the_restore() {
        let (script, moves) = play(30, |_| floor(&[true]));
        let kinds: Vec<u64> = moves.iter().map(|(at_ms, _)| *at_ms).collect();
        assert_eq!(kinds, [10_000, 14_000, 15_000, 19_000, 30_000]);
        assert_eq!(script.pressed(), Some(&id(1)));
    }

    #[test]
    fn without_a_robot_under_way_nothing_is_pressed_and_the_run_still_ends() {
        let (script, moves) = play(30, |_| floor(&[false, false]));
        assert_eq!(script.pressed(), None);
        assert_eq!(moves.last(), Some(&(30_000, Move::End)));
    }

    #[test]
    fn a_button_pressed_at_the_last_moment_is_released_before_the_end() {
        let (_, moves) = play(30, |now_ms| floor(&[now_ms >= 29_000, false]));
        assert_eq!(moves.last(), Some(&(33_000, Move::End)));
    }
}
