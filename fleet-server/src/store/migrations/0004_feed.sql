-- Feeds that need not be in memory as a whole, and may be forgotten where nobody needs them.

-- The kind of row; none on rows of the first version, which are about tasks.
ALTER TABLE feed ADD COLUMN kind INTEGER;
-- When it was made, milliseconds since 1970; none on rows of the first version.
ALTER TABLE feed ADD COLUMN made_ms INTEGER;

-- The oldest row of each feed that was not forgotten; the first where there is no line here.
CREATE TABLE feed_floor (
    robot TEXT PRIMARY KEY,
    first INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
