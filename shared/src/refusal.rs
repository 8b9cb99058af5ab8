//! What is refused, or did not succeed, and what to do about it: stable codes with words for people.
//!
//! A code is never reused. The sentence may be improved, the code's meaning may not change. Both sides use the same
//! list, so an operator reads one reason wherever the refusal was made.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $what:literal, $todo:literal;)*) => {
        /// A stable code, printed as `FLT-` and four digits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String")]
        #[serde(try_from = "String")]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The number behind `FLT-`.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Code::$name => $number,)* }
            }

            /// What happened, as a sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Code::$name => $what,)* }
            }

            /// What a person can do about it.
            #[must_use]
            pub const fn what_to_do(self) -> &'static str {
                match self { $(Code::$name => $todo,)* }
            }
        }
    };
}

codes! {
    /// A request's body is not JSON of the expected shape, or names an unknown field.
    BadBody = 1001, "The request's body cannot be read.", "Correct the field that is named and send it again.";
    /// An identifier has the wrong form.
    BadId = 1002, "This is not an identifier.", "Robots are named with a-z, 0-9 and -; tasks as T-00001 or by their long id.";
    /// The body is larger than is taken.
    TooLarge = 1003, "The request is larger than the server takes.", "Send it in smaller parts.";
    /// No such robot, task, zone or page.
    NotFound = 1004, "There is nothing of that name here.", "List what there is, and use a name from the list.";
    /// The method is not offered on that path.
    BadMethod = 1005, "This path does not offer that method.", "Read the list of paths in the documentation.";
    /// A header or a parameter asks for a form that is not offered.
    BadMediaType = 1006, "The content type is not the one this path takes.", "Send application/json, or text/csv for an import.";
    /// A page of another site asks.
    BadOrigin = 1007, "The request comes from a page of another site.", "Use this server's own page, or a program that sends no Origin header.";
    /// The server is ending.
    ShuttingDown = 1008, "The server is shutting down.", "Try again when it runs.";
    /// A parameter of the address is unknown, or has the wrong form.
    BadQuery = 1009, "A parameter of the address cannot be read.", "Correct the parameter that is named and ask again.";
    /// A row of an imported plan is wrong; nothing was imported.
    BadRow = 1101, "The plan has a row that cannot be read; nothing was imported.", "Correct the row and column that are named and import it again.";
    /// The task names a zone the hall does not have.
    UnknownZone = 1102, "The hall has no zone of that name.", "Choose a zone from the hall's map.";
    /// The task names a robot the roster does not have.
    UnknownRobot = 1103, "The roster has no robot of that name.", "Choose a robot from the list of robots.";
    /// The same task id with other content.
    IdReused = 1104, "This task id was used before for something else.", "Use a new id.";
    /// Operations of an outbox are missing before the first one that came.
    OpsMissing = 1105, "Operations of this outbox are missing before the first one.", "Send them from the one that is named; nothing was taken.";
    /// Two outboxes use one name: a number of it was used for another operation.
    OutboxForked = 1106, "This outbox was used for something else under the same number: it is an old copy, or there are two of one name.", "Make a new outbox, and write there what is still wanted.";
    /// An update of a note cannot be read, or does not fit what is there.
    BadNote = 1107, "The note does not take this edit.", "Read the note anew and edit it again.";
    /// The note would become too long.
    NoteTooLong = 1108, "The note would become too long.", "Write less, or in another task's note.";
    /// The task has ended and takes no change.
    TaskEnded = 1201, "The task has already ended.", "Make a new task if the work is wanted again.";
    /// The order may already be on its robot: only that robot can give it up.
    AlreadySent = 1202, "The order was already sent to its robot, which may be working on it out of reach.", "Cancel the task, wait until the robot has confirmed, and make a new one.";
    /// The robot has not been heard for a while, so it cannot be asked to act now.
    NotHeard = 1301, "The robot cannot be reached now; nothing was sent.", "Go to the robot, or try again when it is heard.";
    /// Nothing to resume.
    NothingHeld = 1302, "The robot is not waiting for a person.", "Nothing needs to be done.";
    /// The interlock is open: no motion until a person at the robot has reset it.
    InterlockOpen = 1303, "The robot's interlock is open.", "Go to the robot: release the button and press reset. It cannot be done from here.";
    /// A safety officer has to clear the trip first.
    ClearanceDue = 1304, "A safety officer has to clear the robot after its button was pressed.", "Let a safety officer look and answer the robot's challenge: fleet robot clear.";
    /// The clearance does not count.
    BadClearance = 1305, "The clearance does not count.", "Ask for the robot's newest challenge and answer it with an endorsed officer's key.";
    /// An order with an older fence than one already seen.
    StaleFence = 1401, "The order is older than one the robot has already seen.", "Nothing needs to be done; the newer order counts.";
    /// The order has steps the robot cannot do.
    NotCapable = 1402, "The robot cannot do one of the steps.", "Give the task to another robot.";
    /// A step was begun and its end is not known.
    StepInDoubt = 1403, "A step was begun and the robot cannot tell whether it was finished.", "Look at the robot and decide whether the step was done.";
    /// The battery does not last.
    BatteryLow = 1404, "The battery is too low for the task.", "Send the robot to a charger first.";
    /// The robot waits for a person after a person stopped it.
    AwaitingPerson = 1405, "The robot was stopped and waits for a person to resume its work.", "Resume its work when the floor is clear.";
    /// A person withdrew the task.
    CancelledByPerson = 1406, "A person cancelled the task.", "Nothing needs to be done.";
    /// Evidence cannot be stored.
    StorageFull = 1501, "The robot's storage is full; it takes no new work.", "Connect it so that it can hand over its record, or give it more storage.";
    /// What is on the server's disk cannot be read.
    Unreadable = 1502, "The server cannot read what is on its disk.", "Look into the server's log; its disk may be failing.";
    /// The endorsement of the disclosure key ends within hours.
    EndorsementEndsSoon = 1601, "The endorsement of the robot's identity ends soon.", "Connect the robot so that it is renewed, or renew it by hand: fleet robot endorse, then robot-agent endorse.";
    /// The endorsement ends within minutes: the robot sits down.
    EndorsementEnding = 1602, "The endorsement of the robot's identity is about to end; the robot sits down and takes no work.", "Renew the endorsement: connect the robot, or fleet robot endorse and robot-agent endorse.";
    /// The endorsement has ended, or there is none: the robot does not move.
    NotEndorsed = 1603, "The robot's identity is not endorsed; it may not move.", "Look at the robot's clock first: it counts the end. Then renew the endorsement: connect the robot, or fleet robot endorse and robot-agent endorse.";
    /// What was handed in is not an endorsement that counts for this robot.
    BadEndorsement = 1604, "The endorsement does not count for this robot.", "Make a new one with the site's key for this robot's own key, and hand it in again.";
    /// The time that the robot discloses is off: nobody could verify it, so it does not move.
    ClockOff = 1605, "The robot's clock is off, so nobody can verify that it says that it is a machine; it may not move.", "Set the robot's clock. Connected, it then takes the server's time by itself; without a network, hand in a new endorsement: fleet robot endorse, then robot-agent endorse. If its own receiver still does not hear it, cycle the power of its safety controller.";
    /// What the robot disclosed went back, and its own receiver holds newer marks until its next power-up.
    ReceiverAhead = 1606, "The robot's own receiver has heard later times or numbers than those it discloses now, and believes no older ones; it may not move.", "Go to the robot and cycle the power of its safety controller, then test the button and reset it.";
    /// An audit has found proof of a change.
    Tampered = 1701, "What was checked has been changed, or something inside it is missing.", "Keep the file as it is and compare it with another copy, for example the server's.";
    /// An audit has disproved nothing, and something is not there.
    NotWhole = 1702, "Something is missing, so not everything could be checked.", "Get the part that is named and check again.";
    /// An audit's input is not what it should be.
    NotAuditable = 1703, "The input cannot be checked.", "Give the file as the program that is named wrote it.";
    /// A captured head stands nowhere in the journal.
    HeadNowhere = 1704, "No entry of the journal has the captured head.", "Check the capture with fleet-audit evidence, and compare with a newer export, the exports of other epochs and the server's copy.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FLT-{:04}", self.number())
    }
}

impl From<Code> for String {
    fn from(code: Code) -> String {
        code.to_string()
    }
}

/// A text that is not one of the codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no code is called {0:?}")]
pub struct UnknownCode(pub String);

impl TryFrom<String> for Code {
    type Error = UnknownCode;
    fn try_from(text: String) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.to_string() == text).ok_or(UnknownCode(text))
    }
}

impl<C> minicbor::Encode<C> for Code {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u16(self.number())?;
        Ok(())
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Code {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let number = d.u16()?;
        let found = Self::ALL.iter().copied().find(|code| code.number() == number);
        found.ok_or_else(|| minicbor::decode::Error::message("a refusal code of a newer version"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_number_is_used_twice() {
        let numbers: BTreeSet<u16> = Code::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers.len(), Code::ALL.len());
    }

    #[test]
    fn a_code_comes_back_from_its_text() {
        for &code in Code::ALL {
            assert_eq!(Code::try_from(code.to_string()), Ok(code));
        }
    }
}
