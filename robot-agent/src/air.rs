//! The radio: UDP multicast on loopback stands for it. A Bluetooth adapter takes this file's place on a real robot.

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Sends on the air.
#[derive(Debug)]
pub struct Air {
    socket: Socket,
    group: SockAddr,
}

impl Air {
    /// Opens the sender for this group, bound to loopback so that nothing leaves the machine.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn open(group: SocketAddrV4) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST)?;
        socket.set_multicast_loop_v4(true)?;
        socket.set_multicast_ttl_v4(0)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, group: group.into() })
    }

    /// Sends one packet. A packet that is lost here is lost as on any radio: the firmware listens for itself.
    pub fn send(&self, packet: &[u8]) -> std::io::Result<()> {
        self.socket.send_to(packet, &self.group).map(drop)
    }
}
