//! A server's folder: the founding record, then the log.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::base::{Incarnation, NodeName, limits};
use crate::machine::Program;
use crate::node::log::{FolderError, LockedFolder, Opened, PreallocatedFile};
use crate::node::{ShellError, Storage};
use crate::protocol::{Agreement, Protocol};
use crate::tcp::chance;
use crate::tcp::founding::{Founding, Standing};
use crate::tcp::membership::{Identity, Membership, MembershipError};
use crate::tcp::server::ServeError;
use crate::wire::disk::{FileName, Room};

/// A folder that is this server's.
pub(super) struct Disk {
    folder: Rc<LockedFolder>,
    cluster: String,
    node: NodeName,
    membership: Membership,
    /// Are servers of its protocol founded?
    agreement: Agreement,
    /// A number of this life's own.
    number: u64,
}

impl Disk {
    /// Locks the folder, and reads what it says of the founding.
    pub(super) fn open(
        folder: &Path,
        cluster: &str,
        protocol: &'static Protocol,
        node: NodeName,
    ) -> Result<Self, MembershipError> {
        make_to_stay(folder)?;
        let folder = Rc::new(LockedFolder::open(folder)?);
        let identity = Identity { cluster, protocol: protocol.name, node };
        let membership = Membership::open(&folder, identity, chance::unique_number)?;
        let drawn = chance::unique_number();
        let number = drawn.map_err(FolderError::while_trying("draw a number for", folder.path()))?;
        Ok(Self { folder, cluster: cluster.to_owned(), node, membership, agreement: protocol.agreement, number })
    }

    /// What it says of the founding; nothing where the protocol has no members.
    pub(super) fn standing(&self) -> Option<Standing> {
        match self.agreement {
            Agreement::Consensus => Some(self.membership.standing()),
            Agreement::Eventual => None,
        }
    }

    /// Writes the founding record down.
    pub(super) fn found(&mut self, founding: &Founding) -> Result<(), MembershipError> {
        Ok(self.membership.found(&self.folder, founding)?)
    }

    /// Opens the log.
    pub(super) fn open_log(&self, program: &Program) -> Result<Opened, ServeError> {
        let file = FileName::log();
        let medium = PreallocatedFile::open(Rc::clone(&self.folder), file.as_str()).map_err(MembershipError::from)?;
        let place: PathBuf = self.folder.path().join(file.as_str());
        let storage =
            Storage { medium: Box::new(medium), cluster: self.cluster.clone(), place: place.display().to_string() };
        Ok(storage.open(program, self.node, Room::Space).map_err(ShellError::from)?)
    }

    /// The life that begins now. Without members nobody can say whether a folder that is empty was always so: the number of a
    /// first life is drawn there, for no two lives may have the same.
    pub(super) fn incarnation(&self, is_founder: bool, has_log: bool) -> Incarnation {
        match self.agreement {
            Agreement::Consensus => self.membership.incarnation(is_founder, has_log),
            Agreement::Eventual if has_log => Incarnation(0),
            Agreement::Eventual => Incarnation(u32::try_from(self.number >> 33).expect("31 bits")),
        }
    }

    /// The seed of what is drawn in this life.
    pub(super) fn seed(&self) -> u64 {
        self.number & limits::GREATEST_SEED
    }

    /// Writes down that this life has begun.
    pub(super) fn begin(&mut self, life: Incarnation) -> Result<(), MembershipError> {
        Ok(self.membership.begin(&self.folder, life)?)
    }
}

/// Makes a folder, and those above it that are not there, so that all of them survive a loss of power.
fn make_to_stay(folder: &Path) -> Result<(), FolderError> {
    if folder.exists() {
        return Ok(());
    }
    let missing: Vec<_> =
        folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
    fs::create_dir_all(folder).map_err(FolderError::while_trying("make the data folder", folder))?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = File::open(above).and_then(|above| above.sync_all());
        synced.map_err(FolderError::while_trying("sync the folder", above))?;
    }
    Ok(())
}
