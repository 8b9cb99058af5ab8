//! One sitting of a bystander: packets in, rows and findings out. It reads no clock and no socket.

use super::folder::Folder;
use super::view::{Row, rows};
use crate::evidence::evidence_text;
use crate::invocation;
use shared::beacon::{BadList, BeaconTime, DisclosureId, Finding, Observed, Observer, Reject, Revoked};
use shared::seal::PublicKey;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// What was proven, and where it was written.
#[derive(Debug)]
pub struct Proof {
    /// What.
    pub finding: Finding,
    /// The file, if there is a folder.
    pub path: Option<PathBuf>,
}

/// The sitting.
#[derive(Debug)]
pub struct Session {
    ca: PublicKey,
    observer: Observer,
    folder: Option<Folder>,
    began: BeaconTime,
    verified: BTreeMap<DisclosureId, (String, u64)>,
    rejected: BTreeMap<Reject, u64>,
    proofs: Vec<Proof>,
    told: usize,
}

impl Session {
    /// Begins to listen for the robots of this CA.
    #[must_use]
    pub fn begin(ca: PublicKey, folder: Option<Folder>, now: BeaconTime) -> Self {
        Self {
            ca,
            observer: Observer::new(ca),
            folder,
            began: now,
            verified: BTreeMap::new(),
            rejected: BTreeMap::new(),
            proofs: Vec::new(),
            told: 0,
        }
    }

    /// Carries the site's list of keys that count no more.
    ///
    /// # Errors
    /// [`BadList`] when this CA has not signed it.
    pub fn carry(&mut self, revoked: Revoked) -> Result<(), BadList> {
        self.observer.carry(revoked)
    }

    /// Looks at one packet that was heard at this moment; it may have to wait to be judged.
    pub fn take(&mut self, packet: &[u8], heard: BeaconTime) {
        if let Err(reject) = self.observer.take(packet, heard) {
            self.reject(reject, 1);
        }
    }

    /// So many packets were lost before they could be looked at.
    pub fn miss(&mut self, count: u64) {
        if count > 0 {
            self.reject(Reject::Busy, count);
        }
    }

    /// Whether nothing waits to be judged.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.observer.is_idle()
    }

    /// Judges so many of those that wait.
    ///
    /// # Errors
    /// When what was heard cannot be kept.
    pub fn judge(&mut self, count: usize, now: BeaconTime) -> io::Result<()> {
        for _ in 0..count {
            match self.observer.judge_next() {
                None => break,
                Some(Ok(Observed::Presence(capture))) => self.note(capture.presence.id, now)?,
                // What the robot said before waits now.
                Some(Ok(Observed::Link(_))) => {}
                Some(Err(reject)) => self.reject(reject, 1),
            }
        }
        self.prove()
    }

    /// Takes one packet and judges everything.
    #[cfg(test)]
    pub fn hear(&mut self, packet: &[u8], now: BeaconTime) -> io::Result<()> {
        self.take(packet, now);
        self.judge(usize::MAX, now)
    }

    fn reject(&mut self, reject: Reject, count: u64) {
        *self.rejected.entry(reject).or_default() += count;
    }

    fn prove(&mut self) -> io::Result<()> {
        for finding in self.observer.take_findings() {
            let path = self.folder.as_ref().map(|folder| folder.prove(&finding)).transpose()?;
            self.proofs.push(Proof { finding, path });
        }
        Ok(())
    }

    /// Keeps the robot's newest disclosure, if there is one that holds.
    fn note(&mut self, id: DisclosureId, now: BeaconTime) -> io::Result<()> {
        let Some(newest) = self.observer.robots().get(&id).and_then(|robot| robot.newest.as_ref()) else {
            return Ok(());
        };
        let after_ds = now.ds().saturating_sub(self.began.ds());
        self.verified.entry(id).or_insert_with(|| (newest.presence.name.robot().to_string(), after_ds));
        self.folder.as_mut().map_or(Ok(()), |folder| folder.keep(newest))
    }

    /// Everyone near.
    #[must_use]
    pub fn rows(&self, now: BeaconTime) -> Vec<Row> {
        rows(&self.observer, now)
    }

    /// What was proven since this was last asked.
    pub fn news(&mut self) -> &[Proof] {
        let news = &self.proofs[self.told..];
        self.told = self.proofs.len();
        news
    }

    /// Everything that was proven.
    #[must_use]
    pub fn proofs(&self) -> &[Proof] {
        &self.proofs
    }

    /// Whose robots are believed.
    #[must_use]
    pub const fn ca(&self) -> PublicKey {
        self.ca
    }

    /// What was refused, by reason.
    #[must_use]
    pub fn rejected(&self) -> BTreeMap<&'static str, u64> {
        self.rejected.iter().map(|(reject, count)| (reject.word(), *count)).collect()
    }

    /// Signatures checked.
    #[must_use]
    pub const fn checked(&self) -> u64 {
        self.observer.checked()
    }

    /// Whether no packet has come at all, not even one that was refused.
    #[must_use]
    pub fn has_heard_nothing(&self) -> bool {
        self.rejected.is_empty() && self.verified.is_empty()
    }

    /// After how long each robot was first verified, in seconds.
    #[must_use]
    pub fn verified_after_s(&self) -> BTreeMap<String, f64> {
        self.verified.values().map(|(robot, ds)| (robot.clone(), *ds as f64 / 10.0)).collect()
    }
}

impl Proof {
    /// The finding as a line for people.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = self.finding.kind;
        let place = self.path.as_ref().map_or_else(|| evidence_text(&self.finding), |path| path.display().to_string());
        let robot = self.finding.second.presence.name.text();
        format!("{}: {robot}: {}; evidence: {place}", kind.word().to_uppercase(), kind.sentence())
    }

    /// The command that checks the evidence, as it can be run where this program was called; none where no file was kept.
    #[must_use]
    pub fn check(&self, ca: &PublicKey) -> Option<String> {
        let path = invocation::word(self.path.as_ref()?);
        Some(format!("{} evidence {path} --ca {}", invocation::program(), ca.to_text()))
    }
}
