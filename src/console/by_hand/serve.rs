//! A server by hand with its console.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{Signal, raise};
use tokio::sync::{mpsc, oneshot};

use crate::base::{Environment, NodeName, Verdict};
use crate::console::by_hand::{Lines, Opened, Order, OrderReader, Printer, Typed};
use crate::script::Shown;
use crate::tcp::bounds;
use crate::tcp::links::Tell;
use crate::tcp::server::{self, Left, NotShown, ServeError, ServerOptions};
use crate::wire::control::{InspectOk, Part};
use crate::wire::printed::{self, Broken};

/// How a server begins: everything but whom it tells of what.
pub struct Serving {
    /// What it is started with; whom it tells is filled in here.
    pub options: Box<dyn FnOnce(Tell) -> Result<ServerOptions, Environment>>,
    /// Who it is.
    pub node: NodeName,
    /// All servers, and the ports at which they listen.
    pub servers: BTreeMap<NodeName, u16>,
}

/// Runs a server with its console, until it is told to leave.
///
/// Input that ends before its first line, as of a process in the background, is no console: the server goes on without.
///
/// # Errors
/// The terminal cannot be used, or the server cannot be started as it was asked to.
pub fn serve(serving: Serving) -> Result<Verdict, Environment> {
    let Serving { options, node, servers } = serving;
    let names: Vec<_> = servers.keys().copied().collect();
    let reader = OrderReader::new(node, &names).with_ports(servers);
    let Opened { lines, printer, terminal } = Lines::open(&reader.prompt(), reader.names())?;
    let tell: Tell = {
        let printer = printer.clone();
        Rc::new(move |text: &str| printer.remark(text))
    };
    let options = options(tell)?;
    let (orders, received) = mpsc::channel(bounds::ORDERS);
    let was_interrupted = Arc::new(AtomicBool::new(false));
    let mut console = Console { node, reader, orders, printer: printer.clone(), was_used: false };
    let interrupted = Arc::clone(&was_interrupted);
    let begin_console = move || {
        lines.on_a_thread(move |typed| {
            interrupted.store(matches!(typed, Typed::Interrupted), Ordering::Release);
            console.take(typed)
        })
    };
    let result = server::serve(options, received, begin_console);
    terminal.restore();
    match result {
        Ok(Left::Told) if !was_interrupted.load(Ordering::Acquire) => Ok(Verdict::Passed),
        Ok(Left::Told | Left::Interrupted) => Ok(Verdict::Interrupted),
        Err(error) => {
            printer.remark(&format!("error: {error}"));
            Ok(verdict_of(&error))
        }
    }
}

fn verdict_of(error: &ServeError) -> Verdict {
    match error {
        ServeError::Cluster(_) => Verdict::Mistake,
        ServeError::Peer { .. } | ServeError::Own(_) => Verdict::NodeFault,
        ServeError::Folder(_) | ServeError::Disk(_) | ServeError::Console(_) | ServeError::System { .. } => {
            Verdict::Environment
        }
    }
}

/// The console of a server.
struct Console {
    node: NodeName,
    reader: OrderReader,
    orders: mpsc::Sender<server::Order>,
    printer: Printer,
    /// Was a line read?
    was_used: bool,
}

impl Console {
    /// Carries out what was typed. Ends where nobody is left to carry out more.
    fn take(&mut self, typed: Typed) -> ControlFlow<()> {
        match typed {
            Typed::Line { number, text } => {
                self.was_used = true;
                match self.reader.read(number, &text) {
                    Ok(None) => ControlFlow::Continue(()),
                    Ok(Some(order)) => self.obey(order),
                    Err(why) => {
                        self.printer.remark(&why);
                        ControlFlow::Continue(())
                    }
                }
            }
            Typed::Unreadable { number, why } => {
                self.was_used = true;
                self.printer.remark(&format!("line {number}: {why}"));
                ControlFlow::Continue(())
            }
            Typed::End if !self.was_used && !self.printer.is_interactive() => ControlFlow::Break(()),
            Typed::End | Typed::Interrupted => self.leave(),
            Typed::Failed(error) => {
                self.printer.remark(&format!("{error}; the server goes on without a console"));
                ControlFlow::Break(())
            }
        }
    }

    /// No line is asked for any more.
    fn leave(&self) -> ControlFlow<()> {
        // A server that has left needs no order to.
        let _ = self.orders.blocking_send(server::Order::Leave);
        ControlFlow::Break(())
    }

    /// Gives an order, and waits for its answer; nothing if the server has left.
    fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> server::Order) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.orders.blocking_send(order(answer)).ok()?;
        answered.blocking_recv().ok()
    }

    fn obey(&self, order: Order) -> ControlFlow<()> {
        match order {
            Order::Leave => return self.leave(),
            Order::Fail => crash(),
            Order::Help(text) => return self.answer(&text),
            Order::Show(shown) => return self.show(shown),
            Order::Cut(others) => self.change(&others, server::Order::Cut, "cut already"),
            Order::Mend(others) => self.change(&others, server::Order::Mend, "not cut"),
            Order::Connect { but } => {
                self.ask(|answer| server::Order::Connect(but, answer));
                for other in self.ask(server::Order::ShowBrokenLinks).unwrap_or_default() {
                    self.printer.remark(&format!("the link {} {other} stays cut", self.node));
                }
            }
            Order::Nominate(server) => {
                let nomination = self.ask(|answer| server::Order::Nominate(server, answer));
                if let Some(why) = nomination.and_then(|nomination| nomination.objection(server)) {
                    self.printer.remark(&why);
                }
            }
            Order::Operation(_) | Order::Attach(_) => unreachable!("the table offers it at a client only"),
        }
        ControlFlow::Continue(())
    }

    fn change(
        &self,
        others: &BTreeSet<NodeName>,
        order: impl Fn(NodeName, oneshot::Sender<bool>) -> server::Order,
        otherwise: &str,
    ) {
        for &other in others {
            if self.ask(|answer| order(other, answer)) == Some(false) {
                self.printer.remark(&format!("the link {} {other} is {otherwise}", self.node));
            }
        }
    }

    fn answer(&self, text: &str) -> ControlFlow<()> {
        match self.printer.answer(text) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.printer.remark(&error.to_string());
                ControlFlow::Continue(())
            }
        }
    }

    fn show(&self, shown: Shown) -> ControlFlow<()> {
        match self.lines_of(shown) {
            // The server has left.
            None => ControlFlow::Break(()),
            Some(Ok(lines)) if lines.is_empty() => ControlFlow::Continue(()),
            Some(Ok(lines)) => self.answer(&lines.join("\n")),
            Some(Err(why)) => {
                self.printer.remark(&why.to_string());
                ControlFlow::Continue(())
            }
        }
    }

    fn lines_of(&self, shown: Shown) -> Option<Result<Vec<String>, NotShown>> {
        Some(match shown {
            Shown::Blockchain => self.entries(Part::Chain, |piece| piece.chain)?.map(|blocks| shown_lines(&blocks)),
            Shown::Log => self.entries(Part::Log, |piece| piece.log)?.map(|entries| shown_lines(&entries)),
            Shown::Queue => self.entries(Part::Queue, |piece| piece.queue)?.map(|requests| shown_lines(&requests)),
            Shown::Depth => {
                let blocks = self.entries(Part::Chain, |piece| piece.chain)?;
                blocks.map(|blocks| vec![blocks.len().to_string()])
            }
            Shown::Store => self.entries(Part::Store, |piece| piece.store)?.map(|entries| {
                let lines = printed::store(entries.iter().map(|(key, value)| (key, value)));
                lines.iter().map(|line| printed::on_one_line(line).into_owned()).collect()
            }),
            Shown::Role => {
                let role = self.ask(server::Order::ShowRole)?;
                role.map(|role| vec![printed::role(role.role, role.term, role.queued)])
            }
            Shown::BrokenLinks => {
                let others = self.ask(server::Order::ShowBrokenLinks)?;
                let line = |other| printed::broken_link(self.node, other, Broken::BothWays);
                Ok(others.into_iter().map(line).collect())
            }
        })
    }

    /// All entries of a part, from all its pieces; nothing if the server has left.
    fn entries<T>(&self, part: Part, take: impl Fn(InspectOk) -> Option<Vec<T>>) -> Option<Result<Vec<T>, NotShown>> {
        let pieces = self.ask(|answer| server::Order::Show(part, answer))?;
        Some(pieces.map(|pieces| pieces.into_iter().filter_map(take).flatten().collect()))
    }
}

fn shown_lines(entries: &[impl ToString]) -> Vec<String> {
    entries.iter().map(ToString::to_string).collect()
}

/// Ends this process as a power switch does: nothing is closed, nothing is said.
fn crash() -> ! {
    // It does not come back from that.
    let _ = raise(Signal::SIGKILL);
    std::process::abort()
}
