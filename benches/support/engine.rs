//! An engine on an empty account in memory with both tools connected, as method B has it.

use std::sync::Arc;

use syncrig::connectors::{self, ConnectorOptions};
use syncrig::engine::{Engine, PsaSettings};
use syncrig::model::Method;
use syncrig::store::Account;
use syncrig::transport::{SimulatedClock, Transport};

use crate::wire::Side;

/// Both tools, and how requests get to them.
pub(crate) struct Tools {
    pub(crate) psa: Side,
    pub(crate) rmm: Side,
    pub(crate) clock: Arc<SimulatedClock>,
}

impl Tools {
    pub(crate) fn engine(&self, transport: &Arc<dyn Transport>) -> Engine {
        let options = ConnectorOptions::new(Arc::clone(transport), Arc::clone(&self.clock) as _, 1);
        let account = Account::in_memory().expect("an account in memory");
        let mut engine = Engine::new(account, Some(Method::B), Box::new(()));
        let Side {
            simulator,
            base_url,
        } = &self.psa;
        let (slug, credentials) = (simulator.vendor().slug(), simulator.access().credentials);
        let connector = connectors::psa(slug, base_url, &credentials, &options);
        engine
            .connect_psa(connector.expect("a connector"), PsaSettings::default())
            .expect("an empty account takes a PSA");
        let Side {
            simulator,
            base_url,
        } = &self.rmm;
        let (slug, credentials) = (simulator.vendor().slug(), simulator.access().credentials);
        let connector = connectors::rmm(slug, base_url, &credentials, &options);
        engine
            .connect_rmm(connector.expect("a connector"))
            .expect("an empty account takes an RMM");
        engine
    }
}
