//! `fleet tap`: live traffic as JSON lines, each message decoded and its signature judged.
//!
//! It listens to the broker itself, embedded or external, and asks the server nothing: at two in the morning the server may be what is
//! wrong. It needs the configuration for the keys, sends nothing, and changes nothing.

mod words;

use crate::config::{self, Config};
use crate::mqtt::Listener;
use anyhow::Context;
use serde_json::{Value, json};
use shared::id::RobotId;
use shared::seal::{Context as Seal, PublicKey};
use shared::wire::envelope::Sealed;
use shared::wire::from_bytes;
use shared::wire::topic::{Channel, Topic, site_filter};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fleet tap`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The server's configuration: site, keys, and where the broker is.
    #[arg(long)]
    config: PathBuf,
    /// Another broker than the configuration names.
    #[arg(long)]
    broker: Option<SocketAddr>,
    /// Only this robot.
    #[arg(long)]
    robot: Option<RobotId>,
    /// End after this many messages.
    #[arg(long)]
    count: Option<u64>,
}

/// Prints until it is interrupted, the broker is lost, or `--count` is reached.
///
/// # Errors
/// One sentence about the configuration, the broker or the output.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config::read(&args.config)?;
    let address = args.broker.unwrap_or_else(|| config.messages.address());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(listen(args, &config, address))
}

async fn listen(args: &Args, config: &Config, address: SocketAddr) -> anyhow::Result<ExitCode> {
    let mut listener = Listener::new(address, &site_filter(&config.site.id));
    let mut left = args.count.unwrap_or(u64::MAX);
    while left > 0 {
        let message = listener.next().await.with_context(|| format!("the broker at {address}"))?;
        let Some(line) = line(config, args.robot.as_ref(), &message.topic, &message.payload) else { continue };
        left -= 1;
        match writeln!(std::io::stdout(), "{line}") {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One message as a line; none when it is another robot's.
fn line(config: &Config, only: Option<&RobotId>, topic: &str, payload: &[u8]) -> Option<Value> {
    let parsed = Topic::parse(topic).ok();
    let is_wanted = only.is_none_or(|only| parsed.as_ref().is_some_and(|topic| topic.robot == *only));
    let at_ms = crate::clock::wall().0;
    let about = |signature: String, packed: bool, body: Value| json!({ "at_ms": at_ms, "topic": topic, "bytes": payload.len(), "packed": packed, "signature": signature, "body": body });
    let said = match &parsed {
        Some(topic) => judged(config, topic, payload),
        None => Said { signature: "not a topic of this protocol".into(), is_packed: false, body: Value::Null },
    };
    is_wanted.then(|| about(said.signature, said.is_packed, said.body))
}

struct Said {
    signature: String,
    is_packed: bool,
    body: Value,
}

/// The body is shown only when its signature holds: what is not signed says nothing.
fn judged(config: &Config, topic: &Topic, payload: &[u8]) -> Said {
    let is_packed = from_bytes::<Sealed>(payload).is_ok_and(|sealed| sealed.unpacked_len.is_some());
    let (key, context) = match topic.channel {
        Channel::Up(_) => (config.site.robots.get(&topic.robot).copied(), Seal::Up),
        Channel::Down(_) => (Some(config.site.key.public()), Seal::Down),
    };
    let opened = |key: PublicKey| Sealed::open_bytes(payload, &key, context, &topic.robot).map_err(|e| e.to_string());
    let opened = key.ok_or_else(|| format!("the roster has no robot {}", topic.robot)).and_then(opened);
    match opened {
        Ok(body) => Said { signature: "good".into(), is_packed, body: words::of(topic.channel, &body) },
        Err(why) => Said { signature: why, is_packed, body: Value::Null },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Messages;
    use fleet_core::Site;
    use shared::id::SiteId;
    use shared::seal::SigningKey;
    use shared::wire::robot_to_fleet::Session;
    use shared::wire::topic::Up;
    use shared::zone::{Hall, Point};

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn config() -> Config {
        let robots = [(RobotId::parse("r-1").unwrap(), key(1).public())].into();
        let hall = Hall { title: "H".into(), size: Point::default(), zones: vec![] };
        let address = "127.0.0.1:1".parse().unwrap();
        Config {
            site: Site { id: SiteId::parse("s").unwrap(), key: key(2), hall, robots, endorser: None },
            http: address,
            messages: Messages::External(address),
            telemetry: fleet_core::TelemetryKept::default(),
            #[cfg(debug_assertions)]
            plant: None,
        }
    }

    fn topic(robot: &str) -> String {
        let (site, robot) = (SiteId::parse("s").unwrap(), RobotId::parse(robot).unwrap());
        Topic { site, robot, channel: Channel::Up(Up::Session) }.to_string()
    }

    #[test]
    fn a_signed_word_is_decoded_and_any_other_is_judged_and_not_shown() {
        let r1 = RobotId::parse("r-1").unwrap();
        let word = Session::Applied { server_epoch: 77, cursor: 13 };
        let (topic, foreign) = (&topic("r-1"), topic("r-9"));
        let good = line(&config(), None, topic, &Sealed::seal(&key(1), Seal::Up, &r1, &word)).unwrap();
        assert_eq!((good["signature"].as_str(), good["body"]["applied"]["cursor"].as_u64()), (Some("good"), Some(13)));
        let forged = line(&config(), None, topic, &Sealed::seal(&key(9), Seal::Up, &r1, &word)).unwrap();
        assert!(
            forged["signature"].as_str().is_some_and(|why| why.contains("not by the key")) && forged["body"].is_null()
        );
        let stranger = line(&config(), None, &foreign, &[1]).unwrap();
        assert_eq!(stranger["signature"], "the roster has no robot r-9");
        assert!(line(&config(), Some(&r1), &foreign, &[1]).is_none());
        assert_eq!(line(&config(), None, "x", &[]).unwrap()["signature"], "not a topic of this protocol");
    }
}
