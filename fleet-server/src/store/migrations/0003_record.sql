-- What the record of a robot is worth: how far it hangs together, what came twice, when it was written.

-- The corrected hybrid stamp of an entry; none on entries that were taken before there was one.
ALTER TABLE fact ADD COLUMN stamp INTEGER;

CREATE TABLE chain (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    cseq INTEGER NOT NULL,
    head BLOB NOT NULL,
    is_broken INTEGER NOT NULL,
    PRIMARY KEY (robot, epoch)
) STRICT, WITHOUT ROWID;

-- Entries that took effect under another number than their first.
CREATE TABLE origin (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    lane_seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (robot, epoch, lane, lane_seq)
) STRICT, WITHOUT ROWID;

-- How far the calendar of a robot's boot was ahead of the server's.
CREATE TABLE skew (
    robot TEXT NOT NULL,
    boot BLOB NOT NULL,
    skew_ms INTEGER NOT NULL,
    PRIMARY KEY (robot, boot)
) STRICT, WITHOUT ROWID;
