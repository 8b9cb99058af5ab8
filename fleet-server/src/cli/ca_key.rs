//! The CA's private key, for the verbs that sign by hand: and that it is the CA's and not just any key.

use super::client::Failure;
use crate::config::{self, Endorsing};
use fleet_audit::input;
use shared::key_file::{self, Half};
use shared::seal::{PublicKey, SigningKey};
use std::path::Path;

/// The key in the file that was given, or that the configuration names.
///
/// A signature of another key looks as good as the right one until a robot refuses it, in a hall without a network. So what
/// can be known here is compared here: the CA that the configuration names, the public key beside the file, the server's own
/// key.
pub fn ca_key(given: Option<&Path>, site: &Endorsing, config: &Path) -> Result<SigningKey, Failure> {
    let path = given.or(site.ca_key.as_deref()).ok_or_else(|| {
        Failure::Usage(format!("{} names no ca_key: name the CA's key with --ca-key", config.display()))
    })?;
    let key = config::private_key(path).map_err(|e| Failure::Usage(format!("{e:#}")))?;
    match contradiction(&key.public(), path, site, config) {
        Some(words) => Err(Failure::Usage(words)),
        None => Ok(key),
    }
}

fn contradiction(key: &PublicKey, path: &Path, site: &Endorsing, config: &Path) -> Option<String> {
    let named = site.ca_key.as_deref().and_then(|named| Some((named, config::private_key(named).ok()?.public())));
    let beside = path.with_file_name("ca.pub");
    let published = input::text(&beside, input::KEY_LEN_MAX).ok();
    let published =
        published.and_then(|text| key_file::read(&text, Half::Public).ok()).map(|found| PublicKey(found.bytes));
    let own = config::private_key(&site.key).ok().map(|own| own.public());
    match (named, published) {
        (Some((named, ca)), _) if ca != *key => Some(format!(
            "{} is not the key of this site's CA, which {} names: {}",
            path.display(),
            config.display(),
            named.display()
        )),
        (None, Some(ca)) if ca != *key => {
            Some(format!("{} is not the key of the CA in {}", path.display(), beside.display()))
        }
        (None, _) if own == Some(*key) => Some(format!(
            "{} is the server's own key: robots believe what the CA signs, and nothing that the server does",
            path.display()
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_core::EndorsementDays;
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    fn write_key(dir: &Path, name: &str, seed: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, seed.repeat(32)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn refused(given: &Path, site: &Endorsing) -> String {
        ca_key(Some(given), site, Path::new("fleet.toml")).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_key_that_is_known_not_to_be_the_cas_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let [ca, other] = [("ca.key", "07"), ("site.key", "08")].map(|(name, seed)| write_key(dir.path(), name, seed));
        let site =
            |ca_key| Endorsing { robots: BTreeMap::new(), key: other.clone(), ca_key, days: EndorsementDays::USUAL };
        let named = site(Some(ca.clone()));
        assert!(ca_key(None, &named, Path::new("fleet.toml")).is_ok());
        assert!(ca_key(Some(&ca), &named, Path::new("fleet.toml")).is_ok());
        assert!(refused(&other, &named).contains("is not the key of this site's CA"));

        let unnamed = site(None);
        assert!(ca_key(None, &unnamed, Path::new("fleet.toml")).is_err());
        assert!(refused(&other, &unnamed).contains("the server's own key"));
        assert!(ca_key(Some(&ca), &unnamed, Path::new("fleet.toml")).is_ok());
        let public = SigningKey::from_seed(&[9; 32]).public();
        for text in [public.to_text(), key_file::text(Half::Public, &public.0)] {
            std::fs::write(dir.path().join("ca.pub"), text).unwrap();
            assert!(refused(&ca, &unnamed).contains("ca.pub"));
        }
        std::fs::write(&ca, key_file::text(Half::Public, &public.0)).unwrap();
        assert!(refused(&ca, &unnamed).contains("it is a public key, and a private key is wanted"));
    }
}
