//! `fleet audit`: the verifier on files, and the disclosure report on what a server hands out.
//!
//! The server gives records and signatures; chain, signatures and report are computed here.

use super::client::{Client, Failure, Place, name};
use fleet_audit::disclosure::journal::{Received, Source};
use fleet_audit::{Audit, Verdict, disclosure};
use serde_json::Value;
use shared::audit::BatchSeal;
use shared::id::RobotId;
use shared::journal::{Boot, Epoch, Lane};
use shared::seal::{PublicKey, Signature, from_hex};
use shared::wire::robot_to_fleet::Carried;
use std::collections::BTreeSet;

/// Arguments of `fleet audit`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    audit: Audit,
}

/// Carries out an audit.
pub fn run(args: &Args) -> Result<Verdict, Failure> {
    match &args.audit {
        Audit::Disclosure(wanted) if wanted.exports.is_empty() => {
            Ok(online(&Client::new(&args.place), wanted).unwrap_or_else(|failure| {
                // 1 says tampered here, and a server that does not answer has shown nothing.
                Verdict::Unreadable(failure.to_string()).printed(wanted.json || args.place.json)
            }))
        }
        audit => Ok(audit.run()),
    }
}

fn online(client: &Client, wanted: &disclosure::Args) -> Result<Verdict, Failure> {
    let robots = match &wanted.robot {
        Some(robot) => vec![robot.to_string()],
        None => texts(&client.get("/v1/robots")?["robots"], "id")?,
    };
    // A robot whose key the auditor has is asked for even where the server does not list it.
    let known = wanted.keys().map_err(Failure::Usage)?.into_keys().map(|robot| robot.to_string());
    let known = known.filter(|robot| wanted.robot.as_ref().is_none_or(|only| only.as_str() == robot));
    let mut sources = Vec::new();
    for robot in robots.into_iter().chain(known).collect::<BTreeSet<String>>() {
        sources.extend(journals(client, name(&robot)?)?);
    }
    Ok(wanted.judge(&sources))
}

/// Every epoch of a robot's journal.
fn journals(client: &Client, robot: &str) -> Result<Vec<Source>, Failure> {
    let first = client.get(&format!("/v1/robots/{robot}/journal?to=0"))?;
    let key = PublicKey::parse(text(&first, "key")?).map_err(|e| unreadable(&e.to_string()))?;
    let robot_id = RobotId::parse(robot).map_err(|e| unreadable(&e.to_string()))?;
    let read = |epoch: String| {
        let number = u64::from_str_radix(&epoch, 16).map_err(|e| unreadable(&e.to_string()))?;
        let (entries, seals) = (entries(client, robot, &epoch)?, seals(client, robot, &epoch)?);
        Ok(Source { robot: robot_id.clone(), epoch: Epoch(number), entries, seals, key: Some(key) })
    };
    texts(&first["epochs"], "epoch")?.into_iter().map(read).collect()
}

fn entries(client: &Client, robot: &str, epoch: &str) -> Result<Vec<Carried>, Failure> {
    let (mut found, mut from) = (Vec::new(), Some(0));
    while let Some(first) = from {
        let page = client.get(&format!("/v1/robots/{robot}/journal?epoch={epoch}&from={first}"))?;
        for entry in list(&page["entries"])? {
            found.push(Carried { entry: bytes(entry, "entry")?, body: bytes(entry, "body")? });
        }
        from = next(&page, "entries", first)?;
    }
    Ok(found)
}

fn seals(client: &Client, robot: &str, epoch: &str) -> Result<Vec<Received>, Failure> {
    let (mut found, mut after) = (Vec::new(), Some(0));
    while let Some(last) = after {
        let page = client.get(&format!("/v1/robots/{robot}/journal/signatures?epoch={epoch}&after={last}"))?;
        for told in list(&page["seals"])? {
            found.push(received(told)?);
        }
        after = next(&page, "seals", last)?;
    }
    Ok(found)
}

/// Where the next page begins. A server that never comes to an end is not followed.
fn next(page: &Value, of: &str, asked: u64) -> Result<Option<u64>, Failure> {
    match &page["next"] {
        Value::Null => Ok(None),
        _ if list(&page[of])?.is_empty() => Err(unreadable("an empty page that is not the last one")),
        next => next.as_u64().filter(|next| *next > asked).map(Some).ok_or_else(|| unreadable("next")),
    }
}

fn received(told: &Value) -> Result<Received, Failure> {
    let lane = text(told, "lane")?;
    let lane = Lane::ALL.into_iter().find(|known| known.as_str() == lane).ok_or_else(|| unreadable("lane"))?;
    let boot = u64::from_str_radix(text(told, "boot")?, 16).map_err(|_| unreadable("boot"))?;
    let signature = bytes(told, "signature")?.try_into().map_err(|_| unreadable("signature"))?;
    let body = if told["body"].is_null() { None } else { Some(bytes(told, "body")?) };
    let seal = BatchSeal {
        lane,
        first: number(told, "first")?,
        last: number(told, "last")?,
        boot: Boot(boot),
        sent_mono_ms: number(told, "sent_mono_ms")?,
        signature: Signature(signature),
        body,
    };
    Ok(Received { seal, received_ms: number(told, "received_ms")? })
}

fn list(value: &Value) -> Result<&Vec<Value>, Failure> {
    value.as_array().ok_or_else(|| unreadable("a list"))
}

fn texts(value: &Value, key: &str) -> Result<Vec<String>, Failure> {
    list(value)?.iter().map(|item| text(item, key).map(str::to_owned)).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, Failure> {
    value[key].as_str().ok_or_else(|| unreadable(key))
}

fn number(value: &Value, key: &str) -> Result<u64, Failure> {
    value[key].as_u64().ok_or_else(|| unreadable(key))
}

fn bytes(value: &Value, key: &str) -> Result<Vec<u8>, Failure> {
    from_hex(text(value, key)?).map_err(|e| unreadable(&format!("{key}: {e}")))
}

fn unreadable(what: &str) -> Failure {
    Failure::Usage(format!("the server's answer cannot be read ({what}): use its own version of this program"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_signature_is_read_as_the_server_writes_it_and_anything_else_is_refused() {
        let told = json!({
            "lane": "work", "first": 1, "last": 2, "boot": "00000000000000ff", "sent_mono_ms": 3, "received_ms": 4,
            "signature": "07".repeat(64),
        });
        let read = received(&told).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((read.seal.lane, read.seal.boot, read.received_ms), (Lane::Work, Boot(255), 4));
        for (key, bad) in
            [("lane", json!("play")), ("boot", json!("x")), ("signature", json!("07")), ("first", json!(-1))]
        {
            let mut spoiled = told.clone();
            spoiled[key] = bad;
            assert!(received(&spoiled).is_err(), "{key}");
        }
    }

    #[test]
    fn a_server_that_turns_in_a_circle_is_not_followed() {
        let page = |next: Value, items: &[u8]| json!({ "next": next, "seals": items });
        assert!(matches!(next(&page(Value::Null, &[]), "seals", 5), Ok(None)));
        assert!(matches!(next(&page(json!(6), &[0]), "seals", 5), Ok(Some(6))));
        assert!(next(&page(json!(5), &[0]), "seals", 5).is_err() && next(&page(json!("6"), &[0]), "seals", 5).is_err());
        assert!(next(&page(json!(6), &[]), "seals", 5).is_err(), "a page without anything never comes to an end");
    }
}
