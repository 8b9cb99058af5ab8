-- What is known of the robot's safety controller. At most one row; none before one was met.
CREATE TABLE firmware (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    -- Its count of presses that was last acted on.
    presses INTEGER NOT NULL
);

-- The lines of its own record that stand in the journal, by number and hash: two lines of one number are a fork.
CREATE TABLE firmware_line (
    n    INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (n, hash)
) WITHOUT ROWID;
