//! What a person's hand reaches: the latching button and the springy reset.

/// The emergency stop: latches when pressed; opens both of its normally closed channels at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Button {
    /// Whether it is latched.
    pub is_pressed: bool,
}

impl Button {
    /// Whether each channel is closed.
    #[must_use]
    pub const fn channels(self) -> [bool; 2] {
        [!self.is_pressed, !self.is_pressed]
    }

    /// The word for people and for the file in which it survives the firmware.
    #[must_use]
    pub const fn word(self) -> &'static str {
        pressed_word(self.is_pressed)
    }
}

/// The reset: up unless a hand holds it down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reset {
    /// Whether it is held down.
    pub is_pressed: bool,
}

impl Reset {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        pressed_word(self.is_pressed)
    }
}

const fn pressed_word(is_pressed: bool) -> &'static str {
    if is_pressed { "pressed" } else { "released" }
}
