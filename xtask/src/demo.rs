//! `cargo xtask demo`: builds the programs and runs the demo factory.
//!
//! With a visitor, `fleet demo` takes our place as a process. Headless, a run leaves its history in a folder, and the
//! `verdict` program judges that folder: one JSON line is all that stands on stdout.

use crate::child::{self, ending};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;
use tempfile::TempDir;

/// What a headless run may take beyond its seconds: start, half a minute for equal replicas, and a good margin.
const MARGIN_S: u32 = 120;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    is_headless: bool,
    /// Length of a headless run.
    seconds: Option<u32>,
    /// Where a headless run leaves its history; otherwise in a folder that is removed after a good verdict.
    folder: Option<PathBuf>,
    /// For `fleet demo`.
    rest: Vec<String>,
}

/// Builds and runs.
pub fn run(workspace: &Workspace, options: Vec<String>) -> Result<ExitCode> {
    let request = Request::parse(options)?;
    child::run(workspace.cargo(&["build", "--workspace", "--bins"]).stdout(std::io::stderr()))?;
    if request.is_headless { headless(workspace, request) } else { visited(workspace, request) }
}

/// A headless run with the programs that are built already; fails when the verdict does.
pub fn judged(workspace: &Workspace, seconds: u32) -> Result<()> {
    let request = Request { is_headless: true, seconds: Some(seconds), ..Request::default() };
    if headless(workspace, request)? != ExitCode::SUCCESS {
        bail!("the verdict is no");
    }
    Ok(())
}

impl Request {
    /// `--seconds`, `--dir` and `--json` are ours only without a visitor.
    fn parse(options: Vec<String>) -> Result<Self> {
        let mut request = Self { is_headless: options.iter().any(|option| option == "--headless"), ..Self::default() };
        if !request.is_headless {
            return Ok(Self { rest: options, ..request });
        }
        let mut options = options.iter().flat_map(|option| split(option));
        while let Some(option) = options.next() {
            match option {
                "--headless" | "--json" => {}
                "--seconds" => request.seconds = Some(seconds(options.next())?),
                "--keep" | "--dir" => request.folder = Some(options.next().context("--keep needs a folder")?.into()),
                other => request.rest.push(other.to_owned()),
            }
        }
        Ok(request)
    }
}

/// `--seconds=60` is `--seconds 60`.
fn split(option: &str) -> impl Iterator<Item = &str> {
    let (name, value) = match option.split_once('=') {
        Some((name, value)) if name.starts_with("--") => (name, Some(value)),
        _ => (option, None),
    };
    std::iter::once(name).chain(value)
}

fn seconds(text: Option<&str>) -> Result<u32> {
    let text = text.context("--seconds needs a number")?;
    text.parse().with_context(|| format!("--seconds needs a whole number, not {text}"))
}

/// Returns only if `fleet` cannot be started.
fn visited(workspace: &Workspace, request: Request) -> Result<ExitCode> {
    let fleet = workspace.program("fleet")?;
    let error = Command::new(&fleet).arg("demo").args(request.rest).exec();
    Err(error).with_context(|| format!("start {}", fleet.display()))
}

fn headless(workspace: &Workspace, request: Request) -> Result<ExitCode> {
    let (fleet, verdict) = (workspace.program("fleet")?, workspace.program("verdict")?);
    let run = Run::in_folder(request.folder.as_deref())?;
    let demo = play(&fleet, &run, request.seconds.unwrap_or(60), &request.rest)?;
    if !demo.success() {
        eprintln!(
            "xtask: no verdict: `fleet demo` ended with {}; its logs are in {}",
            ending(demo),
            run.keep().display()
        );
        return Ok(code(demo));
    }
    let judged = child::finish(Command::new(verdict).arg("--dir").arg(run.path()).arg("--json"), None)?;
    if !judged.success() {
        eprintln!("xtask: the verdict is no ({}); the history is in {}", ending(judged), run.keep().display());
    }
    Ok(code(judged))
}

/// Runs the factory; all it says goes to stderr.
fn play(fleet: &Path, run: &Run, seconds: u32, rest: &[String]) -> Result<ExitStatus> {
    let mut demo = Command::new(fleet);
    demo.args(["demo", "--headless", "--seconds", &seconds.to_string(), "--dir"]).arg(run.path()).args(rest);
    let limit = Duration::from_secs(u64::from(seconds) + u64::from(MARGIN_S));
    child::finish(demo.stdout(std::io::stderr()), Some(limit))
}

/// Exit code of a child as ours. A child ended by a signal has none, and is no success.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The folder of one run.
enum Run {
    /// Named by the caller, and kept.
    Named(PathBuf),
    /// Removed at the end, unless it is needed to see what went wrong.
    Fresh(TempDir),
}

impl Run {
    /// A verdict over two runs would be none, so a folder that is used already is refused.
    fn in_folder(folder: Option<&Path>) -> Result<Self> {
        let Some(folder) = folder else {
            let fresh =
                tempfile::Builder::new().prefix("bellwether-").tempdir().context("make a folder for the run")?;
            return Ok(Self::Fresh(fresh));
        };
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let folder = folder.canonicalize().with_context(|| format!("find {}", folder.display()))?;
        if fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))?.next().is_some() {
            bail!("{} holds something already: a headless run wants an empty folder", folder.display());
        }
        Ok(Self::Named(folder))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named(folder) => folder,
            Self::Fresh(folder) => folder.path(),
        }
    }

    fn keep(self) -> PathBuf {
        match self {
            Self::Named(folder) => folder,
            Self::Fresh(folder) => folder.keep(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Result<Request> {
        Request::parse(words.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn a_visitor_gets_everything_passed_on() {
        let request = parsed("--port 9000 --seconds 5").expect("nothing is wrong");
        assert_eq!(
            request,
            Request { rest: ["--port", "9000", "--seconds", "5"].map(str::to_owned).into(), ..Request::default() }
        );
    }

    #[test]
    fn a_headless_run_takes_its_own_options_in_any_order() {
        let request = parsed("--plant lost --json --seconds=20 --headless --keep out").expect("nothing is wrong");
        let rest = vec!["--plant".to_owned(), "lost".to_owned()];
        assert_eq!(request, Request { is_headless: true, seconds: Some(20), folder: Some("out".into()), rest });
    }

    #[test]
    fn a_number_has_to_be_one() {
        assert!(parsed("--headless --seconds soon").is_err());
        assert!(parsed("--headless --seconds").is_err());
    }

    #[test]
    fn a_folder_in_use_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        assert!(Run::in_folder(Some(folder.path())).is_ok());
        fs::write(folder.path().join("acts.jsonl"), "").expect("a file can be written");
        assert!(Run::in_folder(Some(folder.path())).is_err());
    }

    #[test]
    fn exit_codes_are_passed_on() {
        let status = Command::new("sh").args(["-c", "exit 7"]).status().expect("sh runs");
        assert_eq!(format!("{:?}", code(status)), format!("{:?}", ExitCode::from(7)));
    }

    #[test]
    fn the_verdict_counts_only_after_a_demo_that_ended_well() {
        let cases = [
            ("true", "true", ExitCode::SUCCESS),
            ("true", "false", ExitCode::FAILURE),
            ("false", "true", ExitCode::FAILURE),
        ];
        for (fleet, verdict, expected) in cases {
            let workshop = workshop(fleet, verdict);
            let workspace =
                Workspace { root: workshop.path().into(), target: workshop.path().into(), accepts_one_uid: false };
            let folder = Some(workshop.path().join("run"));
            let ended = headless(&workspace, Request { is_headless: true, folder, ..Request::default() });
            assert_eq!(ended.expect("both programs start"), expected, "fleet: {fleet}, verdict: {verdict}");
        }
    }

    /// A build folder whose programs are ones that say only how they end.
    fn workshop(fleet: &str, verdict: &str) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::create_dir(folder.path().join("debug")).expect("a folder can be made");
        for (name, stands_in) in [("fleet", fleet), ("verdict", verdict)] {
            let place = folder.path().join("debug").join(name);
            std::os::unix::fs::symlink(Path::new("/bin").join(stands_in), place).expect("a link can be made");
        }
        folder
    }
}
