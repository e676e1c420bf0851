//! Frames that leave later, so that people can watch them: `--delay 2s`.
//!
//! Each waits for its own time, not behind the one before, and frames of one link keep their order.

use std::collections::BTreeMap;

use crate::base::{NodeName, Time};

/// Frames on their way.
#[derive(Debug, Default)]
pub struct Delays {
    waiting: BTreeMap<(Time, u64), (NodeName, Vec<u8>)>,
    count: u64,
    bytes: usize,
}

impl Delays {
    /// How many bytes wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lets a frame leave at that time.
    pub fn add(&mut self, time: Time, to: NodeName, frame: Vec<u8>) {
        self.bytes += frame.len();
        self.count += 1;
        self.waiting.insert((time, self.count), (to, frame));
    }

    /// When the next one leaves.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.waiting.keys().next().map(|(time, _)| *time)
    }

    /// Takes the next one out, if it is to leave by now.
    pub fn take_due(&mut self, now: Time) -> Option<(NodeName, Vec<u8>)> {
        let first = self.waiting.first_entry().filter(|first| first.key().0 <= now)?;
        let (to, frame) = first.remove();
        self.bytes -= frame.len();
        Some((to, frame))
    }

    /// The link is cut: what is on its way there is lost.
    pub fn lose(&mut self, node: NodeName) {
        self.waiting.retain(|_, (to, frame)| {
            let stays = *to != node;
            self.bytes -= if stays { 0 } else { frame.len() };
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_leave_in_order_and_a_cut_loses_those_of_its_link() {
        let (one, two) = (NodeName::server(1), NodeName::server(2));
        let mut delays = Delays::default();
        for (number, to) in [one, two, one].into_iter().enumerate() {
            delays.add(Time(10), to, vec![u8::try_from(number).unwrap()]);
        }
        assert_eq!((delays.next(), delays.bytes()), (Some(Time(10)), 3));
        assert_eq!(delays.take_due(Time(9)), None);
        delays.lose(two);
        assert_eq!(delays.take_due(Time(10)), Some((one, vec![0])));
        assert_eq!(delays.take_due(Time(10)), Some((one, vec![2])));
        assert_eq!((delays.next(), delays.bytes()), (None, 0));
    }
}
