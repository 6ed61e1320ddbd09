//! `syncrig serve`

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use syncrig_mocks::front::{Loopback, LoopbackOptions, RealTime, TestAuthority, Time};
use syncrig_mocks::world::{Tool, World};
use syncrig_mocks::{Simulator, Vendor, product, simulator};

use super::error::CliError;
use super::tenant::load_world;
use super::{output, runtime};
use crate::exit_code;

/// Which vendor, with which records, where.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  syncrig tenant generate --seed 7 --out t.yaml
  syncrig serve connectwise-psa --tenant t.yaml --port 8080
  syncrig serve datto-rmm --tenant t.yaml --ready-file ready.json --limits
  syncrig serve autotask --tenant t.yaml --tls --ready-file ready.json
  syncrig serve syncro --tenant t.yaml --tool rmm

Prints, and writes to the ready file once it listens:
  {\"vendor\", \"base_url\", \"credentials\": {…}, \"counts\": {…}}
counts being what a client should find. It listens on 127.0.0.1 only.

With --tls it speaks HTTPS under any host name: an authority made at the start vouches for it, whose
certificate stands beside the ready file (ready.pem, `ca_file` in the JSON; `ca_pem` without one).
Clients with fixed host names come here by /etc/hosts or, with curl, by
  curl --cacert ready.pem --resolve webservices.autotask.net:PORT:127.0.0.1 https://webservices.autotask.net:PORT/…")]
pub(super) struct ServeArgs {
    /// The vendor.
    #[arg(help = format!("The vendor: {}", vendors()))]
    vendor: String,
    /// Tenant file, written by hand or by `tenant generate`.
    #[arg(long, value_name = "FILE")]
    tenant: PathBuf,
    /// Only what the tenant's PSA, or its RMM, holds. Left out: of a product that plays both parts one
    /// account with the records of both.
    #[arg(long, value_enum)]
    tool: Option<Part>,
    /// Port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// File to write the address and credentials to once it listens; removed at the end.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Speaks HTTPS, for clients that refuse plain HTTP.
    #[arg(long)]
    tls: bool,
    /// Applies the vendor's documented request limits.
    #[arg(long)]
    limits: bool,
    /// Added to every reply, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// What the PSA holds.
    Psa,
    /// What the RMM holds.
    Rmm,
}

pub(super) fn run(args: &ServeArgs) -> Result<u8, CliError> {
    let chosen = chosen(args)?;
    let world = load_world(&args.tenant)?;
    let time: Arc<dyn Time> = Arc::new(RealTime);
    let simulator = chosen(&world, time.now());
    simulator.set_limits(args.limits);
    runtime()?.block_on(serve(args, simulator, time))
}

type Raise = Box<dyn FnOnce(&World, Timestamp) -> Arc<dyn Simulator>>;

fn chosen(args: &ServeArgs) -> Result<Raise, CliError> {
    let Some(first) = Vendor::all_named(&args.vendor).next() else {
        return Err(CliError::usage(
            format!("there is no vendor `{}`", args.vendor),
            format!("serve takes {}", vendors()),
        ));
    };
    let tool = match args.tool {
        None => return Ok(Box::new(move |world, now| product(first, world, now))),
        Some(Part::Psa) => Tool::Psa,
        Some(Part::Rmm) => Tool::Rmm,
    };
    let vendor = Vendor::named(&args.vendor, tool).map_err(|_| {
        CliError::usage(
            format!("{first} plays the {} and not the {tool}", first.tool()),
            "take --tool away".to_owned(),
        )
    })?;
    Ok(Box::new(move |world, now| simulator(vendor, world, now)))
}

fn vendors() -> String {
    Vendor::slugs().join(" or ")
}

async fn serve(
    args: &ServeArgs,
    simulator: Arc<dyn Simulator>,
    time: Arc<dyn Time>,
) -> Result<u8, CliError> {
    let authority = args.tls.then(TestAuthority::new).transpose();
    let authority = authority.map_err(|error| {
        let hint = "make sure that the system's random numbers can be read";
        CliError::rig(format!("cannot set up TLS: {error}"), hint)
    })?;
    let authority = authority.map(Arc::new);
    let options = LoopbackOptions {
        port: args.port,
        latency_ms: args.latency_ms,
        authority: authority.clone(),
    };
    let server = Loopback::start(Arc::clone(&simulator), time, options)
        .await
        .map_err(|error| cannot_listen(args.port, &error))?;
    let mut end = End::listen()?;
    let access = simulator.access();
    let mut ready = json!({
        "vendor": simulator.vendor().slug(),
        "base_url": format!("{}{}", server.base_url(), access.base_path),
        "credentials": access.credentials,
        "counts": simulator.counts(),
    });
    let left = Left::default().announce(args, authority.as_deref(), &mut ready)?;
    output::json(&ready)?;
    let stopped = end.wait().await;
    server.stop().await;
    drop(left);
    let _ = writeln!(io::stderr(), "stopped");
    stopped.map(|()| exit_code::OK)
}

/// Files that say where the server is. They go with it: whoever waits for one must not find a server
/// that is gone.
#[derive(Default)]
struct Left(Vec<PathBuf>);

impl Left {
    fn announce(
        mut self,
        args: &ServeArgs,
        authority: Option<&TestAuthority>,
        ready: &mut serde_json::Value,
    ) -> Result<Self, CliError> {
        if let Some(authority) = authority {
            let pem = authority.certificate_pem();
            match &args.ready_file {
                Some(ready_file) => {
                    let path = ready_file.with_extension("pem");
                    write_whole(&path, pem.as_bytes())?;
                    let found = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
                    ready["ca_file"] = found.display().to_string().into();
                    self.0.push(path);
                }
                None => ready["ca_pem"] = pem.into(),
            }
        }
        if let Some(path) = &args.ready_file {
            write_whole(path, format!("{ready:#}").as_bytes())?;
            self.0.push(path.clone());
        }
        Ok(self)
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Ctrl-C, and the polite request to end that service managers send.
struct End {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl End {
    /// Begins to listen. Until then a signal ends the program on the spot, ready file and all.
    fn listen() -> Result<Self, CliError> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listen = |kind| signal(kind).map_err(|error| cannot_wait(&error));
            Ok(Self {
                terminate: listen(SignalKind::terminate())?,
                interrupt: listen(SignalKind::interrupt())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    async fn wait(&mut self) -> Result<(), CliError> {
        #[cfg(unix)]
        {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            Ok(())
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c()
            .await
            .map_err(|error| cannot_wait(&error))
    }
}

fn cannot_wait(error: &io::Error) -> CliError {
    CliError::rig(
        format!("cannot wait for Ctrl-C: {error}"),
        "run it in a terminal",
    )
}

/// A reader sees the whole file or none.
fn write_whole(path: &Path, contents: &[u8]) -> Result<(), CliError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let written = std::fs::write(&draft, contents).and_then(|()| std::fs::rename(&draft, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&draft);
        CliError::rig(
            format!("cannot write {}: {error}", path.display()),
            "give a path in a directory that can be written to",
        )
    })
}

fn cannot_listen(port: u16, error: &io::Error) -> CliError {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "another program has it; give another --port, or 0 for any",
        io::ErrorKind::PermissionDenied => "ports below 1024 need rights; give a higher --port",
        _ => "allow this program to listen on 127.0.0.1",
    };
    CliError::rig(format!("cannot listen on 127.0.0.1:{port}: {error}"), hint)
}
