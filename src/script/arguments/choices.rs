//! Arguments that are one or some of several words.

use crate::script::arguments::ArgumentReader;
use crate::script::excerpt::quoted;
use crate::script::invocation::Argument;
use crate::script::mistake::Mistake;
use crate::script::nearest::nearest;
use crate::script::table::{Between, Parameter};
use crate::script::words::{Quotes, Word};

impl<'r, F> ArgumentReader<'r, F> {
    /// One of several words.
    pub(super) fn one_of(&mut self, parameter: &Parameter, choices: &[&'static str], word: &Word<'_>) -> Argument {
        if choices.contains(&word.text) {
            return Argument::Text(word.text.to_owned());
        }
        self.report_no_choice(parameter, choices, word);
        Argument::Absent
    }

    /// Some of several words, with commas between them; their order says nothing.
    pub(super) fn some_of(
        &mut self,
        parameter: &Parameter,
        choices: &'static [&'static str],
        word: &Word<'_>,
    ) -> Argument {
        let found = self.known(parameter, choices, &parts(word));
        Argument::Words(choices.iter().copied().filter(|choice| found.contains(choice)).collect())
    }

    /// Some of several words, in the order in which they stand.
    pub(super) fn ranked(
        &mut self,
        parameter: &Parameter,
        (choices, between): (&[&'static str], Between),
        first: &Word<'r>,
    ) -> Argument {
        let words = match between {
            Between::Commas => parts(first),
            Between::Blanks => {
                let rest = std::iter::from_fn(|| self.next(Quotes::Ordinary));
                std::iter::once(first.clone()).chain(rest).collect()
            }
        };
        Argument::Words(self.known(parameter, choices, &words))
    }

    /// Those of the words that may stand there, each once; what is wrong with the others goes into the tally.
    fn known(&mut self, parameter: &Parameter, choices: &[&'static str], words: &[Word<'_>]) -> Vec<&'static str> {
        let mut found = Vec::new();
        for word in words {
            match choices.iter().find(|choice| **choice == word.text) {
                Some(choice) if found.contains(choice) => self.refuse(word, "is there twice", "the second time"),
                Some(choice) => found.push(*choice),
                None => self.report_no_choice(parameter, choices, word),
            }
        }
        found
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
                .help(format!("{help}\n{}", line.hint_at(command, console)))
        });
    }
}

/// The parts of a word between its commas.
fn parts<'l>(word: &Word<'l>) -> Vec<Word<'l>> {
    let mut start = word.range.start;
    let part = |text: &'l str| {
        let range = start..start + text.len();
        start = range.end + 1;
        Word { text, range, unquoted: None }
    };
    word.text.split(',').map(part).collect()
}
