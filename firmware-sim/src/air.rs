//! The face to the air: the firmware's own receiver of its own robot's disclosures.
//!
//! A multicast group on the loopback interface stands for the radio. What is heard here and holds is all that ever
//! raises the pin `beacon_heard`; the agent has no word for it.
//!
//! Leaves to others: what a disclosure is (`shared::beacon`), what a silence costs (`interlock`).

use crate::dropped::Dropped;
use crate::fault::Fault;
use shared::beacon::{self, Listener};
use shared::seal::PublicKey;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

/// A disclosure of our own robot was heard, whole and newer than the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard;

const HEARD_MAX: usize = 8;

/// Tunes in and starts the receiver's thread.
///
/// # Errors
/// [`Fault::Unusable`] when the group or its port cannot be listened to.
pub fn open(air: SocketAddrV4, robot_key: PublicKey, dropped: Arc<Dropped>) -> Result<Receiver<Heard>, Fault> {
    let socket = tune_in(air).map_err(|e| Fault::Unusable(format!("listening to the air at {air} failed: {e}")))?;
    let (heard, receiver) = sync_channel(HEARD_MAX);
    let listener = Listener::new(robot_key);
    thread::spawn(move || listen(&socket, listener, &heard, &dropped));
    Ok(receiver)
}

/// Several receivers share the group and its port: every robot of the hall hears every other one.
fn tune_in(air: SocketAddrV4) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from(air).into())?;
    socket.join_multicast_v4(air.ip(), &Ipv4Addr::LOCALHOST)?;
    Ok(socket.into())
}

fn listen(socket: &UdpSocket, mut listener: Listener, heard: &SyncSender<Heard>, dropped: &Dropped) {
    // One byte more than a disclosure has, so that a longer packet is seen to be longer.
    let mut bytes = [0; beacon::LEN + 1];
    loop {
        let Ok(length) = socket.recv(&mut bytes) else { continue };
        match listener.hear(&bytes[..length]) {
            Ok(_) => {
                // A full channel already says what this would say.
                if let Err(TrySendError::Disconnected(_)) = heard.try_send(Heard) {
                    return;
                }
            }
            Err(reject) => dropped.count(reject.into()),
        }
    }
}
