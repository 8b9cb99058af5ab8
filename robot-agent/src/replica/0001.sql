-- The first schema of a robot's replica.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE journal (
    epoch    BLOB NOT NULL,
    cseq     INTEGER NOT NULL,
    lane     INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    entry    BLOB NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (epoch, cseq)
);
CREATE UNIQUE INDEX journal_lane ON journal (epoch, lane, lane_seq);

CREATE TABLE acked (
    lane INTEGER PRIMARY KEY,
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL
);

-- Tasks as the server's feed has them: exact bytes, never touched here.
CREATE TABLE task (
    id  BLOB PRIMARY KEY,
    row BLOB NOT NULL
) WITHOUT ROWID;

-- How far this robot is with its orders.
CREATE TABLE work (
    task       BLOB PRIMARY KEY,
    fence      INTEGER NOT NULL,
    steps_done INTEGER NOT NULL,
    begun      INTEGER NOT NULL,
    ended      INTEGER NOT NULL,
    blocked    INTEGER
) WITHOUT ROWID;
