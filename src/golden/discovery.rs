//! Which scripts there are, and which of them are meant.
//!
//! Every file below the folder of scripts that ends as scripts do is one; what is hidden is not looked at. They are in the
//! byte order of their paths. A link to a folder is followed, unless that folder is one that the link is in.
//!
//! Deliberately missing: what is in a script, but for the protocols that it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::base::{Environment, Verdict};
use crate::golden::case::{Case, is_script};
use crate::golden::listing::Listing;
use crate::golden::shard::Shard;
use crate::protocol::Protocol;

/// Which scripts are meant.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The folder of all scripts.
    pub scripts: PathBuf,
    /// The folder of all goldens.
    pub snapshots: PathBuf,
    /// Scripts, and folders of scripts, below the folder of all. Nothing: all.
    pub paths: Vec<PathBuf>,
    /// Only scripts in whose path one of these stands. Nothing: all.
    pub filters: Vec<String>,
    /// Only this protocol: of scripts for several the case that is its, and scripts for it alone.
    pub protocol: Option<&'static Protocol>,
    /// Only this part of them.
    pub shard: Option<Shard>,
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// There is no such file or folder.
    #[error("{}: there is no such file or folder; name scripts or folders below {}", path.display(), scripts.display())]
    Absent {
        /// What was named.
        path: PathBuf,
        /// The folder of all scripts.
        scripts: PathBuf,
    },
    /// There is no folder of scripts.
    #[error("{}: there is no such folder; the folder of all scripts is named with --scripts", path.display())]
    NoFolder {
        /// Where it should be.
        path: PathBuf,
    },
    /// It is somewhere else.
    #[error(
        "{}: this is not below {}, and only what is has a place for its golden; name the folder of all scripts with \
         --scripts, and that of all goldens with --snapshots",
        path.display(), scripts.display()
    )]
    Elsewhere {
        /// What was named.
        path: PathBuf,
        /// The folder of all scripts.
        scripts: PathBuf,
    },
    /// A file that is no script, or a folder without one.
    #[error("{}: there is no script; the name of a script ends in .txt, .yaml or .yml, and nothing hidden is one", path.display())]
    NoScript {
        /// What was named.
        path: PathBuf,
    },
    /// No script is left.
    #[error("no script has {} in its path", filters.join(" or "))]
    NothingMatches {
        /// The filters, in backquotes.
        filters: Vec<String>,
    },
    /// No script is left that is for the protocol.
    #[error("no script that is meant is for {protocol}")]
    NothingFor {
        /// The name of the protocol.
        protocol: &'static str,
    },
    /// A script would have the golden that another one has under one of its protocols.
    #[error(
        "{} is for several protocols, and under {protocol} would have the golden {}, as {} has; rename one of them",
        several.display(), golden.display(), other.display()
    )]
    ProtocolGolden {
        /// The script for several protocols.
        several: PathBuf,
        /// The name of the protocol.
        protocol: &'static str,
        /// The script that is named as if it were for that protocol.
        other: PathBuf,
        /// The folder of their golden.
        golden: PathBuf,
    },
    /// Two scripts would have one golden.
    #[error(
        "{} and {} differ only in their ending, so that both would have the golden {}; rename one of them",
        first.display(), second.display(), golden.display()
    )]
    SharedGolden {
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// The folder of their golden.
        golden: PathBuf,
    },
    /// A path that a report could not say.
    #[error("{}: this path is not UTF-8; rename it", path.display())]
    NotUtf8 {
        /// The path.
        path: PathBuf,
    },
    /// A path that would forge lines of a report, or drive the terminal.
    #[error("{}: this path has a control character; rename it", path.display().to_string().escape_debug())]
    ControlCharacter {
        /// The path.
        path: PathBuf,
    },
    /// The file system fails.
    #[error(transparent)]
    Environment(#[from] Environment),
}

impl Unusable {
    /// What the runner's exit code says of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Environment(_) => Verdict::Environment,
            Self::Absent { .. }
            | Self::NoFolder { .. }
            | Self::Elsewhere { .. }
            | Self::NoScript { .. }
            | Self::NothingMatches { .. }
            | Self::NothingFor { .. }
            | Self::ProtocolGolden { .. }
            | Self::SharedGolden { .. }
            | Self::NotUtf8 { .. }
            | Self::ControlCharacter { .. } => Verdict::Mistake,
        }
    }
}

/// The scripts that are meant.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// In the byte order of the scripts' paths, and in the order of the protocols that each lists.
    pub(super) cases: Vec<Case>,
    /// Are these all that there are?
    pub(super) extent: Extent,
    /// The folders of the goldens of all scripts, of those too that are not meant.
    pub(super) goldens: BTreeSet<PathBuf>,
}

/// How much of all scripts a selection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that there are: a golden that none of them makes is nobody's.
    Full,
    /// Perhaps not all.
    Part,
}

/// Finds the scripts that are meant.
///
/// # Errors
/// What was named is absent, elsewhere or no script; two scripts share a golden; a folder cannot be read.
pub(super) fn discover(selection: &Selection) -> Result<Found, Unusable> {
    let Selection { scripts, snapshots, paths, filters, protocol, shard } = selection;
    let places = paths.iter().map(|path| place(path, scripts)).collect::<Result<Vec<_>, _>>()?;
    let all = all_below(scripts, snapshots)?;
    let nothing = |path: &Path| Unusable::NoScript { path: path.to_owned() };
    if all.is_empty() {
        return Err(nothing(scripts));
    }
    for (path, place) in paths.iter().zip(&places) {
        if !all.iter().any(|script| script.starts_with(place)) {
            return Err(nothing(path));
        }
    }
    let is_named = |script: &Path| places.is_empty() || places.iter().any(|place| script.starts_with(place));
    let is_everything =
        all.iter().all(|script| is_named(script)) && filters.is_empty() && protocol.is_none() && shard.is_none();
    let listings: Vec<_> = all.iter().map(|script| Listing::of(Case::new(scripts, snapshots, script))).collect();
    let is_meant = |(script, listing): &(&PathBuf, &Listing)| is_named(script) && passes(&listing.whole, filters);
    let meant: Vec<_> = all.iter().zip(&listings).filter(is_meant).map(|(_, listing)| listing).collect();
    if meant.is_empty() {
        return Err(Unusable::NothingMatches { filters: filters.iter().map(|one| format!("`{one}`")).collect() });
    }
    refuse_shared_goldens(&meant, &listings)?;
    let mut cases: Vec<_> = meant.iter().flat_map(|listing| listing.cases(*protocol)).collect();
    if let (Some(protocol), []) = (protocol, cases.as_slice()) {
        return Err(Unusable::NothingFor { protocol: protocol.name });
    }
    let mut position = 0..;
    cases.retain(|_| shard.is_none_or(|shard| position.next().is_some_and(|position| shard.holds(position))));
    let extent = if is_everything { Extent::Full } else { Extent::Part };
    Ok(Found { cases, extent, goldens: listings.iter().flat_map(Listing::goldens).collect() })
}

fn passes(case: &Case, filters: &[String]) -> bool {
    let path = case.script.display().to_string();
    filters.is_empty() || filters.iter().any(|filter| path.contains(filter))
}

/// Where below `scripts` a path is. As it is written, and else as links lead.
fn place(path: &Path, scripts: &Path) -> Result<PathBuf, Unusable> {
    if fs::symlink_metadata(path).is_err() {
        return Err(Unusable::Absent { path: path.to_owned(), scripts: scripts.to_owned() });
    }
    let written = plain(path).strip_prefix(plain(scripts)).map(Path::to_owned).ok();
    let led = || {
        let (path, scripts) = (fs::canonicalize(path).ok()?, fs::canonicalize(scripts).ok()?);
        path.strip_prefix(scripts).map(Path::to_owned).ok()
    };
    let elsewhere = || Unusable::Elsewhere { path: path.to_owned(), scripts: scripts.to_owned() };
    written
        .filter(|place| !place.components().any(|part| part == Component::ParentDir))
        .or_else(led)
        .ok_or_else(elsewhere)
}

/// An absolute path without `.` in it.
fn plain(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn refuse_shared_goldens(meant: &[&Listing], all: &[Listing]) -> Result<(), Unusable> {
    let meant: BTreeSet<_> = meant.iter().map(|listing| &listing.whole.script).collect();
    let is_meant = |one: &Case, other: &Case| meant.contains(&one.script) || meant.contains(&other.script);
    let mut wholes: BTreeMap<&Path, &Case> = BTreeMap::new();
    for Listing { whole, .. } in all {
        if let Some(other) = wholes.insert(&whole.golden, whole).filter(|other| is_meant(whole, other)) {
            let (first, second, golden) = (other.script.clone(), whole.script.clone(), whole.golden.clone());
            return Err(Unusable::SharedGolden { first, second, golden });
        }
    }
    let cases: Vec<_> = all.iter().flat_map(|listing| listing.cases(None)).collect();
    let alone = cases.iter().filter(|case| case.protocol.is_none());
    let alone: BTreeMap<&Path, &Case> = alone.map(|case| (case.golden.as_path(), case)).collect();
    for case in &cases {
        let other = alone.get(case.golden.as_path()).filter(|other| is_meant(case, other));
        if let (Some(protocol), Some(other)) = (case.protocol, other) {
            let (several, other, golden) = (case.script.clone(), other.script.clone(), case.golden.clone());
            return Err(Unusable::ProtocolGolden { several, protocol: protocol.name, other, golden });
        }
    }
    Ok(())
}

/// All scripts below a folder, by their paths in it, in byte order. Goldens are none, wherever they are.
fn all_below(folder: &Path, snapshots: &Path) -> Result<Vec<PathBuf>, Unusable> {
    if !folder.exists() {
        return Err(Unusable::NoFolder { path: folder.to_owned() });
    }
    let mut scripts = Vec::new();
    let mut within: Vec<_> = fs::canonicalize(snapshots).into_iter().collect();
    gather(folder, Path::new(""), &mut within, &mut scripts)?;
    scripts.sort_by(|left, right| left.as_os_str().as_bytes().cmp(right.as_os_str().as_bytes()));
    Ok(scripts)
}

/// Gathers the scripts below `root/folder`. `within`: folders that are not entered, those that it is in among them.
fn gather(root: &Path, folder: &Path, within: &mut Vec<PathBuf>, scripts: &mut Vec<PathBuf>) -> Result<(), Unusable> {
    let path = root.join(folder);
    let read = |what: io::Result<PathBuf>| {
        what.map_err(Environment::while_trying(|| format!("read the folder {}", path.display())))
    };
    let real = read(fs::canonicalize(&path))?;
    if within.contains(&real) {
        return Ok(());
    }
    within.push(real);
    for name in names(&path)? {
        let relative = folder.join(&name);
        let entry = root.join(&relative);
        if entry.is_dir() {
            gather(root, &relative, within, scripts)?;
        } else if is_script(&relative) {
            match relative.to_str() {
                None => return Err(Unusable::NotUtf8 { path: entry }),
                Some(name) if name.contains(char::is_control) => {
                    return Err(Unusable::ControlCharacter { path: entry });
                }
                Some(_) => {}
            }
            scripts.push(relative);
        }
    }
    within.pop();
    Ok(())
}

/// The names of what a folder holds and does not hide.
fn names(folder: &Path) -> Result<Vec<PathBuf>, Environment> {
    let name = |entry: io::Result<fs::DirEntry>| entry.map(|entry| PathBuf::from(entry.file_name()));
    let names: io::Result<Vec<_>> = fs::read_dir(folder).and_then(|entries| entries.map(name).collect());
    let names = names.map_err(Environment::while_trying(|| format!("read the folder {}", folder.display())))?;
    Ok(names.into_iter().filter(|name| !name.as_os_str().as_bytes().starts_with(b".")).collect())
}
