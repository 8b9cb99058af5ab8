//! The hands at a robot's panel: its button, its reset and its lamp, over the firmware's own socket.
//!
//! Leaves to others: when to press what (`person`, `script`, `hardware`).

use serde::{Deserialize, Serialize};
use shared::fact::InterlockPhase;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long a panel may take to answer. It is a lamp and two switches on the same machine: longer means dead.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// A switch's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Pressed; the button then also stays so by itself.
    Pressed,
    /// Up.
    Released,
}

/// What the panel shows. Words that only people read are kept as they came, in `rest`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The firmware's clock, milliseconds since the machine's boot.
    pub t_ms: u64,
    /// The interlock's phase.
    pub phase: InterlockPhase,
    /// Rises on every trip.
    pub trip_epoch: u32,
    /// The emergency stop.
    pub button: Switch,
    /// The reset.
    pub reset: Switch,
    /// Whether the button was tried since the power came on.
    pub proof_tested: bool,
    /// Whether the body moves.
    pub moving: bool,
    /// Everything else: cause, lamp, place, battery, a sentence.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

impl Status {
    /// Whether the motors have power and the robot is on its way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.phase == InterlockPhase::Energised && self.moving
    }
}

/// Something a hand does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// Only looks.
    Status,
    /// Presses the emergency stop, which latches.
    Press,
    /// Pulls the emergency stop out again.
    Release,
    /// Presses the reset and holds it.
    ResetPress,
    /// Lets go of the reset.
    ResetRelease,
    /// Takes the antenna off the firmware's own receiver.
    Mute,
    /// Fills the air around the firmware's own receiver with noise.
    Jam,
    /// Puts something before the receiver that passes every packet on late.
    Delay,
    /// Puts the antenna back on, and sound parts in.
    Unmute,
}

impl Touch {
    /// The request's line. Whatever is done to the receiver is a defect that is put in, as the panel has it.
    fn request(self) -> serde_json::Value {
        match self {
            Self::Mute => serde_json::json!({ "do": "inject", "fault": "mute" }),
            Self::Jam => serde_json::json!({ "do": "inject", "fault": "jam" }),
            Self::Delay => serde_json::json!({ "do": "inject", "fault": "delay" }),
            Self::Unmute => serde_json::json!({ "do": "inject", "fault": "none" }),
            Self::Status | Self::Press | Self::Release | Self::ResetPress | Self::ResetRelease => {
                serde_json::json!({ "do": self })
            }
        }
    }
}

/// One robot's panel.
#[derive(Clone, Debug)]
pub struct Panel {
    socket: PathBuf,
}

impl Panel {
    /// The panel behind a socket; nothing is opened yet.
    pub const fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Lays a hand on the panel and reads what it shows then.
    ///
    /// # Errors
    /// When the firmware does not answer in time, or not with a status.
    pub async fn touch(&self, touch: Touch) -> io::Result<Status> {
        self.open().await?.touch(touch).await
    }

    /// Presses the button if the robot is under way at this moment; whether it was.
    ///
    /// # Errors
    /// As [`Panel::touch`].
    pub async fn press_if_under_way(&self, before: impl FnOnce()) -> io::Result<bool> {
        let mut hand = self.open().await?;
        if !hand.touch(Touch::Status).await?.is_under_way() {
            return Ok(false);
        }
        before();
        hand.touch(Touch::Press).await?;
        Ok(true)
    }

    async fn open(&self) -> io::Result<Hand> {
        let stream = timeout(ANSWER_WITHIN, UnixStream::connect(&self.socket)).await??;
        Ok(Hand { stream: BufReader::new(stream) })
    }
}

/// An open connection to a panel.
struct Hand {
    stream: BufReader<UnixStream>,
}

impl Hand {
    async fn touch(&mut self, touch: Touch) -> io::Result<Status> {
        timeout(ANSWER_WITHIN, self.exchange(touch)).await?
    }

    async fn exchange(&mut self, touch: Touch) -> io::Result<Status> {
        let mut request = serde_json::to_vec(&touch.request())?;
        request.push(b'\n');
        self.stream.write_all(&request).await?;
        let mut answer = String::new();
        self.stream.read_line(&mut answer).await?;
        Ok(serde_json::from_str(&answer)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::UnixListener;

    const STANDING: &str = r#"{"robot":"r-1","t_ms":7,"phase":"energised","cause":"power_up","trip_epoch":3,"button":"released","reset":"released","relays":true,"proof_tested":true,"lamp":"green","moving":false,"x_cm":1,"y_cm":2,"battery_permille":900,"held":false,"words":"Ready."}"#;

    // Answers each request with the next line, and gives back the requests.
    fn panel_that_says(lines: Vec<String>) -> (tempfile::TempDir, Panel, tokio::task::JoinHandle<Vec<String>>) {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("panel.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let firmware = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut heard = Vec::new();
            for line in lines {
                let mut request = String::new();
                stream.read_line(&mut request).await.unwrap();
                heard.push(request.trim().to_owned());
                stream.write_all(format!("{line}\n").as_bytes()).await.unwrap();
            }
            heard
        });
        (dir, Panel::new(socket), firmware)
    }

    #[tokio::test]
    async fn a_touch_is_one_line_and_its_answer_is_what_the_panel_shows() {
        let (_dir, panel, firmware) = panel_that_says(vec![STANDING.to_owned()]);
        let status = panel.touch(Touch::ResetPress).await.unwrap();
        assert_eq!(firmware.await.unwrap(), [r#"{"do":"reset_press"}"#]);
        assert!(status.proof_tested && !status.is_under_way());
        assert_eq!(status.rest["words"], "Ready.");
    }

    #[tokio::test]
    async fn muting_jamming_and_delaying_put_a_defect_in_and_unmuting_takes_it_out() {
        let touches = [(Touch::Mute, "mute"), (Touch::Jam, "jam"), (Touch::Delay, "delay"), (Touch::Unmute, "none")];
        for (touch, fault) in touches {
            let (_dir, panel, firmware) = panel_that_says(vec![STANDING.to_owned()]);
            panel.touch(touch).await.unwrap();
            let heard: serde_json::Value = serde_json::from_str(&firmware.await.unwrap()[0]).unwrap();
            assert_eq!(heard, serde_json::json!({ "do": "inject", "fault": fault }));
        }
    }

    #[tokio::test]
    async fn a_robot_that_stands_is_not_pressed_and_one_under_way_is() {
        let (_dir, panel, firmware) = panel_that_says(vec![STANDING.to_owned()]);
        assert!(!panel.press_if_under_way(|| panic!("it stands")).await.unwrap());
        assert_eq!(firmware.await.unwrap(), [r#"{"do":"status"}"#]);

        let moving = STANDING.replace(r#""moving":false"#, r#""moving":true"#);
        let (_dir, panel, firmware) = panel_that_says(vec![moving.clone(), moving]);
        assert!(panel.press_if_under_way(|| ()).await.unwrap());
        assert_eq!(firmware.await.unwrap(), [r#"{"do":"status"}"#, r#"{"do":"press"}"#]);
    }

    #[tokio::test]
    async fn a_panel_that_is_dead_or_says_nonsense_is_an_error() {
        let dead = Panel::new(PathBuf::from("/nonexistent/panel.sock"));
        assert!(dead.touch(Touch::Status).await.is_err());
        let (_dir, panel, _firmware) = panel_that_says(vec!["nonsense".to_owned()]);
        assert!(panel.touch(Touch::Status).await.is_err());
    }
}
