-- The first layout. Numbers are big-endian blobs where they use all 64 bits, integers elsewhere.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Robots' journals as they were received: evidence, never updated, never deleted.
CREATE TABLE fact (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    cseq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    entry BLOB NOT NULL,
    body BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY (robot, epoch, lane, lane_seq)
) STRICT, WITHOUT ROWID;

-- Second histories: entries under a number that another entry has. Evidence as well.
CREATE TABLE fork (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    cseq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    entry BLOB NOT NULL,
    body BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY (robot, epoch, lane, lane_seq, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE watermark (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (robot, epoch, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
    id BLOB PRIMARY KEY,
    row BLOB NOT NULL,
    given_to TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
    robot TEXT NOT NULL,
    seq INTEGER NOT NULL,
    row BLOB NOT NULL,
    PRIMARY KEY (robot, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE now_number (
    robot TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Boots of robots' computers in the order in which they were met.
CREATE TABLE boot (
    n INTEGER PRIMARY KEY,
    robot TEXT NOT NULL,
    boot BLOB NOT NULL,
    UNIQUE (robot, boot)
) STRICT;

CREATE TABLE flag (
    rule TEXT NOT NULL,
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    task BLOB,
    raised_ms INTEGER NOT NULL,
    PRIMARY KEY (rule, robot, epoch, lane, lane_seq)
) STRICT, WITHOUT ROWID;

-- The newest malformed messages; n also counts all there ever were.
CREATE TABLE quarantine (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    length INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    received_ms INTEGER NOT NULL
) STRICT;
