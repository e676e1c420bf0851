//! Who was refused, and why: each told once, however often it tries.

use std::collections::BTreeSet;

use crate::tcp::bounds;
use crate::tcp::links::Tell;

/// What was told.
pub struct Refusals {
    told: BTreeSet<String>,
    tell: Tell,
}

impl Refusals {
    /// Nothing yet.
    #[must_use]
    pub fn new(tell: Tell) -> Self {
        Self { told: BTreeSet::new(), tell }
    }

    /// Tells it, if it was not told before. Of too many all are forgotten.
    pub fn tell_once(&mut self, text: String) {
        if self.told.contains(&text) {
            return;
        }
        (self.tell)(&text);
        if self.told.len() >= bounds::REFUSALS {
            self.told.clear();
        }
        self.told.insert(text);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn each_is_told_once_and_not_all_are_remembered() {
        let heard = Rc::new(RefCell::new(0));
        let count = Rc::clone(&heard);
        let mut refusals = Refusals::new(Rc::new(move |_| *count.borrow_mut() += 1));
        (0..3).for_each(|_| refusals.tell_once("no".to_owned()));
        assert_eq!(*heard.borrow(), 1);
        (0..10 * bounds::REFUSALS).for_each(|number| refusals.tell_once(number.to_string()));
        assert!(refusals.told.len() <= bounds::REFUSALS);
    }
}
