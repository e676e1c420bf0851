//! What is measured as sent is what the account of the run counts: under every script of this repository.

use std::cell::Cell;
use std::rc::Rc;

use splitbrain::base::Environment;
use splitbrain::cluster::{InMemory, Interruption};
use splitbrain::experiment::{Form, OnFinding, Options, Snapshots, TABLE, carry_out, own_program};
use splitbrain::script::{self, Source};
use splitbrain::trace::{Account, Happening, Memory, MessageName, Moment, Reader, Sink, Statistics};

use crate::files::scripts;

/// Keeps the account of a run.
#[derive(Clone, Default)]
struct LastAccount(Rc<Cell<Option<Account>>>);

impl Reader for LastAccount {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        if let Happening::End { account } = happening {
            self.0.set(Some(*account));
        }
        Ok(())
    }
}

#[test]
fn what_is_sent_is_what_the_account_counts() {
    let mut compared = 0;
    for (path, text) in scripts() {
        let name = path.display().to_string();
        let source = Source::from_bytes(name.clone(), text.into_bytes()).expect("a script");
        let script = script::parse(&TABLE, &source).expect("a script without mistakes");
        if own_program(&script.invocations).is_some() {
            continue;
        }
        let (statistics, account) = (Statistics::default(), LastAccount::default());
        let readers: [Box<dyn Reader>; 2] = [Box::new(statistics.clone()), Box::new(account.clone())];
        let sink = || Sink::new("memory", Memory::default());
        let options = Options {
            seed: None,
            protocol: None,
            form: Form::Plain,
            snapshots: Snapshots::Apart,
            on_finding: OnFinding::GoOn,
            spawner: Box::new(InMemory),
            interruption: Interruption::default(),
            out: sink(),
            err: sink(),
        };
        carry_out(&script, options, readers);
        let figures = statistics.figures();
        let of_others = figures.traffic.iter().filter(|(kind, _)| !MessageName::is_heartbeat(kind));
        let sent: u64 = of_others.map(|(_, traffic)| traffic.messages).sum();
        assert_eq!(Some(sent), account.0.get().map(|account| account.sent), "{name}");
        compared += u32::from(sent > 0);
    }
    assert!(compared > 100, "only {compared} scripts send anything: the test has gone blind");
}
