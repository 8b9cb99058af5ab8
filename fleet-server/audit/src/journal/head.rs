//! A head as somebody captured it: half of an entry's hash, and the entry's number where it is known too.

use shared::beacon::fell;
use shared::seal::{Hash, from_hex};
use std::str::FromStr;

/// What a beacon's head is, in bytes: the first half of a hash.
const HALF_LEN: usize = 16;
/// All of a hash, in bytes.
const WHOLE_LEN: usize = 32;

/// A head on a command line: `HEAD`, or `NUMBER:HEAD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    bytes: Vec<u8>,
    /// Low 32 bits of the entry's number, as a beacon has them.
    number: Option<u32>,
}

impl FromStr for Head {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, digits) = match text.split_once(':') {
            Some((number, digits)) => {
                (Some(number.parse().map_err(|_| format!("{number:?} is no number of an entry"))?), digits)
            }
            None => (None, text),
        };
        let bytes = from_hex(digits).map_err(|e| e.to_string())?;
        if bytes.len() != HALF_LEN && bytes.len() != WHOLE_LEN {
            return Err(format!(
                "a head has 32 hexadecimal digits as in a beacon, or all 64 of the hash, not {}",
                digits.len()
            ));
        }
        Ok(Self { bytes, number })
    }
}

impl Head {
    /// Whether it is the head of an entry with this hash.
    pub fn is_of(&self, hash: &Hash) -> bool {
        hash.0.starts_with(&self.bytes)
    }

    /// Whether it was captured with another number than this entry's.
    pub fn is_misnumbered(&self, number: u64) -> bool {
        self.number.is_some_and(|given| given != low(number))
    }

    /// Why no entry of a journal from behind `behind` up to `last` has it.
    pub fn why_nowhere(&self, behind: u64, last: u64) -> String {
        const NOWHERE: &str = "no entry of this journal has that head";
        match self.number {
            None if behind > 0 => format!(
                "{NOWHERE}: rewritten, or the export ends before it, or it is one of entries 1 to {behind}, which the export does not hold"
            ),
            None => format!("{NOWHERE}: rewritten, or the export ends before it (each epoch has an export of its own)"),
            Some(number) if fell(number, low(last)) => {
                format!("{NOWHERE}: it was captured at entry {number}, and the export ends at entry {last}, before it")
            }
            Some(number) if fell(low(behind), number) => {
                format!("{NOWHERE}: it was captured at entry {number}, and the export begins behind entry {behind}")
            }
            Some(number) => format!(
                "{NOWHERE}: entry {number} has another hash. The journal was rewritten, or the capture is of another epoch"
            ),
        }
    }
}

/// What a beacon carries of a number.
const fn low(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_the_right_length_in_digits_and_nothing_else_is_one() {
        let half = "0a".repeat(16);
        let head: Head = half.parse().unwrap();
        assert!(head.is_of(&Hash([10; 32])) && !head.is_of(&Hash([11; 32])) && !head.is_misnumbered(7));
        let numbered: Head = format!("7:{half}").parse().unwrap();
        assert!(numbered.is_misnumbered(8) && !numbered.is_misnumbered(7) && !numbered.is_misnumbered((1 << 32) + 7));
        for bad in
            ["", "zz", ":", "0a", &"zz".repeat(16), &"0a".repeat(17), &format!("x:{half}"), &format!("-1:{half}")]
        {
            assert!(bad.parse::<Head>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_number_tells_why_the_head_is_nowhere() {
        let why = |text: &str| text.parse::<Head>().unwrap().why_nowhere(3, 9);
        let half = "0a".repeat(16);
        assert!(why(&half).contains("rewritten, or the export ends before it"));
        assert!(why(&format!("10:{half}")).contains("the export ends at entry 9"));
        assert!(why(&format!("2:{half}")).contains("begins behind entry 3"));
        assert!(why(&format!("5:{half}")).contains("entry 5 has another hash"));
    }
}
