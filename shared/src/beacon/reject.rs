//! Why bytes from the air count for nothing: one reason each, so that a count of them tells what goes on.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $sentence:literal;)*) => {
        /// Why a pack is not taken. The first reason that applies is the one that is told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reject { $($(#[$doc])* $name,)* }

        impl Reject {
            /// All reasons, in the order in which they are looked for.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The reason as one word, for counters and machines.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

reasons! {
    /// Not as many bytes as the pack says it has.
    Length = "length", "it has another length than it says";
    /// It does not begin as a message pack of version 2.
    Header = "header", "it is no message pack of version 2";
    /// Its messages do not have 25 bytes.
    MessageSize = "message_size", "its messages do not have 25 bytes";
    /// It has more or fewer messages than a pack of its kind.
    Count = "count", "it has too many or too few messages";
    /// A message stands where another belongs, or twice.
    MessageOrder = "message_order", "a message stands where another belongs";
    /// A page of the evidence stands where another belongs, or twice.
    PageOrder = "page_order", "a page of the evidence stands where another belongs";
    /// The evidence announces another number of pages or bytes.
    AuthHeader = "auth_header", "the evidence announces another form";
    /// The evidence is of another kind.
    AuthKind = "auth_kind", "the evidence is of another kind";
    /// The id is no private session id of a machine of this kind.
    IdType = "id_type", "the id is of another type";
    /// The journal's message has another type.
    OperatorType = "operator_type", "the journal's message is of another type";
    /// A status that no robot of this kind has.
    Status = "status", "the status is unknown";
    /// The text does not say machine, or the name is none that may be shown.
    Text = "text", "the text is not that of a machine";
    /// The id in the evidence is another than the id in front.
    IdMismatch = "id_mismatch", "it names two ids";
    /// The evidence's timestamp is not its beginning.
    Timestamp = "timestamp", "the evidence's timestamp is not its beginning";
    /// The tenths of the hour belong to another second.
    HourTime = "hour_time", "its two times disagree";
    /// It ends before it begins.
    Inverted = "inverted", "it ends before it begins";
    /// It is valid for longer than is allowed.
    Huge = "huge", "it is valid for longer than is allowed";
    /// A byte that says nothing says something.
    Padding = "padding", "a byte that has to be empty is not";
    /// The id is not the hash of the key.
    KeyId = "key_id", "the id does not belong to the key";
    /// Another robot. No fault, only not the one that was listened for.
    Foreign = "foreign", "it is another robot";
    /// Another CA.
    CaId = "ca_id", "it is endorsed by another CA than the one given";
    /// The endorsement is not signed by this CA.
    LinkSignature = "link_signature", "the endorsement is not signed by this CA";
    /// The endorsement holds from a later moment on.
    LinkFuture = "link_future", "its endorsement has not begun yet";
    /// The endorsement held until an earlier moment.
    LinkExpired = "link_expired", "its endorsement has ended";
    /// The site's list says that this key counts no more.
    Revoked = "revoked", "its key is revoked: the site's list says that it counts no more";
    /// No endorsement of this robot was heard yet.
    NoEndorsement = "no_endorsement", "no endorsement was heard yet";
    /// It was made outside the endorsement's time.
    Unendorsed = "unendorsed", "its endorsement does not cover its time";
    /// The same bytes as the newest: an echo, no news.
    Repeat = "repeat", "it was heard before";
    /// An endorsement of a robot whose last one holds for a while yet: it is looked at when that is about to end.
    Early = "early", "the endorsement before it holds for a while yet";
    /// Not newer than the newest: a recording.
    NotRising = "not_rising", "it is older than what was heard: a recording";
    /// The journal's number fell: a rollback, or a second robot with this key.
    SequenceFell = "sequence_fell", "the journal's number fell: a rollback or a clone";
    /// Its way took longer than that of others before: somebody plays what was said a while ago.
    Late = "late", "it comes later than others did: a recording";
    /// One number of the journal with two heads: a clone, or a rewritten journal.
    HeadChanged = "head_changed", "one number of the journal has two heads: a clone or a rewritten journal";
    /// More packs in form than signatures may be checked in the time.
    Busy = "busy", "too many packs at once";
    /// It is not signed by the robot's key.
    Signature = "signature", "it is not signed by the robot";
    /// It begins later than now.
    Future = "future", "it comes from the future: a clock is wrong";
    /// It has ended.
    Expired = "expired", "it has expired";
}

impl Reject {
    /// Whether it says that nobody's word for the robot counts so far: another endorsement would change that.
    #[must_use]
    pub const fn is_want_of_endorsement(self) -> bool {
        matches!(self, Self::NoEndorsement | Self::CaId | Self::LinkFuture | Self::LinkExpired)
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for Reject {}
