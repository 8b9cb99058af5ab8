//! The packs that tests and figures are made with: fixed keys, a fixed noon.

use shared::beacon::{BeaconTime, Endorsement, MachineName, PresenceWords, Status, encode_presence};
use shared::id::RobotId;
use shared::seal::{PublicKey, SigningKey};

/// Seconds since 2019 of 2026-11-18 12:00 UTC.
pub const NOON_S: u32 = 248_702_400;

/// A robot's two packs, and whom to believe.
pub struct Packs {
    /// A presence pack made at noon.
    pub presence: [u8; shared::beacon::PRESENCE_LEN],
    /// A link pack for the week around it.
    pub link: [u8; shared::beacon::LINK_LEN],
    /// The robot's key.
    pub robot: PublicKey,
    /// The CA's key.
    pub ca: PublicKey,
}

/// The moment of the presence pack.
pub fn noon() -> BeaconTime {
    BeaconTime::from_secs(NOON_S)
}

/// What the robot says at noon.
pub fn words() -> PresenceWords {
    let robot = RobotId::parse("r-0042").expect("the name is in form");
    PresenceWords {
        name: MachineName::of(&robot).expect("the name has a digit and fits"),
        status: Status::Ground,
        time: noon(),
        cseq: 1_234_567,
        head: std::array::from_fn(|place| 0xa0 + place as u8),
    }
}

/// The key of 32 equal bytes.
pub fn key(byte: u8) -> SigningKey {
    SigningKey::from_seed(&[byte; 32])
}

impl Packs {
    /// Robot of 32 bytes of 1, CA of 32 bytes of 9.
    pub fn fixed() -> Self {
        let (robot, ca) = (key(1), key(9));
        let link = Endorsement::issue(&ca, robot.public(), NOON_S - 3600, NOON_S - 3600 + 7 * 24 * 3600);
        Self {
            presence: encode_presence(&robot, &words()),
            link: link.expect("a week is allowed").to_pack(),
            robot: robot.public(),
            ca: ca.public(),
        }
    }
}
