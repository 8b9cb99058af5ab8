//! Samples turned on their side: one column a field, each number as its step from the one before.

use super::{Condition, ITEMS_MAX, Item, Sample, Span};
use crate::journal::Boot;
use crate::zone::Point;
use minicbor::{Decode, Encode};

/// Samples of one boot. Every column has as many places as there are samples.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Block {
    /// The first number that the first sample stands for.
    #[n(0)]
    first: u64,
    /// The boot.
    #[n(1)]
    boot: Boot,
    /// The boot's monotonic clock in milliseconds.
    #[n(2)]
    mono_ms: Vec<i64>,
    /// How far the calendar was ahead of it.
    #[n(3)]
    ahead_ms: Vec<i64>,
    /// Where, in centimetres east.
    #[n(4)]
    x_cm: Vec<Option<i64>>,
    /// Where, in centimetres north.
    #[n(5)]
    y_cm: Vec<Option<i64>>,
    /// Battery in thousandths.
    #[n(6)]
    battery: Vec<Option<i64>>,
    /// Each condition once.
    #[n(7)]
    conditions: Vec<Condition>,
    /// Which of them, place by place.
    #[n(8)]
    places: Vec<u32>,
    /// How many numbers each stands for; absent when each stands for one.
    #[n(9)]
    covers: Option<Vec<u64>>,
}

/// Why bytes are not items of the lane.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBlock {
    /// A column has more or fewer places than there are samples, or there is no sample.
    #[error("the column {0} does not fit the number of samples")]
    Length(&'static str),
    /// A place holds what no sample can have.
    #[error("the column {0} holds a value that no sample has")]
    Value(&'static str),
    /// Numbers that no lane has.
    #[error("these are not numbers of a lane")]
    Numbers,
    /// More items than one batch may have.
    #[error("a batch has at most {ITEMS_MAX} items, this one has {0}")]
    TooMany(usize),
    /// A part does not begin where the one before ended.
    #[error("number {first} follows number {last} in one batch")]
    Hole {
        /// The last number before.
        last: u64,
        /// The number that follows.
        first: u64,
    },
}

impl Block {
    /// The columns of these items; `None` when one of them, or all, have no sample.
    #[must_use]
    pub fn of(items: &[Item]) -> Option<Self> {
        let samples = items.iter().map(|item| item.sample).collect::<Option<Vec<Sample>>>()?;
        let first = items.first()?.span.first;
        let covers: Vec<u64> = items.iter().map(|item| item.span.count()).collect();
        let mut block = Self::empty(first, samples[0].boot, covers.iter().any(|count| *count > 1).then_some(covers));
        let mut before = Before::default();
        for sample in &samples {
            block.push(sample, &mut before);
        }
        Some(block)
    }

    fn empty(first: u64, boot: Boot, covers: Option<Vec<u64>>) -> Self {
        let (mono_ms, ahead_ms, x_cm, y_cm) = (vec![], vec![], vec![], vec![]);
        Self { first, boot, mono_ms, ahead_ms, x_cm, y_cm, battery: vec![], conditions: vec![], places: vec![], covers }
    }

    fn push(&mut self, sample: &Sample, before: &mut Before) {
        // Every field is named, so that one that is added later cannot be forgotten here.
        let Sample { boot: _, mono_ms, wall_ms, at, battery_permille, condition } = *sample;
        self.mono_ms.push(step_to(&mut before.mono_ms, mono_ms.cast_signed()));
        let ahead_ms = wall_ms.cast_signed().wrapping_sub(mono_ms.cast_signed());
        self.ahead_ms.push(step_to(&mut before.ahead_ms, ahead_ms));
        self.x_cm.push(at.map(|at| step_to(&mut before.x_cm, at.x_cm.into())));
        self.y_cm.push(at.map(|at| step_to(&mut before.y_cm, at.y_cm.into())));
        self.battery.push(battery_permille.map(|battery| step_to(&mut before.battery, battery.into())));
        let known = self.conditions.iter().rposition(|known| *known == condition);
        let place = known.unwrap_or_else(|| {
            self.conditions.push(condition);
            self.conditions.len() - 1
        });
        self.places.push(u32::try_from(place).expect("fewer conditions than samples in a batch"));
    }

    /// The items of these columns.
    ///
    /// # Errors
    /// [`BadBlock`] when they do not fit each other.
    pub fn items(&self) -> Result<Vec<Item>, BadBlock> {
        let count = self.mono_ms.len();
        self.expect_places(count)?;
        let (mut before, mut next) = (Before::default(), self.first);
        let mut items = Vec::with_capacity(count);
        for place in 0..count {
            let covers = self.covers.as_ref().map_or(1, |covers| covers[place]);
            let span = spanning(next, covers)?;
            next = span.last + 1;
            items.push(Item { span, sample: Some(self.sample(place, &mut before)?) });
        }
        Ok(items)
    }

    fn sample(&self, place: usize, before: &mut Before) -> Result<Sample, BadBlock> {
        let mono_ms = sum(&mut before.mono_ms, self.mono_ms[place]);
        let ahead_ms = sum(&mut before.ahead_ms, self.ahead_ms[place]);
        let x_cm = self.x_cm[place].map(|step| sum(&mut before.x_cm, step));
        let y_cm = self.y_cm[place].map(|step| sum(&mut before.y_cm, step));
        let battery = self.battery[place].map(|step| sum(&mut before.battery, step));
        let condition = usize::try_from(self.places[place]).ok().and_then(|place| self.conditions.get(place));
        Ok(Sample {
            boot: self.boot,
            mono_ms: mono_ms.cast_unsigned(),
            wall_ms: mono_ms.wrapping_add(ahead_ms).cast_unsigned(),
            at: point(x_cm, y_cm)?,
            battery_permille: battery.map(u16::try_from).transpose().map_err(|_| BadBlock::Value("battery"))?,
            condition: *condition.ok_or(BadBlock::Value("places"))?,
        })
    }

    fn expect_places(&self, count: usize) -> Result<(), BadBlock> {
        let lengths = [
            ("ahead_ms", self.ahead_ms.len()),
            ("x_cm", self.x_cm.len()),
            ("y_cm", self.y_cm.len()),
            ("battery", self.battery.len()),
            ("places", self.places.len()),
            ("covers", self.covers.as_ref().map_or(count, Vec::len)),
        ];
        if count > ITEMS_MAX {
            return Err(BadBlock::TooMany(count));
        }
        let bad = lengths.iter().find(|(_, length)| *length != count).map(|(name, _)| *name);
        match bad.or((count == 0).then_some("mono_ms")) {
            Some(name) => Err(BadBlock::Length(name)),
            None => Ok(()),
        }
    }
}

/// The value of each column at the place before.
#[derive(Default)]
struct Before {
    mono_ms: i64,
    ahead_ms: i64,
    x_cm: i64,
    y_cm: i64,
    battery: i64,
}

/// How far `value` is from the one before, which it becomes.
const fn step_to(before: &mut i64, value: i64) -> i64 {
    let step = value.wrapping_sub(*before);
    *before = value;
    step
}

const fn sum(before: &mut i64, step: i64) -> i64 {
    *before = before.wrapping_add(step);
    *before
}

fn spanning(first: u64, count: u64) -> Result<Span, BadBlock> {
    let last = count.checked_sub(1).and_then(|behind| first.checked_add(behind)).ok_or(BadBlock::Numbers)?;
    let span = Span { first, last };
    if span.is_sound() { Ok(span) } else { Err(BadBlock::Numbers) }
}

fn point(x_cm: Option<i64>, y_cm: Option<i64>) -> Result<Option<Point>, BadBlock> {
    let coordinate = |value: i64| i16::try_from(value).map_err(|_| BadBlock::Value("x_cm"));
    match (x_cm, y_cm) {
        (Some(x), Some(y)) => Ok(Some(Point { x_cm: coordinate(x)?, y_cm: coordinate(y)? })),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(BadBlock::Value("y_cm")),
    }
}
