//! The only place in this program that draws random numbers: the noise of a jammer.

use rustix::rand::{GetRandomFlags, getrandom};

/// So many random bytes; none when the kernel gives none, and then there is nothing to hear.
#[must_use]
pub fn noise(length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_packets_are_drowned_in_different_noise_of_their_own_length() {
        let [one, two] = [noise(400), noise(400)].map(Option::unwrap);
        assert_eq!((one.len(), two.len()), (400, 400));
        assert_ne!(one, two);
    }
}
