//! A site for one test: the real server on free ports in a folder of its own, and robots that speak its protocol.

pub mod robot;

use fleet_server::clock;
use serde_json::Value;
use shared::id::RobotId;
use shared::seal::SigningKey;
use shared::time::Millis;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const HALL: &str = r#"{"title":"Test hall","size":{"x_cm":1000,"y_cm":1000},"zones":[
  {"id":"store","title":"Store","from":{"x_cm":0,"y_cm":0},"to":{"x_cm":200,"y_cm":200},"station":{"x_cm":100,"y_cm":100}},
  {"id":"cell-a","title":"Cell A","from":{"x_cm":800,"y_cm":0},"to":{"x_cm":1000,"y_cm":200},"station":{"x_cm":900,"y_cm":100}}]}"#;

/// A robot's name.
pub fn name(text: &str) -> RobotId {
    RobotId::parse(text).unwrap()
}

/// A robot's key, grown from one number.
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// The server, running or not, with its folder.
pub struct Site {
    pub dir: TempDir,
    pub http: SocketAddr,
    pub mqtt: SocketAddr,
    child: Option<Child>,
}

impl Site {
    /// A site with `r-1` and `r-2`, whose server is not running yet.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (http, mqtt) = (free_port(), free_port());
        let roster: String = [("r-1", 1), ("r-2", 2)]
            .map(|(id, seed)| format!("[[robots]]\nid = \"{id}\"\nkey = \"{}\"\n", key(seed).public().to_text()))
            .concat();
        let head = format!("site = \"hall-1\"\nhttp = \"{http}\"\nmqtt = \"{mqtt}\"\n");
        std::fs::write(dir.path().join("hall.json"), HALL).unwrap();
        let paths = "key = \"site.key\"\nhall = \"hall.json\"\n";
        std::fs::write(dir.path().join("fleet.toml"), format!("{head}{paths}{roster}")).unwrap();
        Self { dir, http, mqtt, child: None }
    }

    /// The same, running.
    pub fn running() -> Self {
        let mut site = Self::new();
        site.start();
        site
    }

    /// Plants a fault in the configuration, or takes it out again.
    pub fn plant(&self, is_planted: bool) {
        let path = self.dir.path().join("fleet.toml");
        let text = std::fs::read_to_string(&path).unwrap().replace("plant = \"lost\"\n", "");
        let head = if is_planted { "plant = \"lost\"\n" } else { "" };
        std::fs::write(&path, format!("{head}{text}")).unwrap();
    }

    /// Starts the server and waits until it answers.
    pub fn start(&mut self) {
        self.child = Some(serve(self.dir.path(), Stdio::inherit()));
        let since = clock::now();
        while ureq::get(self.url("/healthz")).call().is_err() {
            assert!(clock::now().since(since) < Millis::secs(10), "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// kill -9.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM; how it ended, and how long that took.
    pub fn terminate(&mut self) -> (ExitStatus, Millis) {
        let mut child = self.child.take().unwrap();
        let since = clock::now();
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        (child.wait().unwrap(), clock::now().since(since))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    /// One request: method, path, content type and body; status, content type and JSON of the answer.
    pub fn ask(&self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> (u16, String, Value) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = ureq::http::Request::builder().method(method).uri(self.url(path));
        let answer = match body {
            Some((kind, bytes)) => agent.run(request.header("content-type", kind).body(bytes).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        };
        let mut answer = answer.unwrap();
        let kind = answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), kind.unwrap_or_default(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, _, value) = self.ask("GET", path, None);
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, _, value) = self.ask("POST", path, Some(("application/json", body.to_string().as_bytes())));
        (status, value)
    }

    /// Waits until a reading of the API is as wanted.
    pub fn wait_for(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let since = clock::now();
        loop {
            let value = self.get(path);
            if wanted(&value) {
                return value;
            }
            assert!(clock::now().since(since) < Millis::secs(10), "still {value}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // A server that has ended by itself is what the test has found out already.
            let _ended = child.kill().and_then(|()| child.wait());
        }
    }
}

/// Starts the real binary.
pub fn serve(dir: &Path, stderr: Stdio) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet"));
    command.args(["serve", "--log", "warn", "--dir"]).arg(dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn().unwrap()
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
