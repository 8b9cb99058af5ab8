//! The live feed: a whole picture, then every change, then a sign of life each second.
//!
//! A reader that falls behind gets a whole picture again instead of a hole.

use super::App;
use super::robots;
use super::shape::{Robot, Task};
use crate::view::{Delta, View};
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde::Serialize;
use shared::task::TaskRow;
use shared::zone::Hall;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// Between two signs of life. A reader may take three missing ones for a broken connection.
const PING: Duration = Duration::from_secs(1);
/// How long a reader may take to accept a message.
const SLOWEST: Duration = Duration::from_secs(5);

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Word<'a> {
    Hello { rev: u64, epoch: String, hall: &'a Hall, robots: Vec<Robot>, tasks: Vec<Task> },
    Delta { rev: u64, robots: Vec<Robot>, tasks: Vec<Task> },
    Ping { rev: u64 },
}

/// `GET /v1/feed`
pub async fn open(State(app): State<App>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(4096).on_upgrade(move |socket| run(app, socket))
}

/// The reader is gone, or too slow.
struct Gone;

async fn run(app: App, mut socket: WebSocket) {
    // Subscribed before the picture is taken: a change in between comes twice rather than never.
    let deltas = app.desk.deltas.subscribe();
    if let Err(Gone) = follow(&app, &mut socket, deltas).await {
        tracing::debug!("a reader of the live feed is gone");
    }
}

async fn follow(app: &App, socket: &mut WebSocket, mut deltas: broadcast::Receiver<Arc<Delta>>) -> Result<(), Gone> {
    let mut ending = app.shutdown.clone();
    let mut rev = hello(app, socket).await?;
    let mut ping = tokio::time::interval(PING);
    loop {
        tokio::select! {
            change = deltas.recv() => rev = match change {
                Ok(delta) if delta.rev > rev => tell_delta(app, socket, &delta).await?,
                Ok(_) => rev,
                Err(RecvError::Lagged(_)) => hello(app, socket).await?,
                Err(RecvError::Closed) => return Ok(()),
            },
            _ = ping.tick() => send(socket, &Word::Ping { rev }).await?,
            word = socket.recv() => match word {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            () = super::ended(&mut ending) => return Ok(()),
        }
    }
}

async fn hello(app: &App, socket: &mut WebSocket) -> Result<u64, Gone> {
    let view = app.desk.picture();
    let robots = view.robots.values().map(|robot| robots::shape(&view, robot)).collect();
    let tasks = tasks(view.tasks.values());
    let epoch = format!("{:016x}", view.server_epoch);
    send(socket, &Word::Hello { rev: view.rev, epoch, hall: &app.desk.hall, robots, tasks }).await?;
    Ok(view.rev)
}

async fn tell_delta(app: &App, socket: &mut WebSocket, delta: &Delta) -> Result<u64, Gone> {
    let view: Arc<View> = app.desk.picture();
    let robots = delta.robots.iter().map(|robot| robots::shape(&view, robot)).collect();
    send(socket, &Word::Delta { rev: delta.rev, robots, tasks: tasks(&delta.tasks) }).await?;
    Ok(delta.rev)
}

fn tasks<'a>(rows: impl IntoIterator<Item = &'a Arc<TaskRow>>) -> Vec<Task> {
    rows.into_iter().map(|row| Task::from(&**row)).collect()
}

async fn send(socket: &mut WebSocket, word: &Word<'_>) -> Result<(), Gone> {
    let text = serde_json::to_string(word).expect("plain values become JSON");
    let sent = tokio::time::timeout(SLOWEST, socket.send(Message::Text(text.into()))).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Gone),
    }
}
