//! The three keys of a YAML script: the cluster, its network at first, and the steps.

use crate::script::excerpt::quoted;
use crate::script::mistake::Tally;
use crate::script::table::{Command, ParameterKind, Phase, Table};
use crate::script::yaml::steps::{Composer, Step};
use crate::script::yaml::tree::{Content, Entry, Node};

/// The keys, in the order in which they are carried out.
pub(in crate::script) const SECTIONS: [&str; 3] = ["cluster", "network", "steps"];

/// An example of all three.
pub const SKELETON: &str = "cluster: {servers: 3, clients: 1}\n\
                            network:\n  - delay: [s1, s2, 50ms]\n\
                            steps:\n  - put: [c1, color, blue]";

fn help() -> String {
    format!("a script has the keys cluster, network and steps:\n{SKELETON}")
}

/// The steps of a document as lines, in the order in which they are carried out.
pub(super) fn compose<F>(table: &Table<F>, root: &Node, tally: &mut Tally) -> Vec<Step> {
    let mut composer = Composer { table, tally, steps: Vec::new() };
    match &root.content {
        Content::Map(entries, _) => composer.sections(entries),
        Content::Refused => {}
        other => {
            let what = format!("a script in YAML is a mapping, and this is {}", other.called());
            composer.refuse(root.place, &what, "expected cluster:, network: or steps:", &help());
        }
    }
    composer.steps
}

impl<F> Composer<'_, F> {
    fn sections(&mut self, entries: &[Entry]) {
        for Entry { key, .. } in entries.iter().filter(|entry| !SECTIONS.contains(&entry.key.text.as_str())) {
            match self.table.find(&key.text) {
                Some(command) => {
                    let what = format!("{} is a command, and stands within steps", quoted(&key.text));
                    self.refuse(
                        key.place,
                        &what,
                        "expected cluster, network or steps",
                        &format!("steps:\n  - {}: ...\n{}", command.name, crate::script::yaml::hint_in_yaml(command)),
                    );
                }
                None => self.refuse_key("a script", key, &SECTIONS, &help()),
            }
        }
        let [cluster, network, steps] = SECTIONS.map(|name| entries.iter().find(|entry| entry.key.text == name));
        if let Some(Entry { key, value }) = cluster {
            self.push(key.place, |composer, line| composer.command(key, Some(value), line));
        }
        if let Some(Entry { key, value }) = network {
            self.check_network(value);
            self.list(key, value);
        }
        if let Some(Entry { key, value }) = steps {
            self.list(key, value);
        }
    }

    /// What stands before the steps is about the network.
    fn check_network(&mut self, list: &Node) {
        let Content::List(nodes) = &list.content else { return };
        for node in nodes {
            let name = match &node.content {
                Content::Text(name) => name,
                Content::Map(entries, _) => match entries.first() {
                    Some(entry) => &entry.key,
                    None => continue,
                },
                Content::Null | Content::List(_) | Content::Refused => continue,
            };
            if self.table.find(&name.text).is_some_and(|command| !is_about_the_network(command)) {
                let names = self.table.commands.iter().filter(|command| is_about_the_network(command));
                let names: Vec<_> = names.map(|command| command.name).collect();
                let what = format!("`{}` is not about the network", name.text);
                let help = format!("move it to the steps; here may stand {}", names.join(", "));
                self.refuse(name.place, &what, "not here", &help);
            }
        }
    }
}

/// Does a command change links, and nothing else?
fn is_about_the_network<F>(command: &Command<F>) -> bool {
    let names_links = command.parameters.iter().any(|parameter| {
        matches!(
            parameter.kind,
            ParameterKind::Links | ParameterKind::Messages(_) | ParameterKind::LinkEnd | ParameterKind::Groups(_)
        )
    });
    let shown_there = || command.scripts.iter().any(|script| script.starts_with("network/"));
    command.phase == Phase::Step && (names_links || shown_there())
}
