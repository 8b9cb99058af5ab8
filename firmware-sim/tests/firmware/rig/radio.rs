//! The radio that a test plays.

use firmware_sim::clock;
use shared::beacon;
use shared::seal::SigningKey;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

/// The secret of the robot's key.
pub const ROBOT_SEED: [u8; 32] = [3; 32];

/// Sends the robot's disclosure three times a second.
pub struct Radio {
    socket: UdpSocket,
    air: SocketAddrV4,
    key: SigningKey,
    sent_at_ms: u64,
}

impl Radio {
    pub fn new(air: SocketAddrV4) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST).unwrap();
        Self { socket: socket.into(), air, key: SigningKey::from_seed(&ROBOT_SEED), sent_at_ms: 0 }
    }

    pub fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.air).unwrap();
    }

    pub fn turn(&mut self) {
        let now_ms = clock::now().0;
        if now_ms >= self.sent_at_ms + 333 {
            self.sent_at_ms = now_ms;
            self.send(&beacon::encode(&self.key, now_ms / 100, 1, [0; 16]));
        }
    }
}
