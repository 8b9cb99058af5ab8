//! One transaction for one commit.

use super::load::anchor_key;
use super::load::read_beacon;
use super::{aside, edits, intake, sum};
use robot_core::{BeaconMark, Change, Reservation, WorkRow};
use rusqlite::{Connection, Transaction, params};
use shared::audit::Anchor;
use shared::journal::{Chain, Epoch};
use shared::seal::Hash;
use shared::wire::to_bytes;

/// Writes all of it or nothing; returns the epoch that holds behind it. `machine` is noted when it is given.
pub fn commit(
    db: &mut Connection,
    mut epoch: Epoch,
    changes: &[Change],
    machine: Option<Hash>,
) -> rusqlite::Result<Epoch> {
    let transaction = db.transaction()?;
    for change in changes {
        if let Change::Epoch(fresh) = change {
            epoch = *fresh;
        }
        write(&transaction, epoch, change)?;
    }
    if let Some(machine) = machine {
        set(&transaction, "machine", &machine.0)?;
    }
    transaction.commit()?;
    Ok(epoch)
}

/// Writes a value under a key of the table of single values.
pub fn set(db: &Connection, key: &str, value: &[u8]) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO meta (key, value, sum) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET value = ?2, sum = ?3",
    )?
    .execute(params![key, value, sum::of_meta(key, value)])
    .map(drop)
}

fn write(db: &Transaction<'_>, epoch: Epoch, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Epoch(fresh) => {
            db.execute("DELETE FROM acked", [])?;
            set(db, "epoch", &fresh.0.to_be_bytes())
        }
        Change::Journal(record) => journal(db, epoch, record),
        Change::Acked(mark) => db
            .prepare_cached(
                "INSERT INTO acked (lane, seq, hash, sum) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (lane) DO UPDATE SET seq = ?2, hash = ?3, sum = ?4",
            )?
            .execute(params![mark.lane.number(), mark.seq.cast_signed(), mark.hash.0, sum::of_acked(mark)])
            .map(drop),
        Change::Task { id, row } => db
            .prepare_cached(
                "INSERT INTO task (id, row, sum) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET row = ?2, sum = ?3",
            )?
            .execute(params![id.bytes(), row, sum::of_task(id.bytes(), row)])
            .map(drop),
        Change::Revoked(id) => {
            db.prepare_cached("DELETE FROM task WHERE id = ?1")?.execute(params![id.bytes()]).map(drop)
        }
        Change::Cursor { server_epoch, cursor } => {
            set(db, "server_epoch", &server_epoch.to_be_bytes())?;
            set(db, "cursor", &cursor.to_be_bytes())
        }
        Change::Mixed(is_mixed) => set(db, "mixed", &[u8::from(*is_mixed)]),
        Change::SnapshotBegun(mark) => intake::begin(db, mark),
        Change::SnapshotChunk { number, tasks } => intake::apply(db, *number, tasks),
        Change::SnapshotEnded { whole } => intake::end(db, *whole),
        Change::Aside(row) => aside::put(db, row),
        Change::TakenFromAside(hash) => aside::take(db, hash),
        Change::Stamp(stamp) => set(db, "hlc", &stamp.0.to_be_bytes()),
        Change::Work(work) => write_work(db, work),
        Change::AwaitsPerson(waits) => set(db, "awaits_person", &[u8::from(*waits)]),
        Change::ClearanceDue(due) => set(db, "clearance_due", &[u8::from(*due)]),
        Change::Presses(presses) => db
            .prepare_cached(
                "INSERT INTO firmware (one, presses, sum) VALUES (1, ?1, ?2) \
                 ON CONFLICT (one) DO UPDATE SET presses = ?1, sum = ?2",
            )?
            .execute(params![presses, sum::of_firmware(*presses)])
            .map(drop),
        Change::FirmwareLine(mark) => db
            .prepare_cached("INSERT INTO firmware_line (n, hash, sum) VALUES (?1, ?2, ?3)")?
            .execute(params![mark.n.cast_signed(), mark.hash.0, sum::of_firmware_line(mark)])
            .map(drop),
        Change::NowNumber(number) => set(db, "now_number", &number.to_be_bytes()),
        Change::TripEpoch(epoch) => set(db, "trip_epoch", &u64::from(*epoch).to_be_bytes()),
        Change::Beacon { id, mark } => beacon(db, id, mark),
        Change::Endorsement { id, until, pack } => db
            .prepare_cached(
                "INSERT INTO endorsement (id, until_s, pack, sum) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (id) DO UPDATE SET until_s = ?2, pack = ?3, sum = ?4",
            )?
            .execute(params![id, until, pack, sum::of_endorsement(id, *until, pack)])
            .map(drop),
        Change::Pruned(chain) => prune(db, chain),
        Change::Telemetry(reservation) => telemetry(db, reservation),
        Change::Edit(edit) => edits::edit(db, edit),
        Change::EditSettled(number) => edits::settled(db, *number),
        Change::Note { task, kept } => edits::note(db, *task, kept),
        Change::NoteForgotten(task) => edits::forgotten(db, *task),
        Change::SeenStamp(stamp) => set(db, "seen_stamp", &stamp.0.to_be_bytes()),
        Change::Clean(clean) => set(db, "clean", &[u8::from(*clean)]),
    }
}

/// Forgets the entries and notes where the chain goes on, in one transaction: a crash leaves the one or the other.
fn prune(db: &Connection, chain: &Chain) -> rusqlite::Result<()> {
    set(db, &anchor_key(chain.epoch), &to_bytes(&Anchor::of(chain)))?;
    db.prepare_cached("DELETE FROM journal WHERE epoch = ?1 AND cseq <= ?2")?
        .execute(params![chain.epoch.0.to_be_bytes(), chain.cseq.cast_signed()])
        .map(drop)
}

/// The newest number at an orderly end stands one higher, so that 0 can say that the agent runs.
fn telemetry(db: &Connection, Reservation { epoch, to, ended }: &Reservation) -> rusqlite::Result<()> {
    set(db, "telemetry_epoch", &epoch.0.to_be_bytes())?;
    set(db, "telemetry_to", &to.to_be_bytes())?;
    set(db, "telemetry_ended", &ended.map_or(0, |newest| newest + 1).to_be_bytes())
}

fn journal(db: &Transaction<'_>, epoch: Epoch, record: &shared::journal::Record) -> rusqlite::Result<()> {
    let entry = &record.entry;
    db.prepare_cached(
        "INSERT INTO journal (epoch, cseq, lane, lane_seq, hash, entry, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        epoch.0.to_be_bytes(),
        entry.cseq.cast_signed(),
        entry.lane.number(),
        entry.lane_seq.cast_signed(),
        record.hash.0,
        record.entry_bytes,
        record.body
    ])
    .map(drop)
}

/// A mark that tells of no hearing keeps the one before, so the checksum is that of the row as it then stands.
fn beacon(db: &Transaction<'_>, id: &[u8; 16], mark: &BeaconMark) -> rusqlite::Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO beacon (id, boot, mono_ms, time_ds, heard_ds) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO UPDATE SET boot = ?2, mono_ms = ?3, time_ds = ?4, heard_ds = coalesce(?5, heard_ds) \
         RETURNING id, boot, mono_ms, time_ds, heard_ds",
    )?;
    let row = params![
        id,
        mark.boot.0.cast_signed(),
        mark.mono.0.cast_signed(),
        mark.time_ds.cast_signed(),
        mark.heard_ds.map(u64::cast_signed)
    ];
    let stands = upsert.query_row(row, read_beacon)?;
    let sum = sum::of_beacon(id, &stands);
    db.prepare_cached("UPDATE beacon SET sum = ?2 WHERE id = ?1")?.execute(params![id, sum]).map(drop)
}

fn write_work(db: &Transaction<'_>, work: &WorkRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO work (task, fence, steps_done, begun, ended, blocked, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (task) DO UPDATE SET fence = ?2, steps_done = ?3, begun = ?4, ended = ?5, blocked = ?6, sum = ?7",
    )?
    .execute(params![
        work.task.bytes(),
        work.fence.cast_signed(),
        work.steps_done,
        work.begun,
        work.ended,
        work.blocked.map(|code| code.number()),
        sum::of_work(work)
    ])
    .map(drop)
}
