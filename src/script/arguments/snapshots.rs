//! What is said of a snapshot: its name, and which parts it shows.

use crate::base::limits;
use crate::script::arguments::ArgumentReader;
use crate::script::excerpt::quoted;
use crate::script::invocation::Argument;
use crate::script::mistake::Mistake;
use crate::script::nearest::nearest;
use crate::script::snapshots::TRANSCRIPT;
use crate::script::table::Parameter;
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
                    .help(format!("each is a file of its own\n{}", command.hint_at(console)))
                    .also(first, "the first one")
            });
        }
        Argument::Text(name.to_owned())
    }

    /// Some of several words, with commas between them.
    pub(super) fn some_of(
        &mut self,
        parameter: &Parameter,
        choices: &'static [&'static str],
        word: &Word<'_>,
    ) -> Argument {
        let mut start = word.range.start;
        let mut found = Vec::new();
        for text in word.text.split(',') {
            let range = start..start + text.len();
            start = range.end + 1;
            let part = Word { text, range, unquoted: None };
            match choices.iter().position(|choice| *choice == text) {
                Some(index) if found.contains(&index) => self.refuse(&part, "is there twice", "the second time"),
                Some(index) => found.push(index),
                None => self.report_no_choice(parameter, choices, &part),
            }
        }
        found.sort_unstable();
        Argument::Words(found.into_iter().map(|index| choices[index]).collect())
    }

    /// A word is none of those that may stand there.
    pub(super) fn report_no_choice(&mut self, parameter: &Parameter, choices: &[&'static str], word: &Word<'_>) {
        let (line, command, console) = (self.line, self.command, self.console);
        self.tally.add(|| {
            let meant = nearest(word.text, choices.iter().copied());
            let listed = format!("{} is one of {}", parameter.name.to_uppercase(), choices.join(", "));
            let help = meant.map_or(listed.clone(), |near| format!("did you mean `{near}`? {listed}"));
            let message = format!("`{}` does not know {}", self.typed, quoted(word.text));
            Mistake::new(message, line.place(word.range.clone()))
                .label("not one of the choices")
                .help(format!("{help}\n{}", command.hint_at(console)))
        });
    }
}
