//! The daemon: wires the thread that reads the repository to the threads that answer, and stops both.
//!
//! `publisher` runs on one thread of its own: it waits for a reason to look, builds, and publishes. The rest is tokio's.
//! This is the only place where the repository, the protocol and HTTP meet.

mod block;
mod open_files;
mod operator;
mod publisher;
mod report;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use std::{error, fmt, io, thread};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tracing::field::display;
use tracing::info;

use crate::http::connection::Audience;
use crate::http::live::State;
use crate::http::origin::Urls;
use crate::http::{connection, listen};
use crate::release::time::Timestamp;
use crate::repository::bundle::Limits;
use crate::settings::Settings;
use crate::store::{OpenError, PROCESS, Store};
use crate::telemetry::Events;
use crate::watch::{Hints, Watch};

pub use block::plugin_block;
use operator::Taken;
use publisher::Publisher;
use report::Running;

/// Why the daemon did not start, or did not go on.
#[derive(Debug)]
pub enum StartError {
    /// The data directory cannot be used, or another daemon has it.
    Data(PathBuf, OpenError),
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The operator's address cannot be listened on.
    ListenForOperator(SocketAddr, io::Error),
    /// The system refuses threads, signals or timers.
    System(io::Error),
    /// The thread that reads the repository ended by itself: what is served would never change again.
    Blind,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Data(path, error) => write!(f, "the data directory {} cannot be used: {error}", path.display()),
            StartError::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            StartError::ListenForOperator(address, error) => {
                write!(f, "cannot listen for operators on {address}: {error}")
            }
            StartError::System(error) => write!(f, "cannot start: {error}"),
            StartError::Blind => f.write_str("the thread that reads the repository ended: this is a fault of pushlive"),
        }
    }
}

impl error::Error for StartError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            StartError::Data(_, error) => Some(error),
            StartError::Listen(_, error) | StartError::ListenForOperator(_, error) | StartError::System(error) => {
                Some(error)
            }
            StartError::Blind => None,
        }
    }
}

/// A daemon that has all it needs and listens, but answers nothing yet.
pub struct Daemon {
    repository: PathBuf,
    settings: Settings,
    store: Arc<Store>,
    listener: TcpListener,
    address: SocketAddr,
    operator: Option<Taken>,
}

impl Daemon {
    /// Takes the data directory and the ports. `repository` is the git directory that holds the refs.
    ///
    /// # Errors
    /// One of them is not to be had.
    pub fn start(repository: PathBuf, settings: Settings) -> Result<Daemon, StartError> {
        let process = holder(None);
        // before the port: a second daemon on the same data is told of the first, not of its port
        let store = Store::open(&settings.data, &process).map_err(|e| StartError::Data(settings.data.clone(), e))?;
        let listen_error = |error| StartError::Listen(settings.listen, error);
        let listener = TcpListener::bind(settings.listen).map_err(listen_error)?;
        listener.set_nonblocking(true).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let operator = Taken::take(&settings)?;
        store.hold_as(&holder(Some(address))).map_err(|e| StartError::Data(settings.data.clone(), e.into()))?;
        Ok(Daemon { repository, settings, store: Arc::new(store), listener, address, operator })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn operator_address(&self) -> Option<SocketAddr> {
        self.operator.as_ref().map(|taken| taken.address)
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Serves until a signal says stop.
    ///
    /// # Errors
    /// The system refuses what a server needs.
    pub fn run(self) -> Result<(), StartError> {
        open_files::raise_limit(self.settings.max_connections);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::System)?;
        let state = Arc::new(self.state());
        let watch = Watch::new(&self.repository);
        let stop = Arc::new(AtomicBool::new(false));
        // signals are heeded before anybody is told that there is a daemon
        let stopped = runtime.block_on(async { stop_signal(watch.hints()) });
        let stopped = stopped.map_err(StartError::System)?;
        operator::leave_address(&self.store, self.operator_address());
        let operator = self.operator_address().map(display);
        info!(address = %self.address, operator, repository = %self.repository.display(), "listening");
        let publisher = self.publisher(Arc::clone(&state), Arc::clone(&stop), watch.hints());
        let (hints, store) = (watch.hints(), Arc::clone(&self.store));
        let hints_of_operator = watch.hints();
        let end_reading = || {
            stop.store(true, Ordering::Relaxed);
            hints.stop();
        };
        let (alive, dead) = oneshot::channel::<()>();
        let read = move || {
            // dropped at the end of the thread, however that comes
            let _alive = alive;
            publisher.run(watch);
        };
        let reading = thread::Builder::new().name("publisher".to_owned()).spawn(read);
        let reading = reading.map_err(StartError::System)?;
        let is_blind = AtomicBool::new(false);
        let outcome = runtime.block_on(async {
            let stopped = async {
                tokio::select! {
                    () = stopped => {}
                    _ = dead => is_blind.store(true, Ordering::Relaxed),
                }
                end_reading();
            };
            self.answer(state, hints_of_operator, stopped).await
        });
        operator::leave_address(&store, None);
        end_reading();
        if reading.join().is_err() || is_blind.into_inner() {
            return Err(StartError::Blind);
        }
        info!("stopped");
        outcome
    }

    /// Answers on all listeners until `stop`, and until what was begun then has ended or the grace is over.
    async fn answer(self, state: Arc<State>, hints: Hints, stop: impl Future<Output = ()>) -> Result<(), StartError> {
        let limits = connection::Limits {
            max_connections: self.settings.max_connections,
            shutdown_grace: self.settings.shutdown_grace,
            ..connection::Limits::default()
        };
        let (ring, bell) = watch::channel(());
        let stopping = async {
            stop.await;
            drop(ring);
        };
        let public = serving(self.listener, Audience::Public, Arc::clone(&state), limits, bell.clone())?;
        let operator = self.operator.map(|taken| {
            let audience = Audience::Operator(taken.operator(&self.settings, hints));
            let limits = limits.for_operators();
            serving(taken.listener, audience, state, limits, bell)
        });
        match operator.transpose()? {
            Some(operator) => drop(tokio::join!(stopping, public, operator)),
            None => drop(tokio::join!(stopping, public)),
        }
        Ok(())
    }

    fn state(&self) -> State {
        let trusted = self.settings.trusted_proxies.clone();
        let urls = Urls::new(
            self.settings.public_url.as_deref(),
            self.settings.artefact_url.as_deref(),
            Arc::new(move |peer| trusted.iter().any(|network| network.contains(peer))),
        );
        State::new(Arc::clone(&self.store), urls, Arc::new(Events::default()), now)
    }

    fn running(&self) -> Running {
        let base = self.settings.artefact_base(self.address);
        Running { since: now(), repository: self.repository.clone(), base }
    }

    fn publisher(&self, state: Arc<State>, stop: Arc<AtomicBool>, hints: Hints) -> Publisher {
        let Settings { max_bundle, max_entries, max_unpacked, .. } = self.settings;
        let limits = Limits { max_bundle, max_entries, max_unpacked };
        let place = publisher::Place {
            repository: self.repository.clone(),
            branch: self.settings.branch.clone(),
            holder: holder(Some(self.address)),
            operator: self.operator_address(),
            running: Arc::new(self.running()),
        };
        Publisher::new(place, self.settings.poll, limits, Arc::clone(&self.store), state, stop, hints)
    }
}

/// Answers on a listener until the bell has no rope any more.
fn serving(
    listener: TcpListener,
    audience: Audience,
    state: Arc<State>,
    limits: connection::Limits,
    mut bell: watch::Receiver<()>,
) -> Result<impl Future<Output = listen::Stopped>, StartError> {
    let listener = tokio::net::TcpListener::from_std(listener).map_err(StartError::System)?;
    let rung = async move { while bell.changed().await.is_ok() {} };
    Ok(listen::serve(listener, audience, state, limits, rung))
}

/// What another daemon is told that wants the same data directory.
fn holder(address: Option<SocketAddr>) -> String {
    let process = format!("{PROCESS}{}", std::process::id());
    address.map_or_else(|| process.clone(), |address| format!("{process}, which listens on {address}"))
}

/// Ends at SIGTERM or SIGINT; a second one of them ends the process at once. SIGHUP is a hint to look at the repository.
fn stop_signal(hints: Hints) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => hints.look(),
            }
        }
        info!("stopping: running downloads may finish, nothing new is taken; a second signal ends them");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // all that is kept is written as it comes, so that nothing is lost but what is being sent
            std::process::exit(130);
        });
    })
}

/// The clock of the daemon.
fn now() -> Timestamp {
    SystemTime::now().into()
}
