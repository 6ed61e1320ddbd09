//! `serve` stands a vendor up for anybody's client: it says where once it listens, answers, and
//! leaves nothing behind when it is asked to end.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use syncrig::exit_code::{OK, RIG};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::folder;
use crate::support::bin::{command, syncrig_in};

const WAIT: Duration = Duration::from_millis(10);

/// A running server; killed when the test ends otherwise than by asking it to.
struct Server {
    child: Child,
    ready: Value,
}

impl Server {
    fn start(folder: &Path, vendor: Vendor) -> Self {
        let mut child = command()
            .current_dir(folder)
            .args(["serve", vendor.slug(), "--tenant", "t.yaml"])
            .args(["--ready-file", "ready.json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be started");
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let mut text = String::new();
        for line in BufReader::new(stdout).lines() {
            let line = line.expect("standard output is UTF-8");
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let ready = serde_json::from_str(&text).expect("one JSON document");
        Self { child, ready }
    }

    fn base_url(&self) -> &str {
        self.ready["base_url"].as_str().expect("a base URL")
    }

    /// One request over a socket, without any client of ours: status line and body.
    fn get(&self, path: &str) -> (String, String) {
        let address = self
            .base_url()
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next())
            .expect("a URL of a host");
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it answers");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        let status = head.lines().next().unwrap_or_default();
        (status.to_owned(), body.to_owned())
    }

    /// Sends a signal by name and gives the exit code and what was told.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &id])
            .status();
        assert!(sent.expect("a system with `kill`").success());
        for _ in 0..500 {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                let mut told = String::new();
                let stderr = self.child.stderr.as_mut().expect("a pipe");
                stderr.read_to_string(&mut told).expect("UTF-8");
                return (status.code(), told);
            }
            std::thread::sleep(WAIT);
        }
        panic!("it did not end within five seconds of {signal}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already when the test passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tenant_in(folder: &Path) {
    let arguments = [
        "tenant",
        "generate",
        "--organizations",
        "3",
        "--out",
        "t.yaml",
    ];
    syncrig_in(folder, arguments).expect_code(OK);
}

#[cfg(unix)]
#[test]
fn it_says_where_it_is_answers_and_goes_without_a_trace() {
    let folder = folder();
    tenant_in(folder.path());
    let ready_file = folder.path().join("ready.json");
    for (vendor, signal) in Vendor::ALL.iter().zip(["TERM", "INT"].iter().cycle()) {
        let server = Server::start(folder.path(), *vendor);
        let written = fs::read_to_string(&ready_file).expect("the ready file is there first");
        let written: Value = serde_json::from_str(&written).expect("one JSON document");
        assert_eq!(written, server.ready);
        let fields: Vec<&String> = server
            .ready
            .as_object()
            .expect("an object")
            .keys()
            .collect();
        assert_eq!(fields, ["base_url", "counts", "credentials", "vendor"]);
        assert_eq!(server.ready["vendor"], vendor.slug());
        let loopback = server.base_url().starts_with("http://127.0.0.1:");
        assert!(loopback, "{}", server.base_url());
        let counts: BTreeMap<String, u64> =
            serde_json::from_value(server.ready["counts"].clone()).expect("numbers by resource");
        assert!(counts.values().sum::<u64>() > 0, "{counts:?}");

        let (status, body) = server.get("/no/such/route");
        assert!(status.starts_with("HTTP/1.1 40"), "{status} {body}");

        let (code, told) = server.end(signal);
        assert_eq!((code, told.as_str()), (Some(i32::from(OK)), "stopped\n"));
        assert!(!ready_file.exists(), "{vendor}: the ready file is left");
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 1, "{vendor}: something beside the tenant is left");
    }
}

#[cfg(unix)]
#[test]
fn its_credentials_let_in_and_nothing_else_does() {
    let folder = folder();
    tenant_in(folder.path());
    let vendor = Vendor::of(Tool::Rmm)
        .next()
        .expect("an RMM with a simulator");
    let server = Server::start(folder.path(), vendor);
    let credentials: BTreeMap<String, String> =
        serde_json::from_value(server.ready["credentials"].clone()).expect("texts by name");
    let base_url = server.base_url().to_owned();
    let check = |credentials: &BTreeMap<String, String>| {
        use std::sync::Arc;
        use syncrig::connectors::{ConnectorOptions, rmm};
        use syncrig::transport::{HttpOptions, HttpTransport, SystemClock};
        let transport = HttpTransport::new(HttpOptions::default()).expect("an HTTP client");
        let options = ConnectorOptions::new(Arc::new(transport), Arc::new(SystemClock), 1);
        let connector = rmm(vendor.slug(), &base_url, credentials, &options).expect("a connector");
        crate::support::rig::block_on(async move { connector.check().await })
    };
    check(&credentials).expect("the credentials that were printed are right");
    for name in ["api_key", "api_secret"] {
        let mut wrong = credentials.clone();
        wrong.insert(name.to_owned(), "wrong-on-purpose".to_owned());
        let error = check(&wrong).expect_err("wrong credentials");
        assert_eq!(error.kind.code(), "vendor-unauthorized", "{name}: {error}");
    }
    assert_eq!(server.end("TERM").0, Some(i32::from(OK)));
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = folder();
    tenant_in(folder.path());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let arguments = ["serve", "datto-rmm", "--tenant", "t.yaml", "--port", &port];
    let arguments = arguments.iter().chain(&["--ready-file", "ready.json"]);
    let run = syncrig_in(folder.path(), arguments).expect_code(RIG);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    let told = format!("cannot listen on 127.0.0.1:{port}");
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert!(run.stderr.contains("help: "), "{}", run.stderr);
    assert!(!folder.path().join("ready.json").exists());
}

#[test]
fn a_ready_file_that_cannot_be_written_is_told() {
    let folder = folder();
    tenant_in(folder.path());
    let arguments = ["serve", "datto-rmm", "--tenant", "t.yaml", "--ready-file"];
    let arguments = arguments.iter().chain(&["t.yaml/below"]);
    let run = syncrig_in(folder.path(), arguments).expect_code(RIG);
    assert!(
        run.stdout.is_empty(),
        "nobody could reach it: {}",
        run.stdout
    );
    assert!(run.stderr.contains("t.yaml/below"), "{}", run.stderr);
}
