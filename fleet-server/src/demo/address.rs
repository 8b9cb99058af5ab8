//! Where the parts of a run are reached: ports on loopback, and a place on the air that no other run shares.

use anyhow::{Context, bail};
use shared::seal::{Hash, PublicKey};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// An address on this machine, not to be reached from others.
#[must_use]
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Takes a port and keeps it.
///
/// # Errors
/// A sentence that names the argument to change, when the port is in use.
pub fn listener(port: u16, argument: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(loopback(port)) {
        Ok(listener) => Ok(listener),
        Err(fault) if fault.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is in use; end what uses it, or choose another with {argument}")
        }
        Err(fault) => Err(fault).with_context(|| format!("cannot listen on port {port}")),
    }
}

/// Makes sure that a port is free for another process, and lets go of it.
///
/// # Errors
/// As [`listener`]. Between this and the other process's start somebody else may take the port; that process then says
/// so in its log.
pub fn free_port(port: u16, argument: &str) -> anyhow::Result<SocketAddr> {
    Ok(listener(port, argument)?.local_addr()?)
}

/// The multicast group and port on which a run's robots disclose themselves, drawn from the site's key so that two runs
/// on one machine do not hear each other. The group is in the block for one organisation (RFC 2365).
#[must_use]
pub fn air(site: &PublicKey) -> SocketAddr {
    // Below the ports that the kernel hands out by itself.
    const PORT_FIRST: u16 = 20_000;
    const PORT_COUNT: u16 = 10_000;
    let Hash(hash) = Hash::of(&[b"bellwether/demo/air/v1\0", &site.0]);
    let group = Ipv4Addr::new(239, 255, hash[0], hash[1].clamp(1, 254));
    let port = PORT_FIRST + u16::from_be_bytes([hash[2], hash[3]]) % PORT_COUNT;
    SocketAddr::from((group, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_are_on_different_air() {
        let one = air(&PublicKey([1; 32]));
        assert_eq!(one, air(&PublicKey([1; 32])));
        assert_ne!(one, air(&PublicKey([2; 32])));
        assert!(one.ip().is_multicast());
    }

    #[test]
    fn a_port_in_use_is_refused_with_what_to_do() {
        let taken = listener(0, "--port").unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = free_port(port, "--port").unwrap_err().to_string();
        assert!(said.contains(&port.to_string()) && said.contains("--port"), "{said}");
    }
}
