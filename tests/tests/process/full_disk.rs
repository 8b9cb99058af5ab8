//! A robot's disk is truly full, twice: first its agent writes into the reserve, says so and takes no work, then it ends with
//! the exit code that tells a supervisor not to start it again. Nothing that was acknowledged is gone, and with room it goes on.
//!
//! The disk is a small file system in a mount namespace of its own, which root may make, and anybody where the kernel lets
//! users have namespaces. Elsewhere the test fails, unless `cargo xtask test --one-uid` asks for it: then it says NOT SHOWN.

use super::give;
use anyhow::{Context, Result, ensure};
use rustix::process::{geteuid, getppid};
use shared::fact::Fact;
use shared::refusal::Code;
use shared::time::Millis;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::clock::until;
use tests::process::{Part, Site, programs};
use tests::verdict::loss;

/// Room for both databases, their reserves of 8 MiB each, and the agent's log.
const DISK: &str = "size=40m";
/// `robot-agent`'s exit code for a disk that is full or refuses to work.
const STORAGE: i32 = 4;
/// And for a configuration that cannot be used.
const CONFIG: i32 = 2;

#[test]
fn an_agent_on_a_full_disk_takes_no_work_then_ends_with_its_code_and_goes_on_when_there_is_room() {
    let flags = if geteuid().is_root() { "-m" } else { "-rm" };
    let may_mount = Command::new("unshare").args([flags, "true"]).output().is_ok_and(|output| output.status.success());
    if !may_mount {
        assert!(is_one_uid_accepted(), "no mount namespace; `cargo xtask test --one-uid` passes without showing it");
        println!("an agent on a full disk: NOT SHOWN, there is no mount namespace for this user");
        return;
    }
    let program = std::env::current_exe().expect("a test has a file");
    let inside = ["--exact", "full_disk::in_a_mount_namespace", "--ignored", "--nocapture"];
    let output = Command::new("unshare").arg(flags).arg(program).args(inside).output().expect("unshare has just run");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// What an agent says last may go to the very disk that is full.
#[test]
fn an_exit_code_stands_also_where_the_last_words_cannot_be_written() -> Result<()> {
    let nowhere = File::options().write(true).open("/dev/full")?;
    let mut agent = Command::new(programs()?.join("robot-agent"));
    let ended = agent.args(["run", "--config", "/nowhere/agent.toml"]).stderr(nowhere).status()?;
    ensure!(ended.code() == Some(CONFIG), "{ended}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the same switch as that of the test of two users")]
fn is_one_uid_accepted() -> bool {
    std::env::var("BELLWETHER_ONE_UID").is_ok_and(|value| value == "1")
}

#[test]
#[ignore = "started by the test above in a mount namespace of its own"]
fn in_a_mount_namespace() -> Result<()> {
    ensure!(has_own_mounts()?, "it mounts a file system, and would do so for everybody");
    let mut site = Site::start(&["r-1"])?;
    site.begin_shift("r-1")?;
    give(&site.rest(), "r-1", "inspection", "store")?;
    site.wait_until_done_and_equal(1, Millis::secs(90))?;
    site.kill(Part::Agent("r-1"))?;
    let disk = site.dir_of(Part::Agent("r-1"));
    move_to_a_small_disk(&disk)?;
    site.spawn(Part::Agent("r-1"))?;
    site.help_up("r-1")?;

    let reserve = disk.join("replica.reserve");
    until("the reserve stands", Millis::secs(20), || reserve.is_file().then_some(()))?;
    fill(&disk, "first")?;
    until("the reserve is freed", Millis::secs(60), || (!reserve.exists()).then_some(()))?;
    let recorded = || has_recorded(&site, &Fact::StorageFull).ok()?.then_some(());
    until("the server has it in the robot's record", Millis::secs(20), recorded)?;
    let refused = give(&site.rest(), "r-1", "inspection", "store")?;
    let why = || site.rest().get(&format!("/v1/tasks/{refused}")).ok().map(|task| task["why"]["code"].clone());
    let code = Code::StorageFull.to_string();
    until("new work is refused", Millis::secs(30), || why().filter(|why| *why == code.as_str()))
        .with_context(|| format!("the reason is {:?}", why()))?;

    let acked = loss::acked(&site.history()?);
    fill(&disk, "second")?;
    let ended = until("the agent ends", Millis::secs(120), || site.ended(Part::Agent("r-1")))?;
    ensure!(ended == STORAGE, "the agent ended with {ended}");
    let history = site.history()?;
    let lost = loss::lost(&history);
    ensure!(lost.is_empty() && loss::acked(&history) >= acked, "{lost:?}");

    for ballast in ["first", "second"] {
        fs::remove_file(disk.join(ballast))?;
    }
    site.spawn(Part::Agent("r-1"))?;
    site.help_up("r-1")?;
    let again = give(&site.rest(), "r-1", "inspection", "near")?;
    let done = || (site.rest().task_state(&again) == "done").then_some(());
    until("the robot works again", Millis::secs(120), done)?;
    until("everything is acknowledged", Millis::secs(30), || {
        (loss::unacked(&site.history().ok()?) == 0).then_some(())
    })?;
    println!(
        "acknowledged before the second refusal: {acked} entries; after the next start: {}",
        loss::acked(&site.history()?)
    );
    site.finish().map(drop)
}

/// Whoever started this program lives in another mount namespace, or in one that this user may not even look at.
fn has_own_mounts() -> Result<bool> {
    let parent = getppid().context("a test has a parent")?;
    let theirs = fs::read_link(format!("/proc/{}/ns/mnt", parent.as_raw_nonzero()));
    Ok(theirs.ok() != Some(fs::read_link("/proc/self/ns/mnt")?))
}

/// Puts a file system of a few MiB in a folder's place, with what is in the folder.
fn move_to_a_small_disk(folder: &Path) -> Result<()> {
    let aside = folder.ancestors().nth(2).context("a robot's folder lies in a site's")?.join("aside");
    fs::rename(folder, &aside)?;
    fs::create_dir(folder)?;
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder).status()?;
    ensure!(mounted.success(), "mount ended with {mounted}");
    for entry in fs::read_dir(&aside)? {
        let entry = entry?;
        // Sockets are the agent's to make anew, and so are the reserves.
        if entry.file_type()?.is_file() && entry.path().extension().is_none_or(|ending| ending != "reserve") {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Writes a file until there is no room for one byte more.
fn fill(disk: &Path, name: &str) -> Result<PathBuf> {
    let path = disk.join(name);
    let mut file = File::create(&path)?;
    for part in [vec![1; 64 * 1024], vec![1]] {
        let error = loop {
            if let Err(error) = file.write_all(&part) {
                break error;
            }
        };
        ensure!(error.kind() == ErrorKind::StorageFull, "{error}");
    }
    Ok(path)
}

fn has_recorded(site: &Site, fact: &Fact) -> Result<bool> {
    let history = site.history()?;
    Ok(history.server.facts.values().flatten().filter_map(|kept| kept.fact()).any(|(_, known)| known == *fact))
}
