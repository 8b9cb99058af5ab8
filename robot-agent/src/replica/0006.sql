-- What is edited at this robot and not settled yet, and the notes that the feed has brought.
CREATE TABLE edit (
    number INTEGER PRIMARY KEY,
    fact   BLOB NOT NULL,
    sum    BLOB NOT NULL
);

CREATE TABLE note (
    task BLOB PRIMARY KEY,
    kept BLOB NOT NULL,
    sum  BLOB NOT NULL
) WITHOUT ROWID;
