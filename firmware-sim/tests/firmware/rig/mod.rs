//! A firmware in a folder of its own, with an agent, a radio and a person that the test plays.

pub mod agent;
mod radio;

use agent::Agent;
use firmware_sim::clock;
use firmware_sim::panel::client::Client;
use firmware_sim::panel::request::Act as Hand;
use firmware_sim::plant::Defect;
use interlock_link::{Act, Phase, Setpoint};
use radio::{ROBOT_SEED, Radio};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use shared::seal::{SigningKey, to_hex};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Far above everything that is waited for; only a failing test waits this long.
const PATIENCE_MS: u64 = 20_000;

/// The secret of the firmware's key.
pub const FIRMWARE_SEED: [u8; 32] = [0x11; 32];

pub struct Rig {
    dir: tempfile::TempDir,
    air: SocketAddrV4,
    firmware: Child,
    pub agent: Option<Agent>,
    pub radio: Option<Radio>,
    silence_ms_max: u64,
}

/// How long the firmware waits for a heartbeat, less the time between two and what a frame needs on its way.
const SILENCE_MS_FAIR: u64 = 200;
/// How often a story is played again whose agent the machine kept silent.
const ATTEMPTS: u32 = 6;

/// Plays a story in which the agent must not be silent. A failure counts unless this test was itself kept from beating for
/// so long that the firmware had to stop the robot: then the story has shown nothing, and begins anew.
pub fn fairly(story: impl Fn(&mut Rig)) {
    for attempt in 1..=ATTEMPTS {
        let mut rig = Rig::start();
        let played = catch_unwind(AssertUnwindSafe(|| story(&mut rig)));
        let Err(failure) = played else { return };
        if !rig.was_starved() || attempt == ATTEMPTS {
            resume_unwind(failure);
        }
        println!("attempt {attempt}: the machine kept the agent silent for too long; once more");
    }
}

/// What an agent says that wants to walk along the southern wall.
pub const fn walk_to(x_cm: i16) -> Option<Setpoint> {
    Some(Setpoint { act: Act::Walk, step: 0, order: 0xab, x_cm, y_cm: 200, amount: 0 })
}

/// An energised robot on its way to a far corner.
pub fn walking() -> Rig {
    Rig::start().sent_away()
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Rig {
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// With one more line of configuration.
    pub fn start_with(line: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let air = SocketAddrV4::new(Ipv4Addr::new(239, 255, 7, 1), free_port());
        std::fs::write(dir.path().join("firmware.key"), to_hex(&FIRMWARE_SEED)).unwrap();
        std::fs::write(dir.path().join("firmware.toml"), config(dir.path(), air) + line).unwrap();
        let firmware = spawn(dir.path());
        let mut rig = Self { dir, air, firmware, agent: None, radio: None, silence_ms_max: 0 };
        rig.wait_for_panel();
        rig
    }

    /// Energised and on its way to a far corner.
    pub fn sent_away(mut self) -> Self {
        self.send_away();
        self
    }

    /// Energises the robot and sends it to a far corner.
    pub fn send_away(&mut self) {
        self.energise();
        self.agent.as_mut().unwrap().setpoint = walk_to(20_000);
        self.until("the truth log shows movement", |rig| !rig.truth("moved").is_empty());
    }

    /// Whether the machine kept this test from beating in time.
    pub fn was_starved(&self) -> bool {
        self.silence_ms_max >= SILENCE_MS_FAIR
    }

    /// Starts the firmware again in the same folder.
    pub fn restart(&mut self) {
        self.kill();
        self.agent = None;
        self.firmware = spawn(self.dir.path());
        self.wait_for_panel();
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        let _gone = self.firmware.kill();
        let _gone = self.firmware.wait();
    }

    /// `SIGSTOP`.
    pub fn pause(&self) {
        kill_process(Pid::from_child(&self.firmware), Signal::STOP).unwrap();
    }

    /// `SIGCONT`.
    pub fn resume(&self) {
        kill_process(Pid::from_child(&self.firmware), Signal::CONT).unwrap();
    }

    fn wait_for_panel(&mut self) {
        self.until("the panel answers with a body", |rig| rig.look().is_some_and(|status| status["body"] == true));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn panel(&self) -> Client {
        Client::connect(&self.path("panel/panel.sock")).unwrap()
    }

    /// The panel's answer, if there is a panel.
    pub fn look(&self) -> Option<Value> {
        Client::connect(&self.path("panel/panel.sock")).ok()?.act(Hand::Status).ok()
    }

    pub fn phase(&self) -> String {
        self.look().unwrap()["phase"].as_str().unwrap().to_owned()
    }

    /// One act of a hand.
    pub fn act(&self, act: Hand) -> Value {
        self.panel().act(act).unwrap()
    }

    pub fn inject(&self, defect: Defect) {
        self.act(Hand::Inject(defect));
    }

    pub fn press(&self) -> Value {
        self.panel().act(Hand::Press).unwrap()
    }

    pub fn release(&self) -> Value {
        self.panel().act(Hand::Release).unwrap()
    }

    /// What a person does with the reset; the agent and the radio go on meanwhile.
    pub fn reset(&mut self) {
        let pressed = self.panel().act(Hand::ResetPress).unwrap()["t_ms"].as_u64().unwrap();
        self.until("the reset was held", |rig| rig.look().unwrap()["t_ms"].as_u64().unwrap() >= pressed + 200);
        self.panel().act(Hand::ResetRelease).unwrap();
    }

    pub fn proof_test(&mut self) {
        self.press();
        self.release();
        self.until("the proof test is seen", |rig| rig.look().unwrap()["proof_tested"] == true);
        self.until_phase("reset_armed");
    }

    pub fn connect(&mut self, nonce: u64) {
        self.agent = Some(Agent::connect(&self.path("link/link.sock"), nonce));
        self.until("the agent is welcome", |rig| rig.agent.as_ref().unwrap().receiver.is_open());
    }

    pub fn switch_radio_on(&mut self) {
        self.radio = Some(Radio::new(self.air));
    }

    /// Everything from power-up to power.
    pub fn energise(&mut self) {
        self.proof_test();
        self.reset();
        self.connect(1);
        self.switch_radio_on();
        self.until("the beacon is heard", |rig| rig.look().unwrap()["beacon_heard"] == true);
        self.arm_until_energised();
    }

    pub fn arm_until_energised(&mut self) {
        self.until("the robot is energised", |rig| {
            let agent = rig.agent.as_mut().unwrap();
            let Some(status) = agent.status else { return false };
            agent.arm = (status.phase != Phase::Energised).then_some(status.trip_epoch);
            status.phase == Phase::Energised
        });
    }

    pub fn until_phase(&mut self, phase: &str) {
        self.until(phase, |rig| rig.phase() == phase);
    }

    /// Lets agent and radio live until the condition holds.
    pub fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let deadline = clock::now().0 + PATIENCE_MS;
        while !holds(self) {
            assert!(clock::now().0 < deadline, "never happened: {what}; panel {:?}", self.look());
            if let Some(agent) = &mut self.agent {
                agent.turn();
                self.silence_ms_max = self.silence_ms_max.max(agent.silence_ms_max);
            }
            if let Some(radio) = &mut self.radio {
                radio.turn();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Lets agent and radio live for a while: for what must *not* happen.
    pub fn live_for(&mut self, ms: u64) {
        let end = clock::now().0 + ms;
        self.until("time passes", |_| clock::now().0 >= end);
    }

    /// Lets agent and radio live for so many ticks of the firmware.
    pub fn until_ticks_passed(&mut self, ticks: u64) {
        let tick = |rig: &Self| rig.look().unwrap()["tick"].as_u64().unwrap();
        let end = tick(self) + ticks;
        self.until("ticks pass", |rig| tick(rig) >= end);
    }

    /// The non-volatile file as it is on disk.
    pub fn nv(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path("nv.json")).unwrap()).unwrap()
    }

    /// Whole lines of a log.
    pub fn lines(&self, file: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(file)).unwrap_or_default();
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        text[..end].lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The event list as it is on disk, whole lines only.
    pub fn event_lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("events.jsonl")).unwrap();
        text[..text.rfind('\n').unwrap()].lines().map(str::to_owned).collect()
    }

    pub fn truth(&self, ev: &str) -> Vec<Value> {
        self.lines("truth.jsonl").into_iter().filter(|line| line["ev"] == ev).collect()
    }

    pub fn has_event(&self, ev: &str) -> bool {
        self.lines("events.jsonl").iter().any(|line| line["ev"] == ev)
    }

    /// The process at the end of the motor line.
    pub fn body_pid(&self) -> u32 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.firmware.id())).unwrap();
        let children = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("children")).unwrap());
        children
            .flat_map(|ids| ids.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>())
            .next()
            .unwrap()
    }
}

/// Whether a process is there and not merely waiting to be buried.
pub fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn spawn(dir: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_firmware-sim"))
        .arg("run")
        .arg("--config")
        .arg(dir.join("firmware.toml"))
        .stderr(std::fs::File::options().append(true).create(true).open(dir.join("firmware.log")).unwrap())
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

fn config(dir: &Path, air: SocketAddrV4) -> String {
    let d = dir.display();
    let robot_key = SigningKey::from_seed(&ROBOT_SEED).public().to_text();
    format!(
        "robot = \"r-1\"\ndir = \"{d}\"\nlink = \"{d}/link/link.sock\"\npanel = \"{d}/panel/panel.sock\"\n\
         key = \"{d}/firmware.key\"\nrobot_key = \"{robot_key}\"\nair = \"{air}\"\nstart = {{ x_cm = 100, y_cm = 200 }}\n"
    )
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
