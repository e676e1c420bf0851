//! Crashes that wait: for so many outputs, or for a message.

use crate::base::NodeName;
use crate::cluster::disk::Idle;
use crate::cluster::lockstep::life::Node;
use crate::node::Effect;

/// A crash that the script ordered for later.
#[derive(Clone, Debug)]
pub struct Armed {
    /// When it comes.
    pub point: CrashPoint,
    /// The line of the script.
    pub line: usize,
}

/// The point between two outputs at which a node crashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// After so many more outputs; before the first that follows, if 0.
    After(u64),
    /// At a message.
    Sends {
        /// Its type.
        kind: String,
        /// Whom it is for; none is anybody.
        to: Option<NodeName>,
        /// Is the message still sent?
        is_sent: bool,
    },
}

impl Armed {
    /// The warning that there is about it, as it has not come.
    pub(super) fn idle(&self, name: NodeName) -> Idle {
        let name = name.in_words();
        let text = match &self.point {
            CrashPoint::After(_) => format!("`crash` did nothing: {name} put out fewer outputs").into(),
            CrashPoint::Sends { kind, to, .. } => {
                let to = to.map_or_else(|| "anybody".to_owned(), |to| to.to_string());
                format!("`crash` did nothing: {name} sent no {kind} to {to}").into()
            }
        };
        Idle { line: self.line, text }
    }
}

impl Node {
    /// Counts the outputs that are about to happen. If a crash comes within them: after how many. `None` among them is an
    /// output that is no message.
    pub(super) fn crash_within<'e>(
        &mut self,
        effects: impl ExactSizeIterator<Item = Option<&'e Effect>>,
    ) -> Option<usize> {
        let armed = self.armed.as_mut()?;
        let count = effects.len();
        let happen = match &mut armed.point {
            CrashPoint::After(left) => match usize::try_from(*left).ok().filter(|left| *left <= count) {
                Some(left) => Some(left),
                None => {
                    *left -= count as u64;
                    None
                }
            },
            CrashPoint::Sends { kind, to, is_sent } => {
                let mut effects = effects;
                let at = effects.position(|effect| effect.is_some_and(|effect| sends(effect, kind, *to)));
                at.map(|at| at + usize::from(*is_sent))
            }
        };
        if happen.is_some() {
            self.armed = None;
        }
        happen
    }
}

/// Is this output such a message?
fn sends(effect: &Effect, kind: &str, wanted: Option<NodeName>) -> bool {
    match effect {
        Effect::Send { to, payload } | Effect::SendEarly { to, payload } => {
            payload.kind() == kind && wanted.is_none_or(|wanted| wanted == *to)
        }
        Effect::Disk(_) | Effect::SetTimer { .. } | Effect::CancelTimer { .. } | Effect::Complete(_) => false,
    }
}
