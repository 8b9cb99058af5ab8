-- Robots' history of measurements. No evidence: what is too old or too much is deleted.
CREATE TABLE telemetry (
    n INTEGER PRIMARY KEY,
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    -- When the first and the last sample were taken, by the server's calendar.
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    -- What has to be added to the boot's monotonic clock for the server's calendar.
    offset_ms INTEGER NOT NULL,
    -- Samples in columns; none for numbers that will never come.
    block BLOB,
    received_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX telemetry_of ON telemetry (robot, n);
CREATE INDEX telemetry_age ON telemetry (received_ms);

-- How far each lane has been taken; outlives what is deleted, so that no number is taken twice.
CREATE TABLE telemetry_mark (
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (robot, epoch)
) STRICT, WITHOUT ROWID;
