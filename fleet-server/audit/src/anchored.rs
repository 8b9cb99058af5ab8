//! A journal without its beginning: what the rest proves, and what has to be asked of the server.

use crate::{Verdict, at_the_end};
use shared::audit::{AnchoredExport, check_anchored};
use shared::seal::to_hex;

/// Checks the chain behind the anchor, and says that it is one.
pub fn journal(export: &AnchoredExport, head: Option<&str>) -> Verdict {
    let audited = match check_anchored(export) {
        Err(broken) => return Verdict::Tampered(format!("robot {}: {broken}", export.robot)),
        Ok(audited) => audited,
    };
    let (behind, found) = (export.anchor.cseq, to_hex(&audited.chain.head.0));
    let lines = vec![
        format!(
            "robot {}, epoch {:?}: {} entries form one chain behind entry {behind}",
            export.robot,
            export.epoch,
            export.entries.len()
        ),
        format!(
            "not checked: entries 1 to {behind}, which the robot has forgotten. The server keeps them: its copy has to have the hash \
             {} at entry {behind}",
            to_hex(&export.anchor.head.0)
        ),
        format!("its head is {found}"),
    ];
    at_the_end(lines, &found, head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::audit::Anchor;
    use shared::fact::Fact;
    use shared::hlc::Hlc;
    use shared::id::RobotId;
    use shared::journal::{Boot, Chain, Epoch, Stamp};
    use shared::seal::Hash;
    use shared::time::Instant;
    use shared::wire::robot_to_fleet::Carried;

    fn export() -> AnchoredExport {
        let robot = RobotId::parse("r-1").unwrap();
        let mut chain = Chain::begin(&robot, Epoch(1));
        let stamp = Stamp { boot: Boot(1), mono: Instant(1), hlc: Hlc(1) };
        chain.append(&Fact::AgentStarted { clean: true }, stamp);
        let anchor = Anchor::of(&chain);
        let entries = (1..=3).map(|number| Carried::from(&chain.append(&Fact::Resumed { number }, stamp))).collect();
        AnchoredExport { v: 2, robot, epoch: Epoch(1), entries, anchor }
    }

    #[test]
    fn a_journal_without_its_beginning_holds_and_names_what_was_not_checked() {
        let Verdict::Holds(lines) = journal(&export(), None) else { panic!("it is one chain") };
        assert!(lines[0].ends_with("3 entries form one chain behind entry 1"), "{}", lines[0]);
        assert!(lines[1].starts_with("not checked: entries 1 to 1"));
        let anchor = Anchor { head: Hash([9; 32]), ..export().anchor };
        assert_eq!(journal(&AnchoredExport { anchor, ..export() }, None).exit_code(), 1);
        assert_eq!(journal(&export(), Some(&"00".repeat(32))).exit_code(), 2);
    }

    #[test]
    fn the_command_reads_both_layouts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("r-1.journal");
        std::fs::write(&file, shared::wire::to_bytes(&export())).unwrap();
        let audit = crate::Audit::Journal { file, head: None, firmware_key: None, json: false };
        assert!(audit.run().lines().iter().any(|line| line.contains("behind entry 1")));
    }
}
