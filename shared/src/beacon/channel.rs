//! Where the simulator's radio is: a multicast group and a port.

use crate::seal::{Hash, PublicKey};
use std::net::{Ipv4Addr, SocketAddrV4};

/// The group and port on which the robots of a simulated site disclose themselves, drawn from its CA's key: two sites on
/// one machine do not hear each other, and whoever knows the CA knows where to listen. The group is in the block for one
/// organisation (RFC 2365).
#[must_use]
pub fn simulated_air(ca: &PublicKey) -> SocketAddrV4 {
    // Below the ports that the kernel hands out by itself.
    const PORT_FIRST: u16 = 20_000;
    const PORT_COUNT: u16 = 10_000;
    let Hash(hash) = Hash::of(&[b"bellwether/demo/air/v1\0", &ca.0]);
    let group = Ipv4Addr::new(239, 255, hash[0], hash[1].clamp(1, 254));
    SocketAddrV4::new(group, PORT_FIRST + u16::from_be_bytes([hash[2], hash[3]]) % PORT_COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sites_are_on_different_air() {
        let one = simulated_air(&PublicKey([1; 32]));
        assert_eq!(one, simulated_air(&PublicKey([1; 32])));
        assert_ne!(one, simulated_air(&PublicKey([2; 32])));
        assert!(one.ip().is_multicast());
    }
}
