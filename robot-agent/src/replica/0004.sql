-- Every row carries a checksum, so that damage on the disk is noticed when the row is read. Entries of the journal need none:
-- their hash chain is one. The rows that are there get theirs in the same transaction.
ALTER TABLE meta ADD COLUMN sum BLOB;
ALTER TABLE acked ADD COLUMN sum BLOB;
ALTER TABLE task ADD COLUMN sum BLOB;
ALTER TABLE work ADD COLUMN sum BLOB;
ALTER TABLE firmware ADD COLUMN sum BLOB;
ALTER TABLE firmware_line ADD COLUMN sum BLOB;
ALTER TABLE beacon ADD COLUMN sum BLOB;
ALTER TABLE endorsement ADD COLUMN sum BLOB;
