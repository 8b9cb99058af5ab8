//! What somebody without a key can send: packs in good form whose signatures do not fit, no two alike.

use super::hall::{ROBOTS, key, link_of, now, said_by};
use shared::beacon::{DisclosureId, Endorsement, PRESENCE_LEN, Presence, Status};
use shared::seal::{PublicKey, SigningKey};

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Random bytes, as long as packs.
    Noise,
    /// Disclosures of this second, under ids that nobody has.
    Strangers,
    /// Endorsements by the site's CA, of keys that nobody has.
    StrangersLinks,
    /// Disclosures of the robots themselves, of this second.
    Presences,
    /// Endorsements of the robots themselves, each with a later end.
    Links,
    /// One of each in turn.
    All,
}

const PARTS: [Kind; 5] = [Kind::Noise, Kind::Strangers, Kind::StrangersLinks, Kind::Presences, Kind::Links];

/// Makes them; quickly, so that the flood costs its sender little.
pub struct Forge {
    kind: Kind,
    count: u64,
    number: u64,
    links: Vec<Endorsement>,
    presences: Vec<Presence>,
    packet: Vec<u8>,
}

impl Forge {
    pub fn new(kind: Kind, ca: &SigningKey) -> Self {
        let links = ROBOTS.iter().map(|(robot, _)| link_of(ca, *robot)).collect();
        let said = |robot| Presence::read(&said_by(robot, Status::Ground, now())).unwrap();
        let presences = ROBOTS.iter().map(|(robot, _)| said(*robot)).collect();
        Self { kind, count: 0, number: 1, links, presences, packet: vec![] }
    }

    /// The next forgery.
    pub fn next(&mut self) -> &[u8] {
        self.count += 1;
        let kind = match self.kind {
            Kind::All => PARTS[(self.count % 5) as usize],
            kind => kind,
        };
        self.packet = self.forged(kind);
        &self.packet
    }

    fn forged(&mut self, kind: Kind) -> Vec<u8> {
        let place = (self.count / 5 % 5) as usize;
        match kind {
            Kind::Noise | Kind::All => std::iter::repeat_with(|| self.draw() as u8).take(PRESENCE_LEN).collect(),
            Kind::Strangers => {
                let mut presence = self.presence(place);
                presence.id = DisclosureId([self.draw().to_le_bytes(); 2].as_flattened().try_into().unwrap());
                presence.to_pack().to_vec()
            }
            Kind::StrangersLinks => {
                let mut link = self.links[place].clone();
                link.key = PublicKey([self.draw().to_le_bytes(); 4].as_flattened().try_into().unwrap());
                link.to_pack().to_vec()
            }
            Kind::Presences => {
                let mut presence = self.presence(place);
                presence.cseq += (self.draw() % 1_000_000) as u32;
                presence.to_pack().to_vec()
            }
            Kind::Links => {
                let mut link = self.links[place].clone();
                link.not_after_s += 1 + (self.draw() % 500_000) as u32;
                link.to_pack().to_vec()
            }
        }
    }

    /// What a robot would say now, but for the signature: signing would cost more than all the rest.
    fn presence(&self, place: usize) -> Presence {
        let mut presence = self.presences[place].clone();
        presence.time = now();
        presence.not_after_s = presence.time.secs() + 10;
        presence
    }

    fn draw(&mut self) -> u64 {
        self.number = self.number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.number >> 11
    }
}

#[test]
fn every_forgery_is_in_good_form_and_no_two_are_alike() {
    let ca = key(100);
    for kind in [Kind::Strangers, Kind::StrangersLinks, Kind::Presences, Kind::Links] {
        let mut forge = Forge::new(kind, &ca);
        let packets: Vec<Vec<u8>> = (0..200).map(|_| forge.next().to_vec()).collect();
        assert!(packets.iter().all(|packet| shared::beacon::Pack::read(packet).is_ok()), "{kind:?}");
        let different: std::collections::BTreeSet<_> = packets.iter().collect();
        assert!(different.len() > 190, "{kind:?}: {}", different.len());
    }
}
