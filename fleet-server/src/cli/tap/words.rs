//! The bodies of messages as JSON, with the names that the protocol's page uses.

use serde_json::{Value, json};
use shared::journal::Record;
use shared::seal::to_hex;
use shared::wire::fleet_to_robot::{Ack, FeedMessage, FeedWord, Now, Row, RowBytes};
use shared::wire::robot_to_fleet::{Batch, Carried, ConnectionWord, Mark, Session, State};
use shared::wire::telemetry::TelemetryBatch;
use shared::wire::topic::{Channel, Down, Up};
use shared::wire::{Decode, from_bytes};

/// A body as JSON; one that cannot be decoded as its bytes and the reason.
pub fn of(channel: Channel, body: &[u8]) -> Value {
    match channel {
        Channel::Up(Up::Safety | Up::Work | Up::Notes) => read(body, batch),
        Channel::Up(Up::State) => read(body, state),
        Channel::Up(Up::Session) => read(body, session),
        Channel::Up(Up::Connection) => read(
            body,
            |ConnectionWord { word, link }| json!({ "connection": format!("{word:?}"), "link": format!("{link:016x}") }),
        ),
        Channel::Up(Up::Telemetry) => read(body, telemetry),
        Channel::Down(Down::Ack) => read(body, ack),
        Channel::Down(Down::Feed) => read(body, feed),
        Channel::Down(Down::Now) => read(body, now),
    }
}

fn read<T: for<'b> Decode<'b, ()>>(body: &[u8], show: impl FnOnce(T) -> Value) -> Value {
    match from_bytes(body) {
        Ok(value) => show(value),
        Err(why) => json!({ "undecodable": why.to_string(), "hex": to_hex(body) }),
    }
}

fn batch(batch: Batch) -> Value {
    let entries: Vec<Value> = batch.entries.into_iter().map(entry).collect();
    json!({
        "epoch": format!("{:?}", batch.epoch), "lane": batch.lane.as_str(), "first": batch.first, "last": batch.last,
        "boot": format!("{:016x}", batch.boot.0), "mono_ms": batch.mono_ms, "entries": entries,
    })
}

fn entry(carried: Carried) -> Value {
    match Record::read(carried.entry, carried.body) {
        Ok(record) => json!({
            "cseq": record.entry.cseq, "lane_seq": record.entry.lane_seq, "kind": record.entry.kind,
            "mono_ms": record.entry.mono_ms, "hlc_ms": record.entry.hlc.wall().0, "hash": to_hex(&record.hash.0),
            "origin": record.entry.origin.as_ref().map(|origin| format!("{:?} {}", origin.epoch, origin.cseq)),
            "fact": record.fact().map_or_else(|| json!({ "unknown": to_hex(&record.body) }), |fact| json!(format!("{fact:?}"))),
        }),
        Err(why) => json!({ "bad": why.to_string() }),
    }
}

fn telemetry(batch: TelemetryBatch) -> Value {
    let frame = (format!("{:?}", batch.epoch), format!("{:016x}", batch.boot.0), batch.mono_ms);
    let shown = match batch.items() {
        Ok(items) => {
            let lost = items.iter().filter(|item| item.sample.is_none()).map(|item| [item.span.first, item.span.last]);
            let (first, last) = (items.first().map(|item| item.span.first), items.last().map(|item| item.span.last));
            json!({ "first": first, "last": last, "items": items.len(), "lost": lost.collect::<Vec<_>>() })
        }
        Err(why) => json!({ "bad": why.to_string() }),
    };
    json!({ "epoch": frame.0, "boot": frame.1, "mono_ms": frame.2, "telemetry": shown })
}

fn state(state: State) -> Value {
    json!({
        "boot": format!("{:016x}", state.boot.0), "mono_ms": state.mono_ms,
        "at_cm": state.at.map(|at| [at.x_cm, at.y_cm]), "battery_permille": state.battery_permille,
        "interlock": state.interlock, "order": state.order.map(|order| json!({ "task": order.task, "fence": order.fence })),
        "step": state.step, "awaits_person": state.awaits_person, "unacked": state.unacked, "cursor": state.cursor,
        "disclosed_ms_ago": state.disclosed_ms_ago, "oldest_unacked_ms": state.oldest_unacked_ms,
        "telemetry_unacked": state.telemetry_unacked, "storage_permille": state.storage_permille,
        "disbelieved": state.disbelieved,
    })
}

fn session(session: Session) -> Value {
    match session {
        Session::Hello { epoch, boot, mono_ms, server_epoch, cursor, nonce, can, acked, snapshot } => {
            json!({ "hello": {
                "epoch": format!("{epoch:?}"), "boot": format!("{:016x}", boot.0), "mono_ms": mono_ms,
                "server_epoch": format!("{server_epoch:016x}"), "cursor": cursor, "nonce": format!("{nonce:016x}"),
                "can": can.map(|can| can.0), "acked": acked.map(marks),
                "snapshot": snapshot.map(|at| json!({ "snapshot": format!("{:016x}", at.snapshot), "chunks": at.chunks })),
            }})
        }
        Session::Applied { server_epoch, cursor } => {
            json!({ "applied": { "server_epoch": format!("{server_epoch:016x}"), "cursor": cursor } })
        }
        Session::Chunk { server_epoch: _, at } => {
            json!({ "chunk_applied": { "snapshot": format!("{:016x}", at.snapshot), "chunks": at.chunks } })
        }
        Session::Differs { server_epoch: _, shard } => json!({ "differs": format!("{shard:?}") }),
    }
}

fn mark(mark: Mark) -> Value {
    json!({ "lane": mark.lane.as_str(), "seq": mark.seq, "hash": to_hex(&mark.hash.0) })
}

fn marks(marks: Vec<Mark>) -> Vec<Value> {
    marks.into_iter().map(mark).collect()
}

fn ack(ack: Ack) -> Value {
    match ack {
        Ack::Stored { epoch, mark: upto, stamp } => json!({ "stored": {
            "epoch": format!("{epoch:?}"), "mark": mark(upto), "stamp_ms": stamp.map(|stamp| stamp.wall().0),
        }}),
        Ack::Welcome { nonce, server_epoch, marks: all, feed_head, can, wall_ms } => json!({ "welcome": {
            "nonce": format!("{nonce:016x}"), "server_epoch": format!("{server_epoch:016x}"), "marks": marks(all),
            "feed_head": feed_head, "can": can.map(|can| can.0), "wall_ms": wall_ms,
        }}),
        Ack::Telemetry { epoch, seq } => json!({ "telemetry_stored": { "epoch": format!("{epoch:?}"), "seq": seq } }),
    }
}

fn feed(message: FeedMessage) -> Value {
    match message {
        FeedMessage::Rows(feed) => {
            let rows: Vec<Value> = feed.rows.iter().map(row).collect();
            json!({ "rows": { "server_epoch": format!("{:016x}", feed.server_epoch), "from": feed.from, "rows": rows } })
        }
        FeedMessage::Word(FeedWord::Chunk { server_epoch: _, chunk }) => json!({ "chunk": {
            "snapshot": format!("{:016x}", chunk.snapshot), "as_of": chunk.as_of, "number": chunk.number, "of": chunk.of,
            "tasks": chunk.packed.open().map_or_else(|bad| json!(bad.to_string()), |(tasks, _)| json!(tasks.len())),
        }}),
        FeedMessage::Word(FeedWord::Hashes { server_epoch: _, announcement }) => {
            let shard = |of: &shared::wire::snapshot::ShardHash| json!({ "shard": format!("{:?}", of.shard), "rows": of.rows, "hash": format!("{:032x}", of.hash.0) });
            json!({ "hashes": { "at": announcement.at, "shards": announcement.shards.iter().map(shard).collect::<Vec<_>>() } })
        }
    }
}

fn row(bytes: &RowBytes) -> Value {
    match from_bytes(&bytes.0) {
        Ok(Row::Task { row }) => json!({ "task": row.code(), "id": row.id, "state": row.state, "fence": row.fence }),
        Ok(Row::Revoke { task }) => json!({ "revoke": task }),
        Ok(Row::Endorsement { pack }) => json!({ "endorsement": to_hex(&pack) }),
        Ok(Row::Note { task, rev, whole, part, of, bytes }) => json!({ "note": {
            "task": task, "rev": rev, "whole": whole, "part": part, "of": of, "bytes": bytes.0.len(),
        }}),
        Ok(Row::Settled { op, stamp, why }) => json!({ "settled": { "op": op, "stamp": stamp, "why": why } }),
        Ok(Row::Stamp { stamp }) => json!({ "stamp": stamp }),
        Err(_) => json!({ "unknown": to_hex(&bytes.0) }),
    }
}

fn now(word: Now) -> Value {
    match word {
        Now::Resume { number, boot: _, mono_ms } => json!({ "resume": { "number": number, "mono_ms": mono_ms } }),
        Now::Clear { number, boot: _, mono_ms, clearance } => json!({ "clear": {
            "number": number, "mono_ms": mono_ms, "officer": clearance.endorsement.officer,
        }}),
    }
}
