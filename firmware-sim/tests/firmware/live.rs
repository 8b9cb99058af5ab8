//! The live panel in a real terminal, whose other end a test holds: what a person reads, and what the keys do.

use crate::rig::Rig;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};

/// A panel in a terminal, and the person before it.
struct Seat {
    program: Child,
    keyboard: File,
    /// The program's end, to see how it is left.
    terminal: File,
    screen: Receiver<String>,
    drawn: String,
}

impl Seat {
    fn take(rig: &Rig) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let terminal = File::from(open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
        let program = Command::new(env!("CARGO_BIN_EXE_firmware-sim"))
            .arg("panel")
            .arg("--socket")
            .arg(rig.path("panel/panel.sock"))
            .stdin(terminal.try_clone().unwrap())
            .stdout(terminal.try_clone().unwrap())
            .spawn()
            .unwrap();
        let keyboard = File::from(ours);
        let screen = watch(keyboard.try_clone().unwrap());
        Self { program, keyboard, terminal, screen, drawn: String::new() }
    }

    fn hit(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether the newest picture shows these words.
    fn shows(&mut self, words: &str) -> bool {
        self.screen.try_iter().for_each(|text| self.drawn.push_str(&text));
        let pictures: Vec<_> = self.drawn.split("\x1b[H").collect();
        // The last one may be drawn only in half.
        pictures.iter().rev().take(2).any(|picture| picture.contains(words))
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).unwrap().local_modes.contains(LocalModes::ICANON)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _gone = self.program.kill();
        let _gone = self.program.wait();
    }
}

fn watch(mut screen: File) -> Receiver<String> {
    let (drawn, seen) = channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        // A terminal without a program at its other end ends with an error.
        while let Ok(length) = screen.read(&mut bytes) {
            if drawn.send(String::from_utf8_lossy(&bytes[..length]).into_owned()).is_err() {
                return;
            }
        }
    });
    seen
}

#[test]
fn a_person_tests_the_button_and_resets_with_keys_and_gets_the_terminal_back() {
    let mut rig = Rig::start();
    let mut seat = Seat::take(&rig);
    rig.until("the panel is shown", |_| seat.shows("Robot r-1. Simulated hardware."));
    assert!(seat.is_raw());
    seat.hit(" ");
    rig.until("the press is shown", |_| seat.shows("PRESSED, latched"));
    assert_eq!(rig.look().unwrap()["button"], "pressed");
    seat.hit("r");
    rig.until("the release is shown", |_| seat.shows("reset_armed") && seat.shows("Press and let go of the reset."));
    // Held for long enough by the firmware's own clock, and let go well before it is too long.
    seat.hit("h");
    rig.until("the reset is held", |_| seat.shows("held for 0."));
    let held_ms = rig.look().unwrap()["t_ms"].as_u64().unwrap();
    rig.until("for long enough", |rig| rig.look().unwrap()["t_ms"].as_u64().unwrap() > held_ms + 100);
    seat.hit("h");
    rig.until("the reset is let go", |rig| rig.look().unwrap()["reset"] == "released");
    rig.until("a reset is shown", |_| seat.shows("may be armed") || seat.shows("Press and let go of the reset."));

    seat.hit("h");
    rig.until("the reset is held again", |rig| rig.look().unwrap()["reset"] == "pressed");
    seat.hit("q");
    let ending = seat.program.wait().unwrap();
    assert!(ending.success());
    assert!(!seat.is_raw(), "the terminal is as it was");
    assert_eq!(rig.look().unwrap()["reset"], "released", "whoever goes takes the hand along");
}

#[test]
fn a_firmware_that_is_gone_is_told_and_found_again() {
    let mut rig = Rig::start();
    let mut seat = Seat::take(&rig);
    rig.until("the panel is shown", |_| seat.shows("Robot r-1"));
    rig.kill();
    rig.until("the loss is shown", |_| seat.shows("No answer."));
    rig.restart();
    rig.until("the panel is shown again", |_| seat.shows("Robot r-1"));
}

#[test]
fn without_a_terminal_it_says_so_in_one_sentence() {
    let rig = Rig::start();
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmware-sim"));
    let output = command.arg("panel").arg("--socket").arg(rig.path("panel/panel.sock")).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), words.lines().count()), (Some(2), 1), "{words}");
    assert!(words.contains("terminal"), "{words}");
}
