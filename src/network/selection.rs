//! Which messages of a link a fault is for: all, those of one type, or only the next few.

/// Which messages of a link a fault is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Messages of this type; of every type if there is none.
    pub kind: Option<String>,
    /// Only so many more of them; without an end if there is none.
    pub next: Option<u64>,
}

impl Selection {
    /// All messages, without an end.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    pub(super) fn is_everything(&self) -> bool {
        self.kind.is_none() && self.next.is_none()
    }

    /// Is a message of the type `kind` one of them?
    #[must_use]
    pub fn includes(&self, kind: &str) -> bool {
        self.kind.as_deref().is_none_or(|selected| selected == kind)
    }
}
