-- What people and robots edit while they are apart: fields, operations of outboxes, notes.

-- The last write of every field that was written: value, stamp and writer.
CREATE TABLE field (
    task BLOB NOT NULL,
    field TEXT NOT NULL,
    written BLOB NOT NULL,
    PRIMARY KEY (task, field)
) STRICT, WITHOUT ROWID;

-- Operations of people's outboxes, each taken once, and what became of them.
CREATE TABLE op (
    client TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id BLOB NOT NULL,
    result BLOB NOT NULL,
    PRIMARY KEY (client, seq)
) STRICT, WITHOUT ROWID;

-- Notes: everything up to the last folding, and what they say now.
CREATE TABLE note (
    task BLOB PRIMARY KEY,
    rev INTEGER NOT NULL,
    snapshot BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The updates since.
CREATE TABLE note_update (
    task BLOB NOT NULL,
    rev INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (task, rev)
) STRICT, WITHOUT ROWID;

-- Contributions that wait to be merged, and those that were not taken.
CREATE TABLE note_job (
    number INTEGER PRIMARY KEY,
    job BLOB NOT NULL
) STRICT;

CREATE TABLE note_refused (
    number INTEGER PRIMARY KEY,
    why INTEGER NOT NULL,
    job BLOB NOT NULL
) STRICT;

-- Up to which revision a note stands in a robot's feed.
CREATE TABLE note_shown (
    robot TEXT NOT NULL,
    task BLOB NOT NULL,
    rev INTEGER NOT NULL,
    PRIMARY KEY (robot, task)
) STRICT, WITHOUT ROWID;
