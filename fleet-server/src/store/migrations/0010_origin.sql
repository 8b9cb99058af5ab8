-- First places of entries that a robot offered again in a later epoch, and that took effect there.
CREATE TABLE origin (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (robot, epoch, lane, lane_seq, hash)
) STRICT, WITHOUT ROWID;
