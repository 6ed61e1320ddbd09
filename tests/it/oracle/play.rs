//! Plays a story through the real thing: the rig's player and the built-in engine, with real
//! simulators behind a wire in memory. The outcome is looked at after every step that the account
//! sees.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use http::{Request, Response};
use syncrig::connectors::ConnectorOptions;
use syncrig::engine::{PsaRows, PsaSettings};
use syncrig::judge::SourceRow;
use syncrig::model::{Knobs, Outcome, Tool};
use syncrig::rig::{
    AccountAction, AccountPlace, Action, BuiltIn, Connection, Created, Disconnect, ImportFile,
    ImportResult, NewRecord, Person, PlayOptions, RigListener, Stage, Subject, SubjectError,
    SyncResult, VisibleRows, play,
};
use syncrig::transport::{SimulatedClock, Transport, TransportError};
use syncrig_mocks::front::Faulty;
use syncrig_mocks::world::Tool as WorldTool;

use super::story::Story;
use crate::support::rig::Wire;

/// What the account looked like after each step that it saw, counted from 1.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) moments: Vec<(usize, Outcome)>,
    pub(super) sources: Vec<SourceRow>,
    /// What the rig itself found fault with.
    pub(super) failures: Vec<String>,
}

pub(super) async fn played(story: &Story) -> Result<Played, String> {
    let case = story.case();
    let listener: Arc<dyn RigListener> = Arc::new(());
    let moments = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&moments);
    let outcome = play(&case, PlayOptions::default(), &listener, |stage| {
        let options = ConnectorOptions::new(
            Arc::new(Wires::of(stage)),
            stage.clock.shared(),
            stage.world.seed(),
        );
        let relay: Arc<dyn RigListener> = Arc::new(());
        let place = AccountPlace::Memory;
        let engine = BuiltIn::new(&place, case.method, options, &case.name, relay);
        let engine = engine.map_err(|error| SubjectError {
            code: error.code().to_owned(),
            message: error.to_string(),
            internal: true,
        })?;
        Ok(Watched {
            engine,
            step: 0,
            seen,
        })
    })
    .await
    .map_err(|error| error.to_string())?;
    let failures = outcome.failures.iter().map(|failure| {
        let (what, expected) = (&failure.what, &failure.expected);
        format!("{what}: expected {expected}, found {}", failure.actual)
    });
    let moments = std::mem::take(&mut *moments.lock().expect("nobody panicked"));
    Ok(Played {
        moments,
        sources: outcome.truth.rows,
        failures: failures.collect(),
    })
}

/// Wires in memory to whoever stands on the stage, by port.
#[derive(Debug)]
struct Wires(Vec<(Option<u16>, Wire)>);

impl Wires {
    fn of(stage: &Stage) -> Self {
        let clock: Arc<SimulatedClock> = stage.clock.shared();
        let actors = [WorldTool::Psa, WorldTool::Rmm].map(|tool| stage.actor(tool));
        let wires = actors.into_iter().flatten().map(|actor| {
            let port = actor.base_url().parse::<http::Uri>();
            let port = port.ok().and_then(|url| url.port_u16());
            let simulator = Faulty::new(Arc::clone(&actor.simulator), Arc::clone(&actor.faults));
            let wire = Wire {
                simulator: Arc::new(simulator),
                clock: Arc::clone(&clock),
            };
            (port, wire)
        });
        Self(wires.collect())
    }
}

impl Transport for Wires {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let port = request.uri().port_u16();
        match self.0.iter().find(|(its, _)| *its == port) {
            Some((_, wire)) => wire.send(request),
            None => ready(Err(TransportError::Broken {
                host: request.uri().to_string(),
                reason: "nobody listens there".to_owned(),
            }))
            .boxed(),
        }
    }
}

/// The engine, looked at after everything that it does.
struct Watched {
    engine: BuiltIn,
    step: usize,
    seen: Arc<Mutex<Vec<(usize, Outcome)>>>,
}

impl Watched {
    async fn look<T>(&mut self, done: Result<T, SubjectError>) -> Result<T, SubjectError> {
        let outcome = self.engine.outcome().await?;
        let mut seen = self.seen.lock().expect("nobody panicked");
        seen.push((self.step, outcome));
        done
    }
}

type Done<'a, T> = BoxFuture<'a, Result<T, SubjectError>>;

/// What changes the account is looked at afterwards.
macro_rules! watched {
    ($($name:ident($($with:ident: $type:ty),*) -> $out:ty;)*) => {$(
        fn $name(&mut self, $($with: $type),*) -> Done<'_, $out> {
            Box::pin(async move {
                let done = self.engine.$name($($with),*).await;
                self.look(done).await
            })
        }
    )*};
}

impl Subject for Watched {
    watched! {
        connect(connection: Connection) -> ();
        settings(settings: PsaSettings) -> ();
        sync(tool: Tool) -> SyncResult;
        review(action: Action) -> Vec<Created>;
        create(record: NewRecord) -> String;
        account(action: AccountAction) -> ();
        import(file: ImportFile) -> ImportResult;
        disconnect_rows(rows: PsaRows, how: Disconnect) -> ();
        reconnect_rows(rows: PsaRows) -> ();
        disconnect(tool: Tool, how: Disconnect) -> ();
        resume(tool: Tool) -> ();
    }

    fn configure(&mut self, knobs: Knobs) -> Done<'_, ()> {
        self.engine.configure(knobs)
    }

    fn at_step(&mut self, step: usize) {
        self.step = step;
        self.engine.at_step(step);
    }

    fn act_as(&mut self, person: Person) -> Done<'_, ()> {
        self.engine.act_as(person)
    }

    fn visible(&mut self) -> Done<'_, VisibleRows> {
        self.engine.visible()
    }

    fn outcome(&mut self) -> Done<'_, Outcome> {
        self.engine.outcome()
    }
}
