//! Where the parts of a run are reached: ports on loopback.

use anyhow::{Context, bail};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_refused_with_what_to_do() {
        let taken = listener(0, "--port").unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = free_port(port, "--port").unwrap_err().to_string();
        assert!(said.contains(&port.to_string()) && said.contains("--port"), "{said}");
    }
}
