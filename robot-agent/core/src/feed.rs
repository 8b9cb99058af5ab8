//! The server's feed: rows in order, applied once.

use shared::wire::fleet_to_robot::{Feed, Row, RowBytes, row_kind};

/// Where this replica is in the server's feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedCursor {
    /// The life of the server's database; 0 when none was met.
    pub server_epoch: u64,
    /// The newest row applied.
    pub cursor: u64,
}

/// What a feed message brings.
#[derive(Debug, PartialEq)]
pub enum Fresh {
    /// These rows come next, and the cursor moves here.
    Rows(Vec<RowBytes>, u64),
    /// Nothing that was not applied; the server should be told how far we are.
    Known,
    /// Rows are missing in between, or the server began anew: ask again from the cursor.
    Gap,
}

impl FeedCursor {
    /// Cuts off what was applied before.
    pub fn fresh(&self, feed: Feed) -> Fresh {
        if feed.server_epoch != self.server_epoch || feed.from > self.cursor {
            return Fresh::Gap;
        }
        let end = feed.from.saturating_add(feed.rows.len() as u64);
        if end <= self.cursor {
            return Fresh::Known;
        }
        let known = usize::try_from(self.cursor - feed.from).unwrap_or(usize::MAX);
        Fresh::Rows(feed.rows.into_iter().skip(known).collect(), end)
    }
}

/// What a row's bytes are to this version.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// A row.
    Known(Row),
    /// A row of a kind that only a newer version knows; it changes nothing that this version knows.
    Newer,
    /// No row, or one of a known kind that cannot be read.
    Bad,
}

/// Reads a row.
pub fn read(bytes: &RowBytes) -> Read {
    match shared::wire::from_bytes(&bytes.0) {
        Ok(row) => Read::Known(row),
        Err(_) if row_kind(&bytes.0).is_some_and(|kind| kind > Row::NEWEST) => Read::Newer,
        Err(_) => Read::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(from: u64, count: u8) -> Feed {
        Feed { server_epoch: 7, from, rows: (0..count).map(|i| RowBytes(vec![i])).collect() }
    }

    #[test]
    fn an_overlap_is_cut_a_repetition_is_known_and_a_hole_is_a_gap() {
        let at = FeedCursor { server_epoch: 7, cursor: 5 };
        assert_eq!(at.fresh(feed(5, 1)), Fresh::Rows(vec![RowBytes(vec![0])], 6));
        assert_eq!(at.fresh(feed(4, 3)), Fresh::Rows(vec![RowBytes(vec![1]), RowBytes(vec![2])], 7));
        assert_eq!(at.fresh(feed(0, 5)), Fresh::Known);
        assert_eq!(at.fresh(feed(6, 1)), Fresh::Gap);
        assert_eq!(at.fresh(Feed { server_epoch: 8, ..feed(5, 1) }), Fresh::Gap);
        assert_eq!(at.fresh(feed(u64::MAX, 2)), Fresh::Gap);
    }

    #[test]
    fn a_row_of_a_newer_version_is_told_from_one_that_cannot_be_read() {
        let row = Row::Endorsement { pack: vec![1] };
        let bytes = shared::wire::to_bytes(&row);
        assert_eq!(read(&RowBytes(bytes.clone())), Read::Known(row));
        assert_eq!(read(&RowBytes(vec![0x82, 0x18, 0x63, 0x80])), Read::Newer);
        assert_eq!(read(&RowBytes(bytes[..2].to_vec())), Read::Bad);
        assert_eq!(read(&RowBytes(vec![0x82, 0x00, 0x81, 0x01])), Read::Bad, "a task that is a number");
        assert_eq!(read(&RowBytes(vec![])), Read::Bad);
    }
}
