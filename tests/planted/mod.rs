//! A right server with a bug planted in it.

use splitbrain::base::Time;
use splitbrain::machine::{AnyInput, AnyMachine, NotDecoded, Output, Outputs, Payload, Undecodable};
use splitbrain::wire::StateChange;
use splitbrain::wire::control::{Inspect, InspectOk};

/// What a server does otherwise than the right one.
pub trait Bug {
    /// Takes an input; the right server takes it as it comes.
    ///
    /// # Errors
    /// The input kills the server.
    fn take(
        &mut self,
        right: &mut dyn AnyMachine,
        now: Time,
        input: AnyInput<'_>,
        outputs: &mut Outputs,
    ) -> Result<(), Undecodable> {
        right.step(now, input, outputs)
    }

    /// What becomes of an output of the right server, if anything does: it happens as it is.
    fn alter(&mut self, output: Output) -> Option<Output> {
        Some(output)
    }
}

struct Planted<B> {
    right: Box<dyn AnyMachine>,
    bug: B,
}

impl<B: Bug> AnyMachine for Planted<B> {
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable> {
        let mut of_step = Outputs::default();
        self.bug.take(&mut *self.right, now, input, &mut of_step)?;
        self.right.flush(&mut of_step);
        of_step.drain().filter_map(|output| self.bug.alter(output)).for_each(|output| outputs.put(output));
        Ok(())
    }

    /// Each step is flushed as it ends.
    fn flush(&mut self, _outputs: &mut Outputs) {}

    fn take_changes(&mut self) -> StateChange {
        self.right.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.right.inspect(question)
    }

    fn decode_peer(&self, bytes: &[u8]) -> Result<Payload, NotDecoded> {
        self.right.decode_peer(bytes)
    }
}

/// The right server with a bug.
pub fn planted(bug: impl Bug + 'static, right: Box<dyn AnyMachine>) -> Box<dyn AnyMachine> {
    Box::new(Planted { right, bug })
}
