//! Expectations: what must hold.

use super::{Entry, Function, parameter};
use crate::experiment::expectation;
use crate::script::{Given, Held, Parameter, ParameterKind, Phase};

/// `expect [not] THAT [within TIME] ["MESSAGE"]`
pub(super) static EXPECT: Entry = Entry {
    name: "expect",
    aliases: &[],
    parameters: &[
        parameter("THAT", ParameterKind::Expectation),
        Parameter { name: "TIME", kind: ParameterKind::Duration, given: Given::After("within") },
        Parameter { name: "MESSAGE", kind: ParameterKind::Text, given: Given::AtEnd },
    ],
    phase: Phase::Passage,
    consoles: &[],
    summary: "Fails the run (exit code 1) if something does not hold; prints nothing.",
    details: "THAT is one of: `get C KEY == VALUE`: a get of this client prints that value, or ERR_KEY and the like. `leader \
              count == N`: so many servers say that they lead. `leader == S`. `stores equal`, `chains equal`: of all live \
              servers, or of those that are named behind it. `chain S prefix-of S`: the blocks of the first are the first \
              ones of the second. `alive S`. `answered NAME`: an operation that `async` began has its answer, which may be \
              an ERR_ one. It must hold now, or with `within` at some instant up to TIME from now; a get is asked again \
              100 ms after a wrong answer, and a last time as it can still be answered. `not` turns it round. What was found instead stands on standard error and in the \
              transcript, behind MESSAGE; the run goes on unless --fail-fast is given.",
    example: "expect stores equal within 5s \"replicas converge\"",
    scripts: &["expectations/what-holds-leaves-only-its-line", "expectations/within-waits-no-longer-than-it-must"],
    run: Function(|experiment, invocation| {
        let conditions = (invocation.optional_duration(1), invocation.optional_text(2));
        expectation::expect(experiment, invocation, conditions)
    }),
};

/// `! COMMAND`
pub(super) static FAILS: Entry = Entry {
    name: "!",
    aliases: &[],
    parameters: &[parameter("COMMAND", ParameterKind::Command(Held::Fallible))],
    phase: Phase::Passage,
    consoles: &[],
    summary: "Carries out a command that must fail, and fails the run (exit code 1) if it does not; prints nothing.",
    details: "It fails if it is answered with an ERR_, if it is not answered in time, if it is refused with a warning (a \
              server is dead already, a link is cut already; of several servers one is enough), and if a stabilize does not \
              converge. None of that is a warning then: a transcript shows what was answered.",
    example: "! put 2 x 1",
    scripts: &["expectations/a-command-must-fail-each-in-its-way"],
    run: Function(|experiment, invocation| experiment.expect_failure(invocation.held())),
};
