//! Tasks: list, show, create, import, assign, cancel.

use super::App;
use super::body::{Form, Plan};
use super::journal::read_query;
use super::plan;
use super::problem::Problem;
use super::shape::{Assignment, Task, Wish};
use crate::view::{Selection, View};
use crate::{clock, entropy};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use fleet_core::{Answer, Command};
use serde::Serialize;
use shared::id::TaskId;
use shared::refusal::Code;
use shared::task::TaskRow;

/// Tasks, and when the picture was taken.
#[derive(Debug, Serialize)]
pub struct Tasks {
    as_of_ms: u64,
    tasks: Vec<Task>,
}

/// `GET /v1/tasks?zone=&robot=&open=&sort=`
pub async fn list(
    State(app): State<App>,
    wanted: Result<Query<Selection>, QueryRejection>,
) -> Result<Json<Tasks>, Problem> {
    let wanted = read_query(wanted)?;
    Ok(Json(tasks(app.desk.picture().select(&wanted))))
}

/// `GET /v1/tasks/{id}`
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Task>, Problem> {
    let view = app.desk.picture();
    let id = find(&view, &id)?;
    view.tasks.get(&id).map(|row| Json(Task::from(&**row))).ok_or_else(|| missing(&id.to_string()))
}

/// `POST /v1/tasks`
pub async fn create(State(app): State<App>, Form(wish): Form<Wish>) -> Result<(StatusCode, Json<Task>), Problem> {
    let task = wish.into_new_task(clock::wall(), entropy::bytes());
    let (row, created) = ask(&app, Command::Create(task)).await?;
    Ok((if created { StatusCode::CREATED } else { StatusCode::OK }, Json(row)))
}

/// `POST /v1/tasks/import`
pub async fn import(State(app): State<App>, Plan(bytes): Plan) -> Result<(StatusCode, Json<Tasks>), Problem> {
    let wall = clock::wall();
    let rows = plan::read(&bytes, wall, || TaskId::v7(wall, entropy::bytes()))?;
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    let wanted = rows.into_iter().map(|row| row.task).collect();
    match app.desk.ask(Command::Import(wanted)).await? {
        Ok(Answer::Imported(made)) => Ok((StatusCode::CREATED, Json(tasks(made.iter())))),
        Ok(Answer::Task { .. } | Answer::Requested { .. } | Answer::Sync(_) | Answer::Ops(_)) => {
            unreachable!("an import is answered with its tasks")
        }
        Err(refusal) => Err(plan::refused_row(&lines, refusal)),
    }
}

/// `POST /v1/tasks/{id}/assignments`
pub async fn assign(
    State(app): State<App>,
    Path(id): Path<String>,
    Form(to): Form<Assignment>,
) -> Result<Json<Task>, Problem> {
    let task = find(&app.desk.picture(), &id)?;
    ask(&app, Command::Assign { task, robot: to.robot }).await.map(|(row, _)| Json(row))
}

/// `POST /v1/tasks/{id}/cancel-requests`
pub async fn cancel(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Task>, Problem> {
    let task = find(&app.desk.picture(), &id)?;
    ask(&app, Command::Cancel { task }).await.map(|(row, _)| Json(row))
}

async fn ask(app: &App, command: Command) -> Result<(Task, bool), Problem> {
    match app.desk.ask(command).await?? {
        Answer::Task { row, created } => Ok((Task::from(&row), created)),
        Answer::Imported(_) | Answer::Requested { .. } | Answer::Sync(_) | Answer::Ops(_) => {
            unreachable!("a task's command is answered with it")
        }
    }
}

fn tasks<'a>(rows: impl IntoIterator<Item = &'a TaskRow>) -> Tasks {
    Tasks { as_of_ms: clock::wall().0, tasks: rows.into_iter().map(Task::from).collect() }
}

/// A task by its long id or by its number `T-00001`.
pub fn find(view: &View, text: &str) -> Result<TaskId, Problem> {
    match text.strip_prefix("T-") {
        Some(digits) => {
            let number: u32 = digits.parse().map_err(|_| bad_id(text))?;
            let row = view.tasks.values().find(|row| row.number == number);
            row.map(|row| row.id).ok_or_else(|| missing(text))
        }
        None => TaskId::parse(text).map_err(|_| bad_id(text)),
    }
}

fn bad_id(text: &str) -> Problem {
    let shown: String = text.chars().take(80).collect();
    Problem::new(Code::BadId, format!("{shown:?} is neither a task's number nor its id.")).field("id")
}

fn missing(text: &str) -> Problem {
    Problem::new(Code::NotFound, format!("There is no task {text}."))
}
