-- Robots' signatures under the entries of their journals: evidence, never updated, never deleted. The entries stand in
-- fact; body is there only where the signed batch cannot be built from them again.

CREATE TABLE batch_seal (
    n INTEGER PRIMARY KEY,
    robot TEXT NOT NULL,
    epoch BLOB NOT NULL,
    lane INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    boot BLOB NOT NULL,
    sent_mono_ms INTEGER NOT NULL,
    signature BLOB NOT NULL,
    body BLOB,
    received_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX batch_seal_of ON batch_seal (robot, epoch, n);

-- A journal is read in the order in which it was written.
CREATE INDEX fact_in_order ON fact (robot, epoch, cseq);
