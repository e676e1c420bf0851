//! A client by hand with its console.
//!
//! The next line is read when the operation before has its answer, or has waited so long that it is told what for: then the
//! user may go on, and the answer comes when it comes. Answers come in the order of the operations.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self as blocking, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::{Environment, NodeName, Span, Verdict};
use crate::console::by_hand::{Lines, Opened, Order, OrderReader, Printer, Typed};
use crate::store::Operation;
use crate::tcp::bounds;
use crate::tcp::client::{self, ClientError, ClientOptions, Handle, Left, Unanswered};
use crate::tcp::links::Tell;
use crate::wire::{Completion, printed};

/// How a client begins: everything but whom it tells of what.
pub struct Attending {
    /// What it is started with; whom it tells is filled in here.
    pub options: Box<dyn FnOnce(Tell) -> Result<ClientOptions, Environment>>,
    /// Who it is.
    pub node: NodeName,
    /// All servers.
    pub servers: Vec<NodeName>,
    /// How long messages are delayed, as far as is known here.
    pub delay: Span,
}

/// Runs a client with its console: until it is told to leave, or until its input has ended and everything is answered.
///
/// # Errors
/// The terminal cannot be used, or the client cannot be started as it was asked to.
pub fn attend(attending: Attending) -> Result<Verdict, Environment> {
    let Attending { options, node, servers, delay } = attending;
    let reader = OrderReader::new(node, &servers);
    let Opened { lines, printer, terminal } = Lines::open(&reader.prompt(), reader.names())?;
    let tell: Tell = {
        let printer = printer.clone();
        Rc::new(move |text: &str| printer.remark(text))
    };
    let options = options(tell)?;
    let (handle, orders) = Handle::new();
    let was_interrupted = Arc::new(AtomicBool::new(false));
    let grace = Duration::from_micros(bounds::wait_told_after(delay).0);
    let outlet = Outlet { printer: printer.clone(), has_failed: Arc::default(), handle: handle.clone() };
    let has_failed = Arc::clone(&outlet.has_failed);
    let answers = print_answers(outlet.clone())?;
    let mut console = Console { reader, handle, answers, grace, unprinted: None, outlet };
    let interrupted = Arc::clone(&was_interrupted);
    lines.on_a_thread(move |typed| {
        interrupted.store(matches!(typed, Typed::Interrupted), Ordering::Release);
        console.take(typed)
    })?;
    let result = client::run(options, orders);
    terminal.restore();
    let was_interrupted = was_interrupted.load(Ordering::Acquire);
    Ok(match result {
        Ok(Left { was_interrupted: by_signal, unanswered }) => {
            tell_unanswered(&printer, &unanswered);
            match (by_signal || was_interrupted, has_failed.load(Ordering::Acquire)) {
                (true, _) => Verdict::Interrupted,
                (false, true) => Verdict::Environment,
                (false, false) => Verdict::Passed,
            }
        }
        Err(error) => {
            printer.remark(&format!("error: {error}"));
            verdict_of(&error)
        }
    })
}

/// What failed, as an exit code says it.
#[must_use]
pub fn verdict_of(error: &ClientError) -> Verdict {
    match error {
        ClientError::SentAway { .. } | ClientError::Machine(_) => Verdict::NodeFault,
        ClientError::System { .. } => Verdict::Environment,
    }
}

fn tell_unanswered(printer: &Printer, unanswered: &[Unanswered]) {
    for Unanswered { operation, was_sent } in unanswered {
        let fate = if *was_sent { "was not answered: it may or may not be carried out" } else { "was never sent" };
        printer.remark(&format!("`{operation}` {fate}"));
    }
}

/// Where answers go. Where they cannot be printed the client leaves: nobody hears it any more.
#[derive(Clone)]
struct Outlet {
    printer: Printer,
    has_failed: Arc<AtomicBool>,
    handle: Handle,
}

impl Outlet {
    fn answer(&self, text: &str) {
        if let Err(error) = self.printer.answer(text)
            && !self.has_failed.swap(true, Ordering::AcqRel)
        {
            self.printer.remark(&format!("error: {error}"));
            // It may have left already.
            let _is_there = self.handle.give(client::Order::Leave);
        }
    }
}

/// An operation that is under way, as the thread that prints its answer gets it.
struct Asked {
    operation: Operation,
    completion: oneshot::Receiver<Completion>,
    printed: blocking::Sender<()>,
}

/// Starts the thread that prints answers, in the order in which the operations were asked.
fn print_answers(outlet: Outlet) -> Result<blocking::Sender<Asked>, Environment> {
    let (answers, asked) = blocking::channel::<Asked>();
    let print = move || {
        for Asked { operation, completion, printed } in asked {
            // The client has left: whoever waits is told of what was not answered.
            let Ok(completion) = completion.blocking_recv() else { continue };
            if let Completion::Error(error) = &completion
                && printed::needs_words(error.code)
            {
                outlet.printer.remark(&format!("`{operation}`: {}", error.text));
            }
            outlet.answer(&printed::on_one_line(&printed::answer(&operation, &completion)));
            // The console may have gone on reading.
            let _ = printed.send(());
        }
    };
    let thread = thread::Builder::new().name("answers".to_owned()).spawn(print);
    thread.map_err(Environment::while_trying(|| "start the thread that prints answers".to_owned()))?;
    Ok(answers)
}

struct Console {
    reader: OrderReader,
    handle: Handle,
    answers: blocking::Sender<Asked>,
    /// How long an operation is waited for before the next line is read.
    grace: Duration,
    /// Tells when the answer to the last operation is printed, if it was not when the next line was read. Answers are
    /// printed in order: then all are.
    unprinted: Option<blocking::Receiver<()>>,
    outlet: Outlet,
}

impl Console {
    fn take(&mut self, typed: Typed) -> ControlFlow<()> {
        match typed {
            Typed::Line { number, text } => match self.reader.read(number, &text) {
                Ok(None) => ControlFlow::Continue(()),
                Ok(Some(order)) => self.obey(order),
                Err(why) => {
                    self.outlet.printer.remark(&why);
                    ControlFlow::Continue(())
                }
            },
            Typed::Unreadable { number, why } => {
                self.outlet.printer.remark(&format!("line {number}: {why}"));
                ControlFlow::Continue(())
            }
            Typed::Interrupted => self.leave(),
            Typed::End => self.leave_when_answered(),
            Typed::Failed(error) => {
                self.outlet.printer.remark(&error.to_string());
                self.leave_when_answered()
            }
        }
    }

    /// No line is asked for any more.
    fn leave(&self) -> ControlFlow<()> {
        let _is_there = self.handle.give(client::Order::Leave);
        ControlFlow::Break(())
    }

    /// The same, when every operation that was read has its answer, and that is printed.
    fn leave_when_answered(&mut self) -> ControlFlow<()> {
        if let Some(printed) = self.unprinted.take() {
            // Nothing comes if the client has left.
            let _ = printed.recv();
        }
        self.leave()
    }

    fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> client::Order) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        if self.handle.give(order(answer)) { answered.blocking_recv().ok() } else { None }
    }

    fn obey(&mut self, order: Order) -> ControlFlow<()> {
        match order {
            Order::Leave => return self.leave(),
            Order::Help(text) => {
                self.outlet.answer(&text);
            }
            Order::Operation(operation) => return self.invoke(operation),
            Order::Attach(server) => {
                if self.ask(|answer| client::Order::Attach(server, answer)) == Some(false) {
                    let name = server.in_words();
                    self.outlet.printer.remark(&format!("{name} is not there; it is asked first when it is"));
                }
            }
            Order::Nominate(server) => {
                let nomination = self.ask(|answer| client::Order::Nominate(server, answer));
                if let Some(why) = nomination.and_then(|nomination| nomination.objection(server)) {
                    self.outlet.printer.remark(&why);
                }
            }
            Order::Fail | Order::Show(_) | Order::Cut(_) | Order::Mend(_) | Order::Connect { .. } => {
                unreachable!("the table offers it at a server only")
            }
        }
        ControlFlow::Continue(())
    }

    fn invoke(&mut self, operation: Operation) -> ControlFlow<()> {
        let (answer, completion) = oneshot::channel();
        let (printed, is_printed) = blocking::channel();
        let asked = Asked { operation: operation.clone(), completion, printed };
        if self.answers.send(asked).is_err() || !self.handle.give(client::Order::Invoke(operation, answer)) {
            return ControlFlow::Break(());
        }
        // The user goes on, whether it was answered or not.
        match is_printed.recv_timeout(self.grace) {
            Ok(()) => {
                self.unprinted = None;
                ControlFlow::Continue(())
            }
            Err(RecvTimeoutError::Timeout) => {
                self.unprinted = Some(is_printed);
                ControlFlow::Continue(())
            }
            // The client has left.
            Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
        }
    }
}
