//! A machine of one's own under scripts.

use crate::library::{Options, Outcome, run};
use crate::machine::{AnyMachine, Machine, Message as _, Setup};
use crate::protocol::{Agreement, MakeServer, Protocol};

/// Servers that run a [`Machine`] of one's own, for any number of scripts.
///
/// What makes a server is told its [`Setup`]: its name, the other servers, the seed. Clients are splitbrain's own sessions, as
/// they are for its own protocols.
///
/// ```
/// # use std::convert::Infallible;
/// use splitbrain::Cluster;
/// use splitbrain::base::Time;
/// use splitbrain::machine::{Input, Machine, Outputs, Violation};
/// use splitbrain::wire::{Request, Response, request::WriteOk};
///
/// /// Says yes to every write, and keeps none.
/// struct Forgetful;
///
/// impl Machine for Forgetful {
///     type Peer = Infallible;
///
///     fn step(&mut self, _now: Time, input: Input<'_, Infallible>, outputs: &mut Outputs) -> Result<(), Violation> {
///         if let Input::Request { from, request: Request::Write(write) } = input {
///             outputs.respond(from, Response::Write(WriteOk { in_reply_to: write.msg_id, stamp: None }));
///         }
///         Ok(())
///     }
/// }
///
/// let outcome = Cluster::new(|_setup| Forgetful).run("cluster servers=1 clients=1\nput c1 x 1\nget c1 x\n");
/// assert_eq!(outcome.printed, "x:ERR_TIMEOUT\n");
/// ```
#[derive(Clone, Debug)]
pub struct Cluster {
    protocol: &'static Protocol,
    options: Options,
}

impl Cluster {
    /// Servers that `make` makes, one call for each life of each. What makes them is kept until the program ends.
    pub fn new<M: Machine + 'static>(make: impl Fn(Setup) -> M + Send + Sync + 'static) -> Self {
        let make = move |setup: Setup| Box::new(make(setup)) as Box<dyn AnyMachine>;
        let server: &'static MakeServer = Box::leak(Box::new(make));
        let protocol = Protocol {
            name: "own",
            summary: "a machine of the user's own",
            agreement: Agreement::Eventual,
            message_types: M::Peer::kinds(),
            server,
        };
        Self { protocol: Box::leak(Box::new(protocol)), options: Options::default() }
    }

    /// Its servers decide together and one of them leads: clients ask any of them, and go on to the next when one does not
    /// answer. Without this each client asks the servers that it is joined to.
    #[must_use]
    pub fn with_consensus(self) -> Self {
        let protocol = Protocol { agreement: Agreement::Consensus, ..*self.protocol };
        Self { protocol: Box::leak(Box::new(protocol)), ..self }
    }

    /// The seed of everything that is drawn; it wins over the script's.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.options.seed = Some(seed);
        self
    }

    /// What reports call the script, such as its path.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// Carries out a script, in lines or in YAML. A `protocol` that it names is not looked at.
    pub fn run(&self, script: &str) -> Outcome {
        run(script, &Options { protocol: Some(self.protocol), ..self.options.clone() })
    }
}
