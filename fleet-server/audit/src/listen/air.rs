//! The bystander's radio: UDP multicast on loopback stands for it. The only file of this tool that names `socket2`; a
//! Bluetooth adapter takes its place.

use socket2::{Domain, Protocol, Socket, Type};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// Longer than every pack, so that a longer packet is seen to be longer.
const PACKET_LEN_MAX: usize = 512;

/// Hears whatever is on the air. It has no way to send.
#[derive(Debug)]
pub struct Air {
    socket: UdpSocket,
    packet: [u8; PACKET_LEN_MAX],
}

impl Air {
    /// Tunes in, beside all others that listen on this machine.
    ///
    /// # Errors
    /// When the group or its port cannot be listened to.
    pub fn open(air: SocketAddrV4) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from(air).into())?;
        socket.join_multicast_v4(air.ip(), &Ipv4Addr::LOCALHOST)?;
        Ok(Self { socket: socket.into(), packet: [0; PACKET_LEN_MAX] })
    }

    /// The next packet; `None` when none came in this time.
    ///
    /// # Errors
    /// When the radio is broken.
    pub fn listen(&mut self, patience: Duration) -> std::io::Result<Option<&[u8]>> {
        self.socket.set_read_timeout(Some(patience))?;
        match self.socket.recv(&mut self.packet) {
            Ok(length) => Ok(Some(&self.packet[..length])),
            Err(error) if is_silence(error.kind()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn is_silence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
