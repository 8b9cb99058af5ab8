//! The operator's page in a person's browser: a task is edited there and at the robot at one time, and what strangers write is
//! shown as text.

use super::{at_the_robot, give, kept};
use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use shared::checklist::Content;
use shared::task::TaskRow;
use shared::time::Millis;
use shared::wire::from_bytes;
use tests::browser::{Browser, Element};
use tests::clock::until;
use tests::process::{Part, Site, tool};

/// How long an edit may take from where it is made to where it is seen, on a busy machine.
const SEEN_WITHIN: Millis = Millis::secs(60);
/// The key that leads to a field's next part.
const TAB: char = '\u{e004}';
/// Turns what follows around, and is no control character.
const OVERRIDE: char = '\u{202e}';

#[test]
fn a_task_edited_in_a_browser_and_at_a_robot_that_is_cut_off_is_merged_field_by_field_and_shown_so() -> Result<()> {
    let mut site = Site::start(&["r-1"])?;
    let code = accepted_task(&site)?;
    at_the_server(&site, &["task", "note", &code, "--append", "the plan"])?;
    let knows = || at_the_robot(&site, "r-1", &code, &["show"]).ok().filter(|shown| shown.contains("the plan"));
    until("the robot has the note", SEEN_WITHIN, knows)?;
    let browser = Browser::open(&site.address())?;
    let task = opened(&browser, &code)?;
    let has_note = || (lines_of(&fields(&browser, &code).ok()?["note"]) == ["the plan"]).then_some(());
    until("the page shows the note", SEEN_WITHIN, has_note)?;
    let (title, note) = (task.find(".//input[@name='title']")?, task.find(".//textarea[@name='note']")?);
    title.types_anew("Seal the crates")?;
    note.types("\nfrom the page")?;

    site.cut("r-1")?;
    at_the_robot(&site, "r-1", &code, &["set", "--title", "The robot's title", "--priority", "4"])?;
    at_the_robot(&site, "r-1", &code, &["note", "--append", "from the robot"])?;
    at_the_robot(&site, "r-1", &code, &["check", "weigh it"])?;
    task.find(".//select[@name='priority']/option[@value='1']")?.click()?;
    task.find(".//input[@name='due']")?.types(&format!("12242026{TAB}0930AM"))?;
    pressed(&task, "Save", "Saved.")?;
    pressed(&task, "Save the note", "The note was saved.")?;
    task.find(".//input[@name='item']")?.types("seal the box")?;
    pressed(&task, "Add the item", "The checklist was saved.")?;
    at_the_robot(&site, "r-1", &code, &["set", "--priority", "2"])?;
    site.restore("r-1")?;

    let due = browser.run("return new Date('2026-12-24T09:30').getTime()")?;
    let merged = |shown: &Value| {
        shown["title"] == "Seal the crates"
            && shown["priority"] == "2"
            && shown["due"] == "2026-12-24T09:30"
            && lines_of(&shown["note"]) == ["from the page", "from the robot", "the plan"]
            && shown["items"] == json!([["seal the box", false], ["weigh it", true]])
    };
    until("the page shows the merged task", SEEN_WITHIN, || fields(&browser, &code).ok().filter(merged))
        .with_context(|| format!("it shows {:?}", fields(&browser, &code)))?;
    browser.picture(&kept("merged.png"))?;
    let (row, content) = stored(&site)?;
    ensure!((row.title.as_str(), row.priority) == ("Seal the crates", 2), "{row:?}");
    ensure!(json!(row.due_ms) == due, "{row:?}, and {due} was written");
    let mut lines: Vec<&str> = content.text.lines().collect();
    lines.sort_unstable();
    ensure!(lines == ["from the page", "from the robot", "the plan"] && content.items.len() == 2, "{content:?}");
    site.wait_until_done_and_equal(0, Millis::secs(30))?;
    site.finish().map(drop)
}

#[test]
fn what_a_person_did_not_touch_is_not_written_back_over_what_came_meanwhile() -> Result<()> {
    let site = Site::start(&["r-1"])?;
    let code = accepted_task(&site)?;
    let browser = Browser::open(&site.address())?;
    let task = opened(&browser, &code)?;
    task.find(".//select[@name='priority']/option[@value='1']")?.click()?;
    task.find(".//textarea[@name='note']")?.types("begun here")?;
    at_the_robot(&site, "r-1", &code, &["set", "--title", "The robot's title"])?;
    at_the_robot(&site, "r-1", &code, &["check", "weigh it"])?;
    let arrived =
        |shown: &Value| shown["title"] == "The robot's title" && shown["items"] == json!([["weigh it", true]]);
    until("the page shows what was not touched", SEEN_WITHIN, || fields(&browser, &code).ok().filter(arrived))
        .with_context(|| format!("it shows {:?}", fields(&browser, &code)))?;
    let shown = fields(&browser, &code)?;
    ensure!(shown["priority"] == "1" && shown["note"] == "begun here", "what is being written was taken away: {shown}");
    pressed(&task, "Save", "Saved.")?;
    let saved = || stored_row(&site).ok().filter(|row| row.priority == 1);
    let row = until("the priority is stored", SEEN_WITHIN, saved)?;
    ensure!(row.title == "The robot's title", "an untouched title was written: {row:?}");
    site.finish().map(drop)
}

#[test]
fn words_of_strangers_are_shown_as_they_are_and_do_nothing_to_the_page() -> Result<()> {
    let site = Site::start(&["r-1"])?;
    let title = "<img src=x onerror=\"document.title='taken'\">";
    let turned = format!("crate {OVERRIDE}7 rof");
    let (first, second) = (task_titled(&site, title)?, task_titled(&site, &turned)?);
    let (note, item) = (format!("<b>bold</b> {OVERRIDE}thgir"), format!("<script>x()</script>{OVERRIDE}kcit"));
    at_the_server(&site, &["task", "note", &first, "--append", &note])?;
    at_the_server(&site, &["task", "check", &first, &item])?;

    let browser = Browser::open(&site.address())?;
    let task = opened(&browser, &first)?;
    opened(&browser, &second)?;
    let is_there = |shown: &Value| lines_of(&shown["note"]) == [note.as_str()] && shown["items"][0][0] == item.as_str();
    until("the page shows the note", SEEN_WITHIN, || fields(&browser, &first).ok().filter(is_there))
        .with_context(|| format!("it shows {:?}", fields(&browser, &first)))?;
    ensure!(task.find(".//*[@class='task-title']")?.words()? == title);
    ensure!(fields(&browser, &first)?["title"] == title && fields(&browser, &second)?["title"] == turned.as_str());
    browser.picture(&kept("strangers.png"))?;
    let made = browser.run("return document.querySelectorAll('main img, main b, main script').length")?;
    ensure!(made == 0 && browser.run("return document.title")? == "Bellwether", "{made} elements of a stranger");
    let touched = browser.run(TURNED_WITH_OTHERS)?;
    ensure!(touched == json!([]), "beside these the page's own words are turned as well: {touched}");
    site.finish().map(drop)
}

/// Elements with a mark that turns text around, which share a line with other words and are not kept apart from them.
const TURNED_WITH_OTHERS: &str = "
    const holds = (node) => node.textContent.includes('\\u202e');
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        if (!holds(texts.currentNode)) continue;
        let element = texts.currentNode.parentElement;
        const isApart = (style) => style.unicodeBidi.includes('isolate') || style.unicodeBidi === 'plaintext';
        while (getComputedStyle(element).display.startsWith('inline') && !isApart(getComputedStyle(element))) {
            if (element.parentElement.textContent !== texts.currentNode.data) { found.push(element.outerHTML); break; }
            element = element.parentElement;
        }
    }
    return found;";

fn accepted_task(site: &Site) -> Result<String> {
    let (rest, code) = (site.rest(), give(&site.rest(), "r-1", "inspection", "store")?);
    let accepted = || (rest.task_state(&code) == "accepted").then_some(());
    until("the robot has the task", Millis::secs(20), accepted)?;
    Ok(code)
}

fn task_titled(site: &Site, title: &str) -> Result<String> {
    let made = site.rest().add_task(&json!({ "title": title, "kind": "inspection", "zone": "store" }))?;
    made["code"].as_str().map(str::to_owned).context("a task has a code")
}

/// The task in the list, opened.
fn opened<'b>(browser: &'b Browser, code: &str) -> Result<Element<'b>> {
    let task = browser.find(&format!("//li[@class='task'][.//span[starts-with(., '{code} ')]]"))?;
    task.find("./button")?.click()?;
    Ok(task)
}

/// Presses a button of the task, and waits for what the page says to it.
fn pressed(task: &Element<'_>, button: &str, answer: &str) -> Result<()> {
    task.find(&format!(".//button[normalize-space()=\"{button}\"]"))?.click()?;
    task.find(&format!(".//*[normalize-space()=\"{answer}\"]")).map(drop)
}

/// What stands in the fields of an opened task.
fn fields(browser: &Browser, code: &str) -> Result<Value> {
    let script = format!(
        "const task = [...document.querySelectorAll('li.task')].find((task) => task.textContent.includes('{code} '));
         const value = (name) => task.querySelector(`[name=${{name}}]`).value;
         const items = [...task.querySelectorAll('.checklist li')];
         return {{ title: value('title'), priority: value('priority'), due: value('due'), note: value('note'),
             items: items.map((item) => [item.textContent, item.querySelector('input').checked]).sort() }};"
    );
    browser.run(&script)
}

/// The lines of a note, in any order: who was first is not what is tested.
fn lines_of(note: &Value) -> Vec<&str> {
    let mut lines: Vec<&str> = note.as_str().unwrap_or_default().lines().collect();
    lines.sort_unstable();
    lines
}

fn at_the_server(site: &Site, words: &[&str]) -> Result<()> {
    let outbox = site.dir_of(Part::Fleet).join("outbox.jsonl").display().to_string();
    let place = ["--server", &site.address(), "--outbox", &outbox];
    let (exit, said) = tool::run("fleet", &[words, &place].concat())?;
    ensure!(exit == 0, "{words:?}: {said}");
    Ok(())
}

fn database(site: &Site) -> Result<Connection> {
    let path = site.dir_of(Part::Fleet).join("fleet.db");
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

fn stored_row(site: &Site) -> Result<TaskRow> {
    let row: Vec<u8> = database(site)?.query_row("SELECT row FROM task", [], |row| row.get(0))?;
    Ok(from_bytes(&row)?)
}

fn stored(site: &Site) -> Result<(TaskRow, Content)> {
    let content: Vec<u8> = database(site)?.query_row("SELECT content FROM note", [], |row| row.get(0))?;
    Ok((stored_row(site)?, from_bytes(&content)?))
}
