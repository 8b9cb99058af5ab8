//! A robot of version 1, agent and safety controller, works at a site of this version beside a robot of this version.
//!
//! Version 1 is built from this repository's history, which takes minutes: `cargo xtask test --thorough` runs this.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shared::time::Millis;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::clock::until;
use tests::process::{Part, Site, forget_the_test};
use tests::verdict::loss;

/// The commit that froze version 1.
const VERSION_1: &str = "fc7404e";
const ROBOTS: [&str; 2] = ["r-1", "r-2"];
/// The one of version 1.
const OLDER: &str = ROBOTS[0];

#[test]
#[ignore = "builds version 1: cargo xtask test --thorough"]
fn a_robot_of_version_1_works_beside_one_of_this_version() -> Result<()> {
    let programs = build_version_1()?;
    let mut site = Site::start_beside_version_1(&ROBOTS, OLDER, &programs)?;
    for robot in ROBOTS {
        site.begin_shift(robot)?;
    }
    for robot in ROBOTS {
        for (kind, zone) in [("inspection", "store"), ("machine_tending", "cell"), ("inspection", "near")] {
            let task = json!({ "title": format!("{kind} at {zone}"), "kind": kind, "zone": zone, "robot": robot });
            site.rest().add_task(&task)?;
        }
    }
    // An outage with a crash on each side in it: hello, watermarks, feed and resent batches of both versions.
    until("work flows", Millis::secs(40), || site.history().ok().filter(|history| loss::acked(history) > 20))?;
    site.cut(OLDER)?;
    for part in [Part::Fleet, Part::Agent(OLDER)] {
        site.kill(part)?;
        site.spawn(part)?;
    }
    site.restore(OLDER)?;
    for robot in ROBOTS {
        site.wait_until_heard(robot)?;
        site.help_up(robot)?;
    }
    site.wait_until_done_and_equal(6, Millis::secs(120))?;
    let history = site.finish()?;
    ensure!(loss::acked(&history) > 30, "{} entries were acknowledged", loss::acked(&history));
    Ok(())
}

/// The folder of its programs, built where cargo builds everything else.
fn build_version_1() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("version-1");
    let (source, target) = (place.join("source"), place.join("target"));
    if !source.join("Cargo.toml").is_file() {
        std::fs::create_dir_all(&source)?;
        let archive = place.join("source.tar");
        run(Command::new("git").current_dir(&root).args(["archive", VERSION_1, "-o"]).arg(&archive))?;
        run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&source))?;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--bin", "robot-agent", "--bin", "firmware-sim", "--target-dir"]).arg(&target);
    forget_the_test(&mut cargo);
    run(cargo.current_dir(&source))?;
    Ok(target.join("debug"))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}: version 1 is built from this repository's history");
    Ok(())
}
