//! Unix sockets in folders with the right mode.

use crate::fault::Fault;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Who reaches a socket: the modes of its folder and of itself.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    folder: u32,
    socket: u32,
}

/// Nobody but the owner.
pub const OWNER_ONLY: Access = Access { folder: 0o700, socket: 0o600 };
/// The owner, and the group that the agent's user is put into.
pub const OWNER_AND_GROUP: Access = Access { folder: 0o750, socket: 0o660 };

/// Listens at `path`; makes its folder, sets its mode, and takes the place of a socket that nobody listens at.
///
/// # Errors
/// [`Fault::Unusable`] when another process listens there, or the path cannot be used.
pub fn listen(path: &Path, access: Access) -> Result<UnixListener, Fault> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    make_folder(folder, access.folder).map_err(|e| Fault::unusable("preparing the folder", folder, &e))?;
    if UnixStream::connect(path).is_ok() {
        return Err(Fault::Unusable(format!("another process listens at {}", path.display())));
    }
    bind(path, access.socket).map_err(|e| Fault::unusable("listening at", path, &e))
}

fn make_folder(folder: &Path, mode: u32) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(mode))
}

fn bind(path: &Path, mode: u32) -> io::Result<UnixListener> {
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(listener)
}
