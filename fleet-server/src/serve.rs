//! `fleet serve`: puts the parts together, waits, and takes them apart in order.

use crate::broker::{Broker, Stopper};
use crate::config::{self, Config, Messages};
use crate::desk::Desk;
use crate::http;
use crate::merger;
use crate::mqtt::Carrier;
use crate::porter::Porters;
use crate::store::{Archive, Store};
use crate::view::View;
use crate::writer::{Inbox, Outlets, Writer};
use crate::{entropy, logging};
use anyhow::Context;
use fleet_core::Fleet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Messages from robots that may wait for the writer; beyond that the broker waits.
const MESSAGES_MAX: usize = 1024;
/// Commands from people that may wait for the writer; beyond that the next person waits.
const COMMANDS_MAX: usize = 64;
/// Contributions to notes that may be under way: the writer asks for one at a time.
const MERGES_MAX: usize = 4;
/// Changes that a live feed may be behind before it takes a whole picture again.
const DELTAS_MAX: usize = 1024;
/// How long each part may take to end.
const ENDING: Duration = Duration::from_secs(3);

/// Arguments of `fleet serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The data folder, which holds fleet.db. It has to exist.
    #[arg(long)]
    dir: PathBuf,
    /// The configuration; fleet.toml in the data folder if it is not named.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Serve the operator's page from this folder instead of the embedded one.
    #[arg(long)]
    ui_dir: Option<PathBuf>,
    /// What is logged.
    #[arg(long, default_value = logging::USUAL)]
    log: String,
}

/// Serves until a signal or a fault ends it. A configuration that cannot be used ends with 2, any other fault with 1.
///
/// # Errors
/// One sentence about what kept it from serving.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let path = args.config.clone().unwrap_or_else(|| args.dir.join("fleet.toml"));
    let settings = logging::start(&args.log).and_then(|()| config::read(&path));
    match settings {
        Ok(config) => serve(args, config).map(|()| ExitCode::SUCCESS),
        Err(unusable) => {
            eprintln!("fleet: {unusable:#}");
            Ok(ExitCode::from(2))
        }
    }
}

fn serve(args: Args, config: Config) -> anyhow::Result<()> {
    let store = Store::open(&args.dir, entropy::number())?;
    let loaded = store.load()?;
    tracing::info!(tasks = loaded.tasks.len(), facts = loaded.facts.len(), "opened {}", args.dir.display());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let doors = Doors::open(&config).await?;
        #[cfg(debug_assertions)]
        let plant = config.plant;
        let pages = Pages { archive: Archive::of(&args.dir), ui_dir: args.ui_dir };
        let parts = Parts::start(config, store, loaded, doors, pages, |writer| {
            #[cfg(debug_assertions)]
            let writer = writer.with_plant(plant);
            writer
        })?;
        parts.run().await
    })
}

/// The ports, taken before anything runs, so that one that is in use is told at once.
struct Doors {
    http: TcpListener,
    broker: Option<Broker>,
    messages: SocketAddr,
}

impl Doors {
    async fn open(config: &Config) -> anyhow::Result<Self> {
        let in_use = || format!("cannot serve people at {}", config.http);
        let http = TcpListener::bind(config.http).await.with_context(in_use)?;
        let broker = match config.messages {
            Messages::Embedded(address) => Some(Broker::bind(address).await?),
            Messages::External(_) => None,
        };
        let messages = broker.as_ref().map_or(config.messages.address(), Broker::address);
        tracing::info!(http = %http.local_addr()?, mqtt = %messages, "people at http://{}, robots at {messages}", http.local_addr()?);
        Ok(Self { http, broker, messages })
    }
}

/// What readers are served besides the picture.
struct Pages {
    archive: Archive,
    ui_dir: Option<PathBuf>,
}

/// Everything that runs.
struct Parts {
    ending: watch::Sender<bool>,
    writer: oneshot::Receiver<anyhow::Result<()>>,
    http: JoinHandle<std::io::Result<()>>,
    carrier: JoinHandle<()>,
    broker: Option<(Stopper, JoinHandle<Result<(), crate::broker::Fault>>)>,
}

impl Parts {
    fn start(
        config: Config,
        store: Store,
        loaded: fleet_core::Loaded,
        doors: Doors,
        Pages { archive, ui_dir }: Pages,
        plant: impl FnOnce(Writer) -> Writer,
    ) -> anyhow::Result<Self> {
        let (ending, shutdown) = watch::channel(false);
        let (inbound, messages) = mpsc::channel(MESSAGES_MAX);
        let (outgoing, outbound) = mpsc::channel(MESSAGES_MAX);
        let (commands, requests) = mpsc::channel(COMMANDS_MAX);
        let (deltas, _) = broadcast::channel(DELTAS_MAX);
        let Config { site, telemetry, .. } = config;
        let (hall, site_id) = (Arc::new(site.hall.clone()), site.id.clone());
        let fleet = Fleet::new(site, loaded).keeping(telemetry);
        let inbound = Porters::start(fleet.door(), &inbound)?;
        let (view, picture) = watch::channel(Arc::new(View::of(&fleet, 1)));
        let (merges, asked) = mpsc::channel(MERGES_MAX);
        let (merging, merged) = mpsc::channel(MERGES_MAX);
        std::thread::Builder::new().name("notes".into()).spawn(move || merger::serve(asked, &merging))?;
        let outlets = Outlets { messages: outgoing, merges, view, deltas: deltas.clone() };
        let writer = plant(Writer::new(fleet, store, outlets));
        let writer =
            on_its_own_thread(writer, Inbox { messages, commands: requests, merged, shutdown: shutdown.clone() })?;
        let broker = doors.broker.map(|broker| (broker.stopper(), tokio::spawn(broker.run())));
        let carrier = Carrier { address: doors.messages, site: site_id, inbound, outbound, shutdown: shutdown.clone() };
        let desk = Desk { commands, view: picture, deltas, hall, archive };
        let http = tokio::spawn(http::serve(doors.http, desk, ui_dir, shutdown));
        Ok(Self { ending, writer, http, carrier: tokio::spawn(carrier.run()), broker })
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let fault = tokio::select! {
            name = told_to_end() => {
                tracing::info!("ending: {}", name?);
                None
            }
            ended = &mut self.writer => Some(writer_ended(ended)),
            ended = &mut self.http => Some(anyhow::anyhow!("the HTTP server ended: {ended:?}")),
            ended = broker_ended(&mut self.broker) => Some(ended),
        };
        self.end(fault.is_some()).await;
        fault.map_or(Ok(()), Err)
    }

    /// Readers first, then the writer with whatever had come in, then the broker.
    async fn end(mut self, is_fault: bool) {
        // Nobody listening means that every part has ended already.
        let _listeners = self.ending.send(true);
        let http_ran = !self.http.is_finished();
        if http_ran && tokio::time::timeout(ENDING, &mut self.http).await.is_err() {
            tracing::warn!("some readers did not leave in time");
        }
        let _late = tokio::time::timeout(ENDING, &mut self.carrier).await;
        if !is_fault {
            match tokio::time::timeout(ENDING, self.writer).await {
                Ok(Ok(Ok(()))) => {}
                ended => tracing::error!("the writer did not end in order: {ended:?}"),
            }
        }
        if let Some((stopper, running)) = self.broker {
            stopper.stop();
            let _late = tokio::time::timeout(ENDING, running).await;
        }
    }
}

/// Commits block; the writer has a thread of its own, so that nobody else waits for the disk.
fn on_its_own_thread(writer: Writer, inbox: Inbox) -> anyhow::Result<oneshot::Receiver<anyhow::Result<()>>> {
    let (ended, when_ended) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    std::thread::Builder::new().name("writer".into()).spawn(move || {
        let result = runtime.block_on(writer.run(inbox)).map_err(anyhow::Error::from);
        // Without a listener the process is ending anyway.
        let _unheard = ended.send(result);
    })?;
    Ok(when_ended)
}

fn writer_ended(ended: Result<anyhow::Result<()>, oneshot::error::RecvError>) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow::anyhow!("the writer ended before it was told to"),
        Ok(Err(fault)) => fault.context("nothing more can be stored, so nothing more is acknowledged"),
        Err(_) => anyhow::anyhow!("the writer ended by a bug; its last words are above"),
    }
}

async fn broker_ended(broker: &mut Option<(Stopper, JoinHandle<Result<(), crate::broker::Fault>>)>) -> anyhow::Error {
    let Some((_, running)) = broker else { return std::future::pending().await };
    let ended = running.await;
    // What has ended is not waited for again.
    *broker = None;
    match ended {
        Ok(Err(fault)) => fault.into(),
        Ok(Ok(())) => anyhow::anyhow!("the broker ended before it was told to"),
        Err(bug) => anyhow::anyhow!("the broker ended by a bug: {bug}"),
    }
}

async fn told_to_end() -> anyhow::Result<&'static str> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => Ok("interrupted"),
        _ = terminate.recv() => Ok("terminated"),
    }
}
