-- The chunks of a snapshot that are applied, each with the ids of the tasks that stood in it, 16 bytes each. Which snapshot it
-- is stands in `meta`.
CREATE TABLE snapshot_chunk (
    number INTEGER PRIMARY KEY,
    tasks  BLOB NOT NULL,
    sum    BLOB NOT NULL
);

-- What the robot was given and cannot use: rows of a newer version, and with a cause dead letters. `place` rises.
CREATE TABLE aside (
    hash  BLOB PRIMARY KEY,
    place INTEGER NOT NULL,
    cause INTEGER,
    bytes BLOB NOT NULL,
    sum   BLOB NOT NULL
) WITHOUT ROWID;
