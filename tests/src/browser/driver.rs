//! The browser's driver as a process, and requests to it.
//!
//! The protocol is a dozen requests of JSON over HTTP, which the client of the operator's side carries already: a library for it
//! would bring a runtime and a second client.

use crate::clock::until;
use crate::process::Running;
use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use shared::time::Millis;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use ureq::Agent;

const DRIVER: &str = "chromedriver";
const BROWSER: &str = "chromium";
const FOLDERS: [&str; 3] = ["/usr/bin", "/usr/local/bin", "/snap/bin"];
/// How the browser is started: without a window, and saying nothing to anybody on its own account. It hangs on a pipe of its
/// driver and ends with it. The sandbox is of no use where only our own page is opened, and does not start under root.
const ARGUMENTS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--window-size=1280,1400",
    // How a time is typed follows from it.
    "--lang=en-US",
];
/// How long driver and browser may take to start, on a busy machine.
const STARTS_WITHIN: Millis = Millis::secs(60);

/// A driver with one browser.
pub struct Driver {
    agent: Agent,
    session: String,
    _running: Running,
    // Last, so that the browser's folder outlives it.
    _folder: TempDir,
}

impl Driver {
    /// Starts both on a port that the system chooses, in a folder of their own.
    ///
    /// # Errors
    /// When one is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("browser-").tempdir()?;
        let log = folder.path().join("driver.log");
        let running = Running::start(&installed(DRIVER)?, &["--port=0"], &log)?;
        let port = until("the browser's driver listens", STARTS_WITHIN, || port(&log))?;
        let config = Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent: Agent = config.timeout_global(Some(Duration::from_millis(STARTS_WITHIN.0))).build().into();
        let root = format!("http://127.0.0.1:{port}/session");
        let wanted = capabilities(&installed(BROWSER)?, &folder.path().join("profile"));
        let made = answer(agent.post(&root).send_json(&wanted)).with_context(|| running.last_words(5))?;
        let id = made["sessionId"].as_str().context("a session has an id")?;
        Ok(Self { agent, session: format!("{root}/{id}"), _running: running, _folder: folder })
    }

    /// Tells the browser something; what it answers.
    ///
    /// # Errors
    /// When it cannot, or is gone.
    pub fn post(&self, what: &str, body: &Value) -> Result<Value> {
        answer(self.agent.post(format!("{}/{what}", self.session)).send_json(body))
            .with_context(|| format!("the browser was told {what} {body}"))
    }

    /// Asks the browser something.
    ///
    /// # Errors
    /// When it cannot tell, or is gone.
    pub fn get(&self, what: &str) -> Result<Value> {
        answer(self.agent.get(format!("{}/{what}", self.session)).call())
            .with_context(|| format!("the browser was asked {what}"))
    }

    /// Writes a PNG of the page.
    ///
    /// # Errors
    /// When the browser or the disk fail.
    pub fn picture(&self, path: &Path) -> Result<()> {
        let encoded = self.get("screenshot")?;
        let bytes = from_base64(encoded.as_str().context("a picture is text")?)?;
        std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn capabilities(browser: &Path, profile: &Path) -> Value {
    let arguments = ARGUMENTS.iter().map(|&argument| argument.to_owned());
    let arguments: Vec<String> = arguments.chain([format!("--user-data-dir={}", profile.display())]).collect();
    json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": { "binary": browser, "args": arguments } } } })
}

/// The driver prints its port when it listens.
fn port(log: &Path) -> Option<u16> {
    let text = std::fs::read_to_string(log).ok()?;
    let (_, rest) = text.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

fn installed(name: &str) -> Result<PathBuf> {
    let mut places = FOLDERS.iter().map(|folder| Path::new(folder).join(name));
    let found = places.find(|path| path.is_file());
    found.with_context(|| format!("{name} is not installed; `cargo xtask test` installs it"))
}

/// The protocol wraps every answer, and every refusal, in `value`.
fn answer(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
    let mut answer = answer.context("the browser's driver does not answer")?;
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
    let mut told: Value = serde_json::from_str(&text).map_err(|e| anyhow!("{e}: {text}"))?;
    let value = told["value"].take();
    ensure!(answer.status().is_success(), "{}: {}", value["error"], value["message"]);
    Ok(value)
}

fn from_base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let digits: Result<Vec<u32>> = chunk.iter().map(|digit| digit_of(*digit)).collect();
        let bits = digits?.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    Ok(bytes)
}

fn digit_of(digit: u8) -> Result<u32> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let place = DIGITS.iter().position(|known| *known == digit).context("no digit of base 64")?;
    Ok(u32::try_from(place)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read_as_it_was_written() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("+/8A", &[251, 255, 0])]
        {
            assert_eq!(from_base64(text).unwrap(), bytes, "{text}");
        }
        assert!(from_base64("Zm9*").is_err());
    }

    #[test]
    fn the_port_is_known_once_the_whole_sentence_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        for (text, found) in [("started on port 0\n", None), ("was started successfully on port 35", None)] {
            std::fs::write(&log, text).unwrap();
            assert_eq!(port(&log), found);
        }
        std::fs::write(&log, "on port 0\nChromeDriver was started successfully on port 35293.\n").unwrap();
        assert_eq!(port(&log), Some(35293));
    }
}
