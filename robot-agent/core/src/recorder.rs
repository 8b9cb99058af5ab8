//! Writes facts into the journal's chain with their stamps.

use crate::change::Change;
use crate::outbound::{Outbound, Tell};
use crate::outbox::Outbox;
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::journal::{Boot, Chain, Epoch, Record, Stamp};
use shared::time::{Instant, WallTime};

/// The journal's end and the clocks that stamp what is appended.
#[derive(Debug)]
pub struct Recorder {
    chain: Chain,
    boot: Boot,
    hlc: Hlc,
    wall: WallTime,
    wall_read: Instant,
    /// When the newest entry of this process was appended.
    newest: Option<Instant>,
}

impl Recorder {
    /// Continues a chain.
    pub const fn new(chain: Chain, boot: Boot, hlc: Hlc) -> Self {
        Self { chain, boot, hlc, wall: WallTime(0), wall_read: Instant(0), newest: None }
    }

    /// The end of the chain.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The boot that stamps name.
    pub const fn boot(&self) -> Boot {
        self.boot
    }

    /// The newest stamp.
    pub const fn hlc(&self) -> Hlc {
        self.hlc
    }

    /// When this process appended its newest entry.
    pub const fn newest(&self) -> Option<Instant> {
        self.newest
    }

    /// Takes a reading of the wall clock, made at `now`.
    pub const fn set_wall(&mut self, wall: WallTime, now: Instant) {
        self.wall = wall;
        self.wall_read = now;
    }

    /// Advances to a stamp of the server, so that what is written after it was seen comes later; also after a restart.
    pub fn see_stamp(&mut self, stamp: Hlc, out: &mut Outbound) {
        if stamp > self.hlc {
            self.hlc = stamp;
            out.change(Change::Stamp(stamp));
        }
    }

    /// The wall clock now, carried on from its last reading by the monotonic one.
    pub fn wall(&self, now: Instant) -> WallTime {
        WallTime(self.wall.0.saturating_add(now.since(self.wall_read).0))
    }

    /// Appends a fact: it is committed, offered to the server, and its hash goes into the next beacon.
    pub fn record(&mut self, fact: &Fact, now: Instant, outbox: &mut Outbox, out: &mut Outbound) {
        self.hlc = self.hlc.next(self.wall(now));
        self.newest = Some(now);
        let record = self.chain.append(fact, Stamp { boot: self.boot, mono: now, hlc: self.hlc });
        self.keep(record, outbox, out);
    }

    /// Goes on in another epoch, from its beginning.
    pub fn begin_epoch(&mut self, chain: Chain) {
        self.chain = chain;
    }

    /// Appends an entry of an earlier epoch again, with its origin and its own stamps.
    pub fn offer_again(&mut self, record: &Record, epoch: Epoch, outbox: &mut Outbox, out: &mut Outbound) {
        let record = self.chain.append_again(epoch, record);
        self.keep(record, outbox, out);
    }

    fn keep(&self, record: Record, outbox: &mut Outbox, out: &mut Outbound) {
        out.tell(Tell::Head { cseq: self.chain.cseq, head: self.chain.head });
        out.change(Change::Journal(record.clone()));
        outbox.push(record);
    }
}
