//! The shell on standard input and output: what `master node …`, `server` and `client` run.

use std::fs::File;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;

use crate::base::limits;
use crate::machine::Program;
use crate::node::line_node::LineNode;
use crate::node::shell::Storage;

/// The longest line that a node is given, in bytes, without its line break.
const LINE_DOWN_BYTES: usize = limits::LINE_BYTES + limits::HEADER_BYTES;

/// Runs a node until its standard input ends. Each step's lines leave with one write. Without a storage its records are
/// not kept.
///
/// # Errors
/// A pipe broke, a line was too long, or the host broke the node protocol ([`io::ErrorKind::InvalidData`]).
pub fn serve(program: Program, storage: Option<Storage>) -> io::Result<()> {
    let mut node = LineNode::new(program, storage);
    let mut input = io::stdin().lock();
    // Not `Stdout`: its buffer would split a step's lines into several writes.
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let (mut line, mut out) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        out.clear();
        let bound = LINE_DOWN_BYTES as u64 + 1;
        if (&mut input).take(bound).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.pop() != Some(b'\n') {
            let text = format!("a line of more than {LINE_DOWN_BYTES} bytes, or one that the end of input cut off");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let result = node.handle(&line, &mut out);
        output.write_all(&out)?;
        result.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    }
}

/// The exit code of a node; why it failed goes into its log.
#[must_use]
pub fn conclude(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
