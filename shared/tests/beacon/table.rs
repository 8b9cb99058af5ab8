//! A second reader of the packs, written from the tables of docs/BEACON.md and from nothing of this package: field by
//! field, by offset, without knowing how a pack is made. It does not check signatures; it says over which bytes they are.

/// A field of a message: name, first byte, length.
type Field = (&'static str, usize, usize);

const BASIC_ID: &[Field] =
    &[("type", 0, 1), ("id_and_ua_type", 1, 1), ("session_kind", 2, 1), ("id", 3, 16), ("zero", 19, 6)];
const LOCATION: &[Field] = &[
    ("type", 0, 1),
    ("status", 1, 1),
    ("unknown_motion", 2, 3),
    ("unknown_place", 5, 14),
    ("unknown_accuracy", 19, 2),
    ("ds_in_hour", 21, 2),
    ("zero", 23, 2),
];
const SELF_ID: &[Field] = &[("type", 0, 1), ("description", 1, 1), ("text", 2, 23)];
const OPERATOR_ID: &[Field] = &[("type", 0, 1), ("kind", 1, 1), ("cseq", 2, 4), ("head", 6, 16), ("zero", 22, 3)];
const FIRST_PAGE: &[Field] = &[
    ("type", 0, 1),
    ("method_and_page", 1, 1),
    ("last_page", 2, 1),
    ("length", 3, 1),
    ("timestamp", 4, 4),
    ("evidence", 8, 17),
];
const LATER_PAGE: &[Field] = &[("type", 0, 1), ("method_and_page", 1, 1), ("evidence", 2, 23)];

/// A pack taken apart: every field as `message.name` with its bytes.
pub struct Table(Vec<(String, Vec<u8>)>);

impl Table {
    /// Takes a pack apart by its messages' first bytes.
    pub fn of(pack: &[u8]) -> Self {
        let mut fields = vec![("pack.head".to_owned(), pack[..3].to_vec())];
        for (place, message) in pack[3..].chunks(25).enumerate() {
            let table = match (message[0] >> 4, message[1] & 15) {
                (0, _) => BASIC_ID,
                (1, _) => LOCATION,
                (2, 0) => FIRST_PAGE,
                (2, _) => LATER_PAGE,
                (3, _) => SELF_ID,
                (5, _) => OPERATOR_ID,
                (other, _) => panic!("message type {other}"),
            };
            for (name, from, length) in table {
                fields.push((format!("{place}.{name}"), message[*from..from + length].to_vec()));
            }
        }
        Self(fields)
    }

    /// The bytes of a field.
    pub fn get(&self, name: &str) -> &[u8] {
        &self.0.iter().find(|(field, _)| field == name).unwrap_or_else(|| panic!("no field {name}")).1
    }

    /// A number of up to four bytes, little-endian.
    pub fn number(&self, name: &str) -> u32 {
        self.get(name).iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
    }

    /// The evidence of all pages, one after the other, cut at its announced length; what follows is padding.
    pub fn evidence(&self) -> (Vec<u8>, Vec<u8>) {
        let parts = self.0.iter().filter(|(name, _)| name.ends_with(".evidence"));
        let mut all: Vec<u8> = parts.flat_map(|(_, bytes)| bytes.clone()).collect();
        let (_, length) = self.0.iter().find(|(name, _)| name.ends_with(".length")).expect("a first page");
        let padding = all.split_off(usize::from(length[0]));
        (all, padding)
    }
}
