//! The command lines of a cluster's servers and clients.

use std::fs;
use std::process::Command;

use super::cluster::Cluster;
use super::plan::{Addresses, Plan};

impl Cluster {
    /// `server …` in the cluster's folder.
    pub fn server_command(&self, arguments: &[&str]) -> Command {
        self.server_command_of(&self.plan, arguments)
    }

    /// `client …` in the cluster's folder.
    pub fn client_command(&self, arguments: &[&str]) -> Command {
        self.client_command_of(&self.plan, arguments)
    }

    /// Of a server that takes the cluster for another one.
    pub fn server_command_of(&self, plan: &Plan, arguments: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_server"), plan, arguments)
    }

    /// Of a client that takes the cluster for another one.
    pub fn client_command_of(&self, plan: &Plan, arguments: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_client"), plan, arguments)
    }

    fn command(&self, program: &str, plan: &Plan, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).args(["--protocol", plan.protocol]).args(plan.arguments);
        match plan.addresses {
            Addresses::File { name } => command.args(["--cluster", &self.file(name, plan.servers)]),
            Addresses::Port => command.args(["--port", &self.base.to_string()]),
        };
        command.current_dir(self.path(""));
        command
    }

    /// The file of a cluster with this name, of the first `servers` servers.
    fn file(&self, name: &str, servers: u32) -> String {
        let file = format!("{name}-{servers}.txt");
        let lines = (1..=servers).map(|number| format!("server {number} 127.0.0.1:{}\n", self.port(number)));
        // Who was started before may be reading it.
        if !self.path(&file).exists() {
            let text = format!("cluster {name}\n{}", lines.collect::<String>());
            fs::write(self.path(&file), text).expect("the folder can be written");
        }
        file
    }
}
