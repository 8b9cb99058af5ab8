//! Air between processes: UDP multicast, bound to loopback so that nothing leaves the machine.

use shared::beacon::{AirFault, Receive, Transmit};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// Longer than every pack, so that a longer packet is seen to be longer.
const PACKET_LEN_MAX: usize = 512;

/// Says, and cannot hear.
#[derive(Debug)]
pub struct Transmitter {
    socket: Socket,
    group: SockAddr,
}

impl Transmitter {
    /// Opens the sender for this group and port.
    ///
    /// # Errors
    /// [`AirFault::Tune`] when the socket cannot be made.
    pub fn open(air: SocketAddrV4) -> Result<Self, AirFault> {
        let socket = transmitting().map_err(|e| AirFault::tune(air, e))?;
        Ok(Self { socket, group: air.into() })
    }
}

fn transmitting() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST)?;
    socket.set_multicast_loop_v4(true)?;
    socket.set_multicast_ttl_v4(0)?;
    // The control loop waits for nobody.
    socket.set_nonblocking(true)?;
    Ok(socket)
}

impl Transmit for Transmitter {
    fn transmit(&mut self, pack: &[u8]) -> Result<(), AirFault> {
        self.socket.send_to(pack, &self.group).map(drop).map_err(AirFault::refused)
    }
}

/// Hears whatever is on the air, and cannot say anything.
#[derive(Debug)]
pub struct Receiver {
    socket: UdpSocket,
    patience: Option<Duration>,
    packet: [u8; PACKET_LEN_MAX],
}

impl Receiver {
    /// Tunes in, beside all others that listen on this machine: every robot of a hall hears every other one.
    ///
    /// # Errors
    /// [`AirFault::Tune`] when the group or its port cannot be listened to.
    pub fn open(air: SocketAddrV4) -> Result<Self, AirFault> {
        let socket = receiving(air).map_err(|e| AirFault::tune(air, e))?;
        Ok(Self { socket, patience: None, packet: [0; PACKET_LEN_MAX] })
    }

    /// Asks the system to keep so many bytes of packets until they are read; it may keep fewer. For a listener who rather hears late
    /// than not at all: a robot's own receiver does not, since what it hears late does not count.
    ///
    /// # Errors
    /// [`AirFault`] when the system keeps none.
    pub fn with_room(self, len: usize) -> Result<Self, AirFault> {
        socket2::SockRef::from(&self.socket).set_recv_buffer_size(len).map_err(AirFault::deaf)?;
        Ok(self)
    }

    fn read(&mut self, patience: Duration) -> io::Result<usize> {
        if self.patience != Some(patience) {
            self.socket.set_read_timeout(Some(patience))?;
            self.patience = Some(patience);
        }
        self.socket.recv(&mut self.packet)
    }
}

fn receiving(air: SocketAddrV4) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from(air).into())?;
    socket.join_multicast_v4(air.ip(), &Ipv4Addr::LOCALHOST)?;
    Ok(socket.into())
}

impl Receive for Receiver {
    fn receive(&mut self, patience: Duration) -> Result<Option<&[u8]>, AirFault> {
        match self.read(patience) {
            Ok(length) => Ok(Some(&self.packet[..length])),
            Err(error) if is_silence(error.kind()) => Ok(None),
            Err(error) => Err(AirFault::deaf(error)),
        }
    }
}

fn is_silence(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn free_air() -> SocketAddrV4 {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        SocketAddrV4::new(Ipv4Addr::new(239, 255, 9, 1), port)
    }

    #[test]
    fn everyone_who_is_tuned_in_hears_every_pack_whole_and_in_order() {
        let air = free_air();
        let (mut one, mut two) = (Receiver::open(air).unwrap(), Receiver::open(air).unwrap());
        let mut transmitter = Transmitter::open(air).unwrap();
        for pack in [&[7; 228][..], &[8; 203], &[9; 400]] {
            transmitter.transmit(pack).unwrap();
            assert_eq!(one.receive(PATIENCE).unwrap(), Some(pack));
            assert_eq!(two.receive(PATIENCE).unwrap(), Some(pack));
        }
        assert_eq!(one.receive(Duration::from_millis(1)).unwrap(), None, "silence is no fault");
    }

    fn heard(receiver: &mut Receiver) -> usize {
        std::iter::from_fn(|| receiver.receive(Duration::from_millis(1)).unwrap().map(<[u8]>::len)).count()
    }

    #[test]
    fn a_receiver_with_room_keeps_a_flood_that_another_loses() {
        const FLOOD: usize = 1_500;
        let air = free_air();
        let (mut plain, mut roomy) =
            (Receiver::open(air).unwrap(), Receiver::open(air).unwrap().with_room(4 << 20).unwrap());
        let room = |receiver: &Receiver| socket2::SockRef::from(&receiver.socket).recv_buffer_size().unwrap();
        let (small, large) = (room(&plain), room(&roomy));
        let mut transmitter = Transmitter::open(air).unwrap();
        (0..FLOOD).for_each(|_| transmitter.transmit(&[7; 228]).unwrap());
        let (few, many) = (heard(&mut plain), heard(&mut roomy));
        assert!(large > small, "the system gives no more than {small} bytes");
        assert!(many > few, "{few} of {FLOOD} in {small} bytes, {many} in {large}");
    }

    #[test]
    fn a_group_that_is_none_is_refused_when_it_is_tuned_to() {
        let refused = Receiver::open(SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_air().port())).unwrap_err();
        assert!(matches!(refused, AirFault::Tune { .. }), "{refused}");
    }
}
