//! Two people's command lines and a robot edit one task while the server is down. Each is told that its words are kept; when
//! the server is back all have the same fields, the same text and the same checklist, and nothing stands twice.

use super::give;
use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use shared::checklist::Content;
use shared::field::OpId;
use shared::note::Note;
use shared::note_log::KeptNote;
use shared::task::TaskRow;
use shared::time::Millis;
use shared::wire::fleet_to_robot::Row;
use shared::wire::from_bytes;
use std::path::Path;
use tests::clock::until;
use tests::process::{Part, Site, tool};

/// A person's command line with an outbox of its own.
struct Person {
    server: String,
    outbox: String,
}

impl Person {
    fn new(site: &Site, name: &str) -> Self {
        let outbox = site.dir_of(Part::Fleet).join(format!("{name}.jsonl")).display().to_string();
        Self { server: site.address(), outbox }
    }

    fn fleet(&self, words: &[&str]) -> Result<(i32, String)> {
        let place = ["--server", self.server.as_str(), "--outbox", self.outbox.as_str()];
        tool::run("fleet", &[words, &place].concat())
    }

    /// Says something that cannot be sent now.
    fn keeps(&self, words: &[&str]) -> Result<()> {
        let (code, said) = self.fleet(words)?;
        ensure!(code == 5 && said.contains("kept on this machine"), "{words:?} ended with {code}: {said}");
        Ok(())
    }

    fn knows(&self, code: &str) -> Result<Value> {
        let (exit, said) = self.fleet(&["ops", "show", code, "--json"])?;
        ensure!(exit == 0, "{said}");
        serde_json::from_str(&said).with_context(|| said)
    }
}

#[test]
fn two_command_lines_and_a_robot_edit_one_task_while_the_server_is_down_and_end_equal() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    let rest = site.rest();
    let code = give(&rest, "r-1", "inspection", "store")?;
    let accepted = || (rest.task_state(&code) == "accepted").then_some(());
    until("the robot has the task", Millis::secs(20), accepted)?;
    let (weber, ito) = (Person::new(&site, "weber"), Person::new(&site, "ito"));
    let agent = site.dir_of(Part::Agent("r-1")).join("agent.toml").display().to_string();
    let robot = |words: &[&str]| -> Result<String> {
        let (exit, said) = tool::run("robot-agent", &[&["task", "--config", &agent, &code], words].concat())?;
        ensure!(exit == 0, "{words:?}: {said}");
        Ok(said)
    };
    let (exit, said) = weber.fleet(&["task", "note", &code, "--append", "the plan"])?;
    ensure!(exit == 0 && said.contains("the plan"), "{said}");
    ensure!(ito.fleet(&["ops", "push"])?.0 == 0, "a person learns the tasks");
    let knows = || robot(&["show"]).ok().filter(|shown| shown.contains("the plan"));
    until("the robot has the note", Millis::secs(20), knows)?;
    site.kill(Part::Fleet)?;

    weber.keeps(&["task", "set", &code, "--title", "Weber's title", "--priority", "1"])?;
    weber.keeps(&["task", "note", &code, "--append", "weber was here"])?;
    weber.keeps(&["task", "check", &code, "seal the box"])?;
    ito.keeps(&["task", "note", &code, "--append", "ito was here"])?;
    ito.keeps(&["task", "check", &code, "Seal  the BOX"])?;
    ito.keeps(&["task", "check", &code, "weigh it"])?;
    robot(&["note", "--append", "the robot was here"])?;
    let shown = robot(&["check", "weigh it"])?;
    ensure!(shown.contains("[x] weigh it") && shown.contains("2 edits are not settled"), "{shown}");
    ito.keeps(&["task", "set", &code, "--title", "Ito's title"])?;
    robot(&["set", "--priority", "2"])?;
    let (_, listed) = weber.fleet(&["ops", "list"])?;
    ensure!(listed.lines().count() == 5 && listed.contains("set title") && listed.contains(" ago"), "{listed}");

    site.spawn(Part::Fleet)?;
    let (fleet, replica) = (site.dir_of(Part::Fleet), site.dir_of(Part::Agent("r-1")));
    let equal = || {
        for person in [&weber, &ito] {
            person.fleet(&["ops", "push"]).ok().filter(|(exit, _)| *exit == 0)?;
        }
        let server = servers(&fleet.join("fleet.db")).ok()?;
        let robots = robots(&replica.join("replica.db")).ok()?;
        let known = [weber.knows(&code).ok()?, ito.knows(&code).ok()?];
        let all_is_there = server.1.items.len() == 2 && server.1.text.lines().count() == 4;
        (all_is_there && robots == server && known.iter().all(|known| is_same(known, &server))).then_some(server)
    };
    let (row, note) = until("all four copies are equal", Millis::secs(60), equal)?;
    assert_eq!((row.title.as_str(), row.priority), ("Ito's title", 2), "each field as it was written last");
    for words in ["the plan", "weber was here", "ito was here", "the robot was here"] {
        assert_eq!(note.text.matches(words).count(), 1, "{:?}", note.text);
    }
    assert!(note.items.iter().all(|item| item.done), "{:?}", note.items);
    let (_, listed) = ito.fleet(&["ops", "list"])?;
    assert!(listed.contains("the server has answered everything"), "{listed}");
    site.wait_until_done_and_equal(0, Millis::secs(30))?;
    site.finish()?;
    Ok(())
}

fn open(path: &Path) -> Result<Connection> {
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// The row and the note in the server's database, once nothing waits there.
fn servers(path: &Path) -> Result<(TaskRow, Content)> {
    let db = open(path)?;
    let waiting: i64 = db.query_row("SELECT count(*) FROM note_job", [], |row| row.get(0))?;
    ensure!(waiting == 0, "{waiting} contributions wait");
    let row: Vec<u8> = db.query_row("SELECT row FROM task", [], |row| row.get(0))?;
    let content: Vec<u8> = db.query_row("SELECT content FROM note", [], |row| row.get(0))?;
    Ok((from_bytes(&row)?, from_bytes(&content)?))
}

/// The row and the note in the robot's database, put together from the note's bytes, once nothing is open there.
fn robots(path: &Path) -> Result<(TaskRow, Content)> {
    let db = open(path)?;
    let open: i64 = db.query_row("SELECT count(*) FROM edit", [], |row| row.get(0))?;
    ensure!(open == 0, "{open} edits are open");
    let row: Vec<u8> = db.query_row("SELECT row FROM task", [], |row| row.get(0))?;
    let Row::Task { row } = from_bytes(&row)? else { anyhow::bail!("a task's row is none") };
    let kept: Vec<u8> = db.query_row("SELECT kept FROM note", [], |row| row.get(0))?;
    let kept: KeptNote = from_bytes(&kept)?;
    let note = Note::open(kept.parts.iter().map(|part| part.0.as_slice()), OpId::default())?;
    Ok((row, note.content()))
}

fn is_same(known: &Value, (row, note): &(TaskRow, Content)) -> bool {
    let fields = known["title"] == row.title.as_str() && known["priority"] == row.priority;
    let text = known["note"]["text"] == note.text.as_str();
    let items = serde_json::to_value(&note.items).is_ok_and(|items| items == known["note"]["items"]);
    fields && text && items && known["unsent"] == 0
}
