//! Journals that were checked already: every open page asks for a robot's report each few seconds, and a journal whose head
//! has not changed is neither read nor verified again.
//!
//! One task owns what is kept and answers one question after another, so many pages cost no more than one.

use crate::store::{Archive, Epochs, Fault};
use fleet_audit::disclosure::journal::Journal;
use shared::id::RobotId;
use shared::journal::Epoch;
use shared::seal::PublicKey;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Most robots whose journals are kept.
const ROBOTS_MAX: usize = 16;
/// Most entries that are kept, of all robots together: some 200 MB.
const ENTRIES_MAX: usize = 400_000;
/// Most questions that wait.
const WAITING_MAX: usize = 64;

type Journals = Arc<Vec<Journal>>;

/// Where checked journals are asked for.
#[derive(Clone, Debug)]
pub struct Verified(mpsc::Sender<Ask>);

#[derive(Debug)]
struct Ask {
    robot: RobotId,
    key: PublicKey,
    reply: oneshot::Sender<Result<Journals, Fault>>,
}

impl Verified {
    /// Starts the task. It ends when nobody can ask any more.
    pub fn start(archive: Archive) -> Self {
        let (sender, mut asked) = mpsc::channel::<Ask>(WAITING_MAX);
        tokio::spawn(async move {
            let empty = || Shelf { archive: archive.clone(), kept: vec![] };
            let mut shelf = empty();
            while let Some(Ask { robot, key, reply }) = asked.recv().await {
                let read = tokio::task::spawn_blocking(move || (shelf.journals(&robot, key), shelf));
                // A panic over one journal takes what was kept with it and no more: the one who asked hears of it.
                let Ok((found, back)) = read.await else {
                    tracing::error!("a journal could not be checked");
                    shelf = empty();
                    continue;
                };
                shelf = back;
                // Whoever asked may have gone.
                drop(reply.send(found));
            }
        });
        Self(sender)
    }

    /// All of a robot's journal, checked; `None` when it could not be checked, or the process is ending.
    pub async fn journals(&self, robot: RobotId, key: PublicKey) -> Option<Result<Journals, Fault>> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Ask { robot, key, reply }).await.ok()?;
        answer.await.ok()
    }
}

/// What is kept, the most recently asked for at the end.
#[derive(Debug)]
struct Shelf {
    archive: Archive,
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    robot: RobotId,
    key: PublicKey,
    head: Head,
    journals: Journals,
}

/// How far a robot's journal had come when it was read: its epochs with their numbers of entries, and the newest signature of
/// each.
#[derive(Debug)]
struct Head {
    epochs: Epochs,
    seals: Vec<(Epoch, u64)>,
}

impl Shelf {
    fn journals(&mut self, robot: &RobotId, key: PublicKey) -> Result<Journals, Fault> {
        let place = self.kept.iter().position(|kept| kept.robot == *robot);
        let kept = match place.map(|place| self.kept.remove(place)) {
            Some(kept) if kept.key == key && kept.head.is_still(&self.archive, robot)? => kept,
            _ => self.read(robot, key)?,
        };
        let journals = kept.journals.clone();
        self.kept.push(kept);
        self.make_room();
        Ok(journals)
    }

    /// The head is taken first: what arrives while the journal is read makes it old at the next question.
    fn read(&self, robot: &RobotId, key: PublicKey) -> Result<Kept, Fault> {
        let head = Head::of(&self.archive, robot)?;
        let read = |epoch: &(Epoch, u64)| Ok(Journal::read(&self.archive.source(robot, epoch.0, key)?));
        let journals = head.epochs.iter().map(read).collect::<Result<Vec<Journal>, Fault>>()?;
        Ok(Kept { robot: robot.clone(), key, head, journals: Arc::new(journals) })
    }

    fn make_room(&mut self) {
        let entries = |kept: &Kept| kept.journals.iter().map(|journal| journal.records.len()).sum::<usize>();
        while self.kept.len() > ROBOTS_MAX || self.kept.iter().map(entries).sum::<usize>() > ENTRIES_MAX {
            self.kept.remove(0);
        }
    }
}

impl Head {
    fn of(archive: &Archive, robot: &RobotId) -> Result<Self, Fault> {
        let epochs = archive.epochs(robot)?;
        let newest = |(epoch, _): &(Epoch, u64)| {
            let seals = archive.seals(robot, *epoch, 0, usize::MAX)?;
            Ok((*epoch, seals.last().map_or(0, |seal| seal.n)))
        };
        let seals = epochs.iter().map(newest).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Self { epochs, seals })
    }

    fn is_still(&self, archive: &Archive, robot: &RobotId) -> Result<bool, Fault> {
        if archive.epochs(robot)? != self.epochs {
            return Ok(false);
        }
        for (epoch, newest) in &self.seals {
            if !archive.seals(robot, *epoch, *newest, 1)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::{Connection, params};
    use shared::seal::SigningKey;

    const TABLES: &str = "
        CREATE TABLE fact (robot, epoch, cseq, entry, body, received_ms);
        CREATE TABLE batch_seal (n, robot, epoch, lane, first, last, boot, sent_mono_ms, signature, body, received_ms);";

    #[test]
    fn an_unchanged_head_costs_no_reading_and_a_new_entry_or_signature_does() {
        let folder = tempfile::tempdir().unwrap();
        let database = Connection::open(folder.path().join("fleet.db")).unwrap();
        database.execute_batch(TABLES).unwrap();
        let robot = RobotId::parse("r-1").unwrap();
        let key = SigningKey::from_seed(&[1; 32]).public();
        let mut shelf = Shelf { archive: Archive::of(folder.path()), kept: vec![] };
        let mut ask = |robot: &RobotId| shelf.journals(robot, key).unwrap();
        let fact = "INSERT INTO fact VALUES ('r-1', ?1, ?2, x'00', x'00', 1)";
        let epoch = 7_u64.to_be_bytes();
        database.execute(fact, params![epoch, 1]).unwrap();
        let first = ask(&robot);
        assert_eq!((first.len(), first[0].epoch), (1, Epoch(7)));
        assert!(Arc::ptr_eq(&first, &ask(&robot)), "nothing has changed");
        database.execute(fact, params![epoch, 2]).unwrap();
        let second = ask(&robot);
        assert!(!Arc::ptr_eq(&first, &second), "an entry has come");
        let seal = "INSERT INTO batch_seal VALUES (1, 'r-1', ?1, 0, 1, 1, ?1, 1, ?2, NULL, 1)";
        database.execute(seal, params![epoch, [0_u8; 64]]).unwrap();
        let third = ask(&robot);
        assert!(!Arc::ptr_eq(&second, &third) && Arc::ptr_eq(&third, &ask(&robot)), "a signature has come");
        for number in 0..ROBOTS_MAX {
            ask(&RobotId::parse(&format!("x-{number}")).unwrap());
        }
        assert!(!Arc::ptr_eq(&third, &ask(&robot)), "what was asked for long ago makes room");
    }
}
