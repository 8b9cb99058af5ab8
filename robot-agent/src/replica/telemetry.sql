-- The first schema of the telemetry's file. Items stand in the order in which they were kept; a number is unique in its epoch.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE item (
    place  INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch  BLOB NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    -- CBOR; none for numbers that will never come.
    sample BLOB
);
CREATE UNIQUE INDEX item_number ON item (epoch, last);
