//! Which servers a client has: what joins it, what breaks a connection of it, and what gives one back.
//!
//! Under gossip a client has the servers that it was joined or connected to, and a death takes one from it. Under consensus
//! it has all members: the one that it is joined to is asked first, and the others in their order where that one does not
//! answer. Only `breakConnection` takes one from it, for as long as the link is cut, and `leave` takes them all.
//!
//! Source: COURSES section 1, DESIGN section 6.

use crate::base::NodeName;
use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::protocol::Agreement;
use crate::wire::control::Control;

impl Experiment {
    /// The servers that a client has; the first one is asked first, where that matters.
    pub(super) fn servers_of(&self, client: NodeName) -> Vec<NodeName> {
        let joined = self.roster.servers_of(client);
        match self.agreement() {
            Agreement::Eventual => joined,
            Agreement::Consensus if joined.is_empty() => joined,
            Agreement::Consensus => {
                let others = self.members().into_iter().filter(|member| !joined.contains(member));
                let all = joined.iter().copied().chain(others);
                all.filter(|&server| !self.roster.is_broken(client, server)).collect()
            }
        }
    }

    /// Tells a client which servers it has.
    pub(super) fn tell_servers(&mut self, client: NodeName) -> Result<(), Stop> {
        let servers = self.servers_of(client);
        self.cluster.control(client, &Control::Attach { servers })
    }

    /// A client moves to a server: its only one, or the one that it asks first.
    pub(super) fn join(&mut self, client: NodeName, server: NodeName) -> Result<(), Stop> {
        self.roster.attach_only(client, server);
        self.roster.restore(client, server);
        self.tell_servers(client)
    }

    /// A client gets a server beside those that it has.
    pub(super) fn add_server_of(&mut self, client: NodeName, server: NodeName) -> Result<(), Stop> {
        self.roster.restore(client, server);
        match self.agreement() {
            Agreement::Eventual => self.roster.attach(client, server),
            Agreement::Consensus if self.roster.servers_of(client).is_empty() => self.roster.attach(client, server),
            // It is a member, and the client was joined before.
            Agreement::Consensus => {}
        }
        self.tell_servers(client)
    }

    /// A server is taken from a client by a connection that breaks.
    pub(super) fn take_server_of(&mut self, client: NodeName, server: NodeName) -> Result<(), Stop> {
        match self.agreement() {
            Agreement::Eventual => self.roster.detach(client, server),
            Agreement::Consensus => self.roster.break_off(client, server),
        }
        self.tell_servers(client)
    }

    /// Gives clients back the servers whose links are open again, whatever command has mended them.
    pub(super) fn give_back_servers(&mut self) -> Result<(), Stop> {
        for (client, server) in self.roster.broken() {
            if !self.cluster.switch().is_cut(client, server) {
                self.roster.restore(client, server);
                self.tell_servers(client)?;
            }
        }
        Ok(())
    }
}
