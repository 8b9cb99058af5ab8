//! What a robot writes and signs.

use anyhow::{Result, ensure};
use shared::fact::Fact;
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Chain, Epoch, Stamp};
use shared::seal::{Context, SigningKey};
use shared::time::Instant;
use shared::wire::envelope::Sealed;
use shared::wire::fleet_to_robot::Ack;
use shared::wire::robot_to_fleet::{Batch, Carried};
use tests::clock;
use tests::process::{SITE, key_of};

/// One robot's chain and key.
pub struct Pen {
    robot: RobotId,
    key: SigningKey,
    chain: Chain,
    hlc: Hlc,
}

impl Pen {
    /// A robot that has written nothing yet.
    pub fn new(name: &str) -> Result<Self> {
        let robot = RobotId::parse(name)?;
        Ok(Self { chain: Chain::begin(&robot, Epoch(5)), key: key_of(name), robot, hlc: Hlc::default() })
    }

    /// The next entries in a signed batch, as an agent packs it.
    pub fn batch(&mut self, count: usize) -> Vec<u8> {
        let first = self.chain.lane_seq[0] + 1;
        let entries: Vec<Carried> = (0..count).map(|_| self.entry()).collect();
        let (epoch, last) = (self.chain.epoch, self.chain.lane_seq[0]);
        let (boot, mono_ms) = (Boot(1), clock::now().0);
        let batch = Batch { epoch, lane: shared::journal::Lane::Safety, first, last, boot, mono_ms, entries };
        Sealed::seal_packed(&self.key, Context::Up, &self.robot, &batch)
    }

    fn entry(&mut self) -> Carried {
        self.hlc = self.hlc.next(clock::wall());
        let stamp = Stamp { boot: Boot(1), mono: Instant(clock::now().0), hlc: self.hlc };
        Carried::from(&self.chain.append(&Fact::Resumed { number: self.chain.cseq }, stamp))
    }

    /// Whether an acknowledgement is the server's, and of everything that was written.
    pub fn is_all_stored(&self, ack: &[u8]) -> Result<()> {
        let ack: Ack = Sealed::open(ack, &key_of(SITE).public(), Context::Down, &self.robot)?;
        let Ack::Stored { mark, .. } = ack else { anyhow::bail!("{} was answered {ack:?}", self.robot) };
        ensure!(mark.seq == self.chain.lane_seq[0], "{} of {} wrote {:?}", mark.seq, self.robot, self.chain.lane_seq);
        Ok(())
    }
}
