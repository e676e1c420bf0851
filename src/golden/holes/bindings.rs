//! What the names of holes stand for.

use std::collections::BTreeMap;

/// What names stand for, and since which line of the golden.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings(BTreeMap<String, Bound>);

#[derive(Clone, Debug)]
struct Bound {
    value: String,
    line: usize,
}

impl Bindings {
    /// What a name stands for.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|bound| bound.value.as_str())
    }

    /// Binds names, since a line.
    pub(super) fn bind(&mut self, values: Vec<(&str, &str)>, line: usize) {
        for (name, value) in values {
            self.0.entry(name.to_owned()).or_insert_with(|| Bound { value: value.to_owned(), line });
        }
    }

    /// Frees names again.
    pub(super) fn free(&mut self, names: &[String]) {
        for name in names {
            self.0.remove(name);
        }
    }

    /// What these names stand for, in words. None: none of them stands for anything.
    pub(super) fn explained<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<String> {
        let explain = |name: &str| {
            let Bound { value, line } = self.0.get(name)?;
            Some(format!("{{{name}}} is {value} since line {line}"))
        };
        let texts: Vec<_> = names.filter_map(explain).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}
