//! The site's CA and its policy, as fleet.toml names them.

use super::{Raw, folder_of, kept_key, raw, roster};
use anyhow::{Context, ensure};
use fleet_core::{EndorsementDays, Endorser};
use shared::id::RobotId;
use shared::seal::PublicKey;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What `fleet robot endorse` needs of a configuration.
#[derive(Debug)]
pub struct Endorsing {
    /// The robots and the keys they sign with.
    pub robots: BTreeMap<RobotId, PublicKey>,
    /// Where the server's own key is, if it was made.
    pub key: PathBuf,
    /// Where the CA's key is, if the configuration names it.
    pub ca_key: Option<PathBuf>,
    /// The site's policy.
    pub days: EndorsementDays,
}

/// Reads what is needed to endorse a robot by hand. Nothing is made.
///
/// # Errors
/// As [`read`].
pub fn endorsing(path: &Path) -> anyhow::Result<Endorsing> {
    let Raw { robots, key, ca_key, endorsement_days, .. } = raw(path)?;
    let resolved = || {
        let ca_key = ca_key.map(|key| folder_of(path).join(key));
        let key = folder_of(path).join(key);
        anyhow::Ok(Endorsing { robots: roster(robots)?, key, ca_key, days: days(endorsement_days)? })
    };
    resolved().with_context(|| format!("in {}", path.display()))
}

/// The CA that the server endorses with; its key is made when it is missing.
pub(super) fn endorser(
    ca_key: Option<PathBuf>,
    endorsement_days: Option<u8>,
    draw: impl Fn() -> [u8; 32],
) -> anyhow::Result<Option<Endorser>> {
    let days = days(endorsement_days)?;
    let Some(path) = ca_key else {
        ensure!(endorsement_days.is_none(), "endorsement_days is of no use without ca_key");
        return Ok(None);
    };
    Ok(Some(Endorser::new(kept_key(&path, draw)?, days)))
}

fn days(days: Option<u8>) -> anyhow::Result<EndorsementDays> {
    let Some(days) = days else { return Ok(EndorsementDays::USUAL) };
    EndorsementDays::new(days).with_context(|| format!("endorsement_days is 1 to 14, this is {days}"))
}
