-- What the robot's disclosure needs over a restart: how far its clock has been used, and who vouches for its key.
CREATE TABLE beacon (
    id       BLOB PRIMARY KEY,
    boot     INTEGER NOT NULL,
    mono_ms  INTEGER NOT NULL,
    time_ds  INTEGER NOT NULL,
    heard_ds INTEGER
) WITHOUT ROWID;

CREATE TABLE endorsement (
    id      BLOB PRIMARY KEY,
    until_s INTEGER NOT NULL,
    pack    BLOB NOT NULL
) WITHOUT ROWID;
