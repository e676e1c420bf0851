//! The name of a snapshot.

use crate::base::limits;
use crate::script::arguments::ArgumentReader;
use crate::script::excerpt::quoted;
use crate::script::invocation::Argument;
use crate::script::mistake::Mistake;
use crate::script::snapshots::TRANSCRIPT;
use crate::script::words::Word;

impl<F> ArgumentReader<'_, F> {
    /// The name of a snapshot, which is new, and also that of a file.
    pub(super) fn snapshot_name(&mut self, word: &Word<'_>) -> Argument {
        let name = word.text;
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_name {
            self.refuse(word, "is not a name for a snapshot", "expected lower-case letters, digits and dashes");
            return Argument::Absent;
        }
        if name.len() > limits::SNAPSHOT_NAME_BYTES {
            let most = format!("at most {} letters", limits::SNAPSHOT_NAME_BYTES);
            self.refuse(word, "is too long for the name of a snapshot", &most);
            return Argument::Absent;
        }
        if name == TRANSCRIPT {
            self.refuse(word, "is the name of the transcript itself", "choose another one");
            return Argument::Absent;
        }
        if let Some(first) = self.snapshots.taken(name) {
            let (line, command, console) = (self.line, self.command, self.console);
            self.tally.add(|| {
                Mistake::new(format!("{} names two snapshots", quoted(name)), line.place(word.range.clone()))
                    .label("the second one")
                    .help(format!("each is a file of its own\n{}", line.hint_at(command, console)))
                    .also(first, "the first one")
            });
        }
        Argument::Text(name.to_owned())
    }
}
