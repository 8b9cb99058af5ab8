//! Where a bystander keeps what was heard: files of captures for each robot, a file of evidence for each finding.
//!
//! Captures may fill so many bytes and no more: the oldest file of them makes room. Evidence never does.

mod shelf;

use crate::evidence::{capture_line, evidence_text};
use shared::beacon::{BeaconTime, Capture, DisclosureId, Finding};
use shelf::Shelf;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A capture is kept when the journal's head has changed, and otherwise this often, in tenths of a second: what matters
/// about a capture is the head it commits the robot to.
const KEEP_EVERY_DS: u64 = 100;

/// The folder.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    shelf: Shelf,
    kept: BTreeMap<DisclosureId, ([u8; 16], BeaconTime)>,
}

impl Folder {
    /// Makes the folder if it is not there. Captures may fill this many bytes of it.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(dir: &Path, bytes_max: u64) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        Ok(Self { dir: dir.to_owned(), shelf: Shelf::open(dir, bytes_max)?, kept: BTreeMap::new() })
    }

    /// Appends a capture to its robot's newest file, unless it says nothing new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, capture: &Capture) -> io::Result<()> {
        let presence = &capture.presence;
        if let Some((head, at)) = self.kept.get(&presence.id)
            && *head == presence.head
            && capture.heard.ds() < at.ds() + KEEP_EVERY_DS
        {
            return Ok(());
        }
        self.shelf.add(presence.id, capture.heard.to_wall().0, &capture_line(capture))?;
        self.kept.insert(presence.id, (presence.head, capture.heard));
        Ok(())
    }

    /// Writes a finding with its two captures to a file of its own; returns where.
    ///
    /// # Errors
    /// When it cannot be written; what is there already is never replaced.
    pub fn prove(&self, finding: &Finding) -> io::Result<PathBuf> {
        let (robot, at) = (finding.second.presence.name.robot(), finding.second.heard.to_wall().0);
        let path = self.dir.join(format!("{}-{robot}-{at}.evidence.json", finding.kind.word()));
        let mut file = OpenOptions::new().create_new(true).write(true).open(&path)?;
        file.write_all(evidence_text(finding).as_bytes())?;
        file.sync_all()?;
        Ok(path)
    }
}
