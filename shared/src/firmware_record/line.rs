//! The one form of an event's line: JSON whose fields stand in one order, without spaces and without escapes.
//!
//! There is no reading of any other form, so a line and an event are the same thing. That is why no JSON library is used:
//! one would read what this must refuse.

use super::{Event, Happening, WORD_LEN_MAX};
use crate::seal::{Hash, Signature, from_hex, to_hex};

/// Whether this is a word of an event.
pub(super) fn is_word(text: &str) -> bool {
    (1..=WORD_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
}

/// What the hash covers.
pub(super) fn bare(n: u64, what: &Happening, prev: &Hash) -> String {
    format!("{{{}}}", fields(n, what, prev))
}

pub(super) fn write(event: &Event) -> String {
    let (hash, sig) = (to_hex(&event.hash.0), to_hex(&event.signature.0));
    format!("{{{},\"hash\":\"{hash}\",\"sig\":\"{sig}\"}}", fields(event.n, &event.what, &event.prev))
}

fn fields(n: u64, what: &Happening, prev: &Hash) -> String {
    let Happening { t_ms, boot, trip_epoch, ev, cause } = what;
    let prev = to_hex(&prev.0);
    format!(
        "\"n\":{n},\"t_ms\":{t_ms},\"boot\":{boot},\"trip_epoch\":{trip_epoch},\"ev\":\"{ev}\",\"cause\":\"{cause}\",\
         \"prev\":\"{prev}\""
    )
}

/// Takes the fields from the front. What can be written in two ways, like a number with a leading zero, fails the
/// comparison at the end.
pub(super) fn read(text: &str) -> Option<Event> {
    let mut rest = text;
    let n = number(&mut rest, "{\"n\":")?;
    let t_ms = number(&mut rest, ",\"t_ms\":")?;
    let boot = number(&mut rest, ",\"boot\":")?;
    let trip_epoch = number(&mut rest, ",\"trip_epoch\":")?.try_into().ok()?;
    let ev = word(&mut rest, ",\"ev\":\"")?;
    let cause = word(&mut rest, ",\"cause\":\"")?;
    let prev = Hash(bytes(&mut rest, ",\"prev\":\"")?);
    let hash = Hash(bytes(&mut rest, ",\"hash\":\"")?);
    let signature = Signature(bytes(&mut rest, ",\"sig\":\"")?);
    let event = Event { n, what: Happening { t_ms, boot, trip_epoch, ev, cause }, prev, hash, signature };
    (write(&event) == text).then_some(event)
}

fn number(rest: &mut &str, name: &str) -> Option<u64> {
    let text = rest.strip_prefix(name)?;
    let (digits, behind) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    *rest = behind;
    digits.parse().ok()
}

fn word(rest: &mut &str, name: &str) -> Option<String> {
    quoted(rest, name).filter(|text| is_word(text)).map(str::to_owned)
}

fn bytes<const N: usize>(rest: &mut &str, name: &str) -> Option<[u8; N]> {
    from_hex(quoted(rest, name)?).ok()?.try_into().ok()
}

fn quoted<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let (text, behind) = rest.strip_prefix(name)?.split_once('"')?;
    *rest = behind;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::SigningKey;

    #[test]
    fn the_form_is_this_one() {
        let what = Happening { t_ms: 5, boot: 2, trip_epoch: 7, ev: "trip".into(), cause: "button".into() };
        let event = Event::seal(what, 3, Hash([0xab; 32]), &SigningKey::from_seed(&[4; 32]));
        let line = event.line();
        let begin =
            "{\"n\":3,\"t_ms\":5,\"boot\":2,\"trip_epoch\":7,\"ev\":\"trip\",\"cause\":\"button\",\"prev\":\"abab";
        assert!(line.starts_with(begin) && line.ends_with("\"}"), "{line}");
        for other in [
            line.replace("\"n\":3", "\"n\":03"),
            line.replace("\"n\":3", "\"n\": 3"),
            line.replace("abab", "ABAB"),
            line.replace("\"ev\":\"trip\"", "\"ev\":\"\""),
            line.replace("\"n\":3", "\"n\":99999999999999999999"),
            format!("{line} "),
            line[..line.len() - 1].to_owned(),
            String::new(),
        ] {
            assert!(read(&line).is_some() && read(&other).is_none(), "{other}");
        }
    }
}
