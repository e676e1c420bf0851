//! Failing scripts, shortened by dropping commands.

use super::command::Command;

/// Drops commands for as long as what is left still fails: ever smaller groups, until no single one can go, and then
/// lines of blocks.
pub fn shrink(commands: &[Command], fails: impl Fn(&[Command]) -> bool) -> Vec<Command> {
    let mut kept = commands.to_vec();
    let mut group = kept.len();
    while group > 0 {
        let mut start = 0;
        let mut dropped = false;
        while start < kept.len() {
            let mut shorter = kept.clone();
            shorter.drain(start..(start + group).min(kept.len()));
            if fails(&shorter) {
                kept = shorter;
                dropped = true;
            } else {
                start += group;
            }
        }
        if !dropped || group > 1 {
            group /= 2;
        }
    }
    while let Some(shorter) = with_a_shorter_block(&kept).into_iter().find(|shorter| fails(shorter)) {
        kept = shorter;
    }
    kept
}

/// Every way to drop one line of one block, and leave one.
fn with_a_shorter_block(commands: &[Command]) -> Vec<Vec<Command>> {
    let mut all = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let Command::Par(lines) = command else { continue };
        for line in (0..lines.len()).filter(|_| lines.len() > 1) {
            let mut shorter = lines.clone();
            shorter.remove(line);
            let mut script = commands.to_vec();
            script[index] = Command::Par(shorter);
            all.push(script);
        }
    }
    all
}
