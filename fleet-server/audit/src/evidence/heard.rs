//! Captures that were read and stand against none before them, ordered so that the next is compared with a few of them
//! instead of all: a file of a day has a hundred thousand.
//!
//! Two captures prove something in three ways, and of each way the one capture is found that would: of the same moment or
//! number (a clone), next to it in time (a rollback: among those that agree, numbers rise with time, so a neighbour shows
//! it), and the newest among those that were heard before it (a replay).

use shared::beacon::{BeaconTime, Capture, DisclosureId, Finding};
use std::collections::BTreeMap;

/// Places of captures in their file, by robot.
#[derive(Debug, Default)]
pub struct Heard {
    robots: BTreeMap<DisclosureId, Robot>,
}

#[derive(Debug, Default)]
struct Robot {
    by_time: BTreeMap<BeaconTime, usize>,
    by_number: BTreeMap<u32, usize>,
    /// When it was heard, and the newest that had been heard by then: both rise.
    newest_by: BTreeMap<BeaconTime, (BeaconTime, usize)>,
}

impl Heard {
    /// What the capture proves together with one of those before it, if anything.
    pub fn against(&self, captures: &[Capture], capture: &Capture) -> Option<Finding> {
        let robot = self.robots.get(&capture.presence.id)?;
        robot.suspects(capture).into_iter().flatten().find_map(|place| Finding::of(&captures[place], capture))
    }

    /// Remembers a capture that stands against none, and its place.
    pub fn add(&mut self, place: usize, capture: &Capture) {
        let robot = self.robots.entry(capture.presence.id).or_default();
        robot.by_time.insert(capture.presence.time, place);
        robot.by_number.entry(capture.presence.cseq).or_insert(place);
        robot.note_newest(place, capture);
    }
}

impl Robot {
    fn suspects(&self, capture: &Capture) -> [Option<usize>; 4] {
        let (time, number) = (capture.presence.time, capture.presence.cseq);
        let newest = self.newest_by.range(..=capture.heard).next_back().map(|(_, (_, place))| *place);
        [
            self.by_number.get(&number).copied(),
            self.by_time.range(..=time).next_back().map(|(_, place)| *place),
            self.by_time.range(time..).next().map(|(_, place)| *place),
            newest,
        ]
    }

    fn note_newest(&mut self, place: usize, capture: &Capture) {
        let (heard, time) = (capture.heard, capture.presence.time);
        if self.newest_by.range(..=heard).next_back().is_some_and(|(_, (newest, _))| *newest >= time) {
            return;
        }
        while let Some((at, (newest, _))) = self.newest_by.range(heard..).next()
            && *newest <= time
        {
            let at = *at;
            self.newest_by.remove(&at);
        }
        self.newest_by.insert(heard, (time, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::beacon::{Endorsement, MachineName, Presence, PresenceWords, Status, encode_presence};
    use shared::id::RobotId;
    use shared::seal::SigningKey;

    const NOON_DS: u64 = 2_487_024_000;

    struct Maker {
        link: Endorsement,
        number: u64,
    }

    impl Maker {
        fn draw(&mut self, n: u64) -> u64 {
            self.number = self.number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.number >> 33) % n
        }

        /// Mostly in order; now and then one that is not.
        fn capture(&mut self, step: u64) -> Capture {
            let odd = self.draw(40) == 0;
            let ds = if odd { self.draw(step + 1) } else { step };
            let heard = if self.draw(40) == 0 { self.draw(step + 1) } else { step };
            let cseq = if self.draw(60) == 0 { self.draw(step + 1) } else { ds / 4 };
            let head = if self.draw(60) == 0 { 9 } else { 1 };
            let at = |ds| BeaconTime::from_ds(NOON_DS + ds);
            let name = MachineName::of(&RobotId::parse("r-1").unwrap()).unwrap();
            let words = PresenceWords { name, status: Status::Ground, time: at(ds), cseq, head: [head; 16] };
            let presence = Presence::read(&encode_presence(&SigningKey::from_seed(&[1; 32]), &words)).unwrap();
            Capture { heard: at(heard), link: self.link.clone(), presence }
        }
    }

    #[test]
    fn it_finds_something_exactly_when_a_comparison_with_all_does() {
        let from = BeaconTime::from_ds(NOON_DS).secs() - 60;
        let key = SigningKey::from_seed(&[1; 32]).public();
        let link = Endorsement::issue(&SigningKey::from_seed(&[9; 32]), key, from, from + 86_400).unwrap();
        let mut found = 0;
        for seed in 0..150 {
            let mut maker = Maker { link: link.clone(), number: seed };
            let (mut captures, mut heard) = (Vec::new(), Heard::default());
            for step in 0..60 {
                let capture = maker.capture(step);
                let all = captures.iter().any(|before| Finding::of(before, &capture).is_some());
                let few = heard.against(&captures, &capture);
                assert_eq!(few.is_some(), all, "seed {seed}, step {step}");
                found += usize::from(all);
                if !all {
                    heard.add(captures.len(), &capture);
                    captures.push(capture);
                }
            }
        }
        assert!(found > 100, "{found}");
    }
}
