//! Errors as people and programs read them: RFC 9457 `application/problem+json` with a stable code.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fleet_core::Refusal;
use serde::Serialize;
use shared::refusal::Code;

/// What went wrong, what exactly, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code; title, status and advice follow from it.
    pub code: Code,
    /// What exactly is wrong here.
    pub detail: String,
    /// The field that is wrong.
    pub field: Option<String>,
    /// The cell of an import that is wrong.
    pub cell: Option<Box<Cell>>,
}

/// A cell of an imported plan that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The line of the file, from 1.
    pub line: u64,
    /// The column, by its header.
    pub column: String,
    /// Why not.
    pub reason: String,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(flatten)]
    cell: Option<&'a Cell>,
    what_to_do: &'static str,
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, cell: None }
    }

    /// The same, about one field.
    #[must_use]
    pub fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// A cell of an import that cannot be taken; nothing was imported.
    #[must_use]
    pub fn cell(line: u64, column: &str, reason: String) -> Self {
        let detail = format!("Line {line}, column {column}: {reason}");
        let cell = Cell { line, column: column.to_owned(), reason };
        Self { cell: Some(Box::new(cell)), ..Self::new(Code::BadRow, detail) }
    }

    fn body(&self) -> Body<'_> {
        Body {
            r#type: format!("urn:bellwether:problem:{}", self.code),
            title: self.code.sentence(),
            status: status(self.code).as_u16(),
            detail: &self.detail,
            code: self.code,
            field: self.field.as_deref(),
            cell: self.cell.as_deref(),
            what_to_do: self.code.what_to_do(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal.code, refusal.detail);
        Self { field: refusal.field.map(str::to_owned), ..problem }
    }
}

impl From<crate::desk::Closed> for Problem {
    fn from(closed: crate::desk::Closed) -> Self {
        Self::new(Code::ShuttingDown, closed.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (status(self.code), [(header::CONTENT_TYPE, "application/problem+json")], Json(self.body())).into_response()
    }
}

/// The status by what the reader will do: correct the request, look elsewhere, wait, or accept the refusal.
const fn status(code: Code) -> StatusCode {
    match code {
        Code::BadBody | Code::BadId | Code::BadQuery => StatusCode::BAD_REQUEST,
        Code::BadOrigin => StatusCode::FORBIDDEN,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::BadMethod => StatusCode::METHOD_NOT_ALLOWED,
        Code::BadMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::Unreadable => StatusCode::INTERNAL_SERVER_ERROR,
        Code::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        Code::BadRow
        | Code::UnknownZone
        | Code::UnknownRobot
        | Code::NotCapable
        | Code::BadNote
        | Code::NoteTooLong => StatusCode::UNPROCESSABLE_ENTITY,
        Code::IdReused
        | Code::OpsMissing
        | Code::OutboxForked
        | Code::TaskEnded
        | Code::AlreadySent
        | Code::NotHeard
        | Code::NothingHeld
        | Code::InterlockOpen
        | Code::ClearanceDue
        | Code::BadClearance
        | Code::StaleFence
        | Code::StepInDoubt
        | Code::BatteryLow
        | Code::AwaitingPerson
        | Code::CancelledByPerson
        | Code::StorageFull
        | Code::EndorsementEndsSoon
        | Code::EndorsementEnding
        | Code::NotEndorsed
        | Code::BadEndorsement
        | Code::ClockOff
        | Code::ReceiverAhead
        | Code::Tampered
        | Code::NotWhole
        | Code::NotAuditable
        | Code::HeadNowhere => StatusCode::CONFLICT,
    }
}
