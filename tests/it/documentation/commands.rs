//! Each command that the documents or the help show is run.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use syncrig::exit_code::{OK, USAGE};

use super::page::{pages, readme};
use super::{folder, write};
use crate::support::bin::{Run, command, syncrig_in};

/// Commands of one document run in their order in one folder, as a reader would run them.
#[test]
fn the_commands_do_what_they_are_shown_for() {
    let mut ran = 0;
    for page in pages() {
        let readme = readme();
        let scripts = readme.blocks_of("yaml");
        let (script, large) = (scripts[0].text, scripts[1].text);
        let folder = folder();
        write(folder.path(), "my-scenario.yaml", script);
        write(folder.path(), "large.yaml", large);
        write(folder.path(), "my-scenarios/one.yaml", script);
        let consoles = page.blocks_of("console");
        let lines = consoles.iter().flat_map(|block| block.text.lines());
        let inline = page.code();
        let inline = inline
            .iter()
            .map(String::as_str)
            .filter(|it| it.starts_with("syncrig "));
        let told = lines.map(|line| {
            let line = line.strip_prefix("$ ");
            line.expect("a console block has commands only")
        });
        for line in told.chain(inline) {
            let words = words(line);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["syncrig", rest @ ..] | ["cargo", "run", "--release", "--", rest @ ..] => {
                    try_command(folder.path(), line, rest);
                    ran += 1;
                }
                // With variables before it, it takes too long here.
                ["cargo", "test", ..] | ["cargo", "install", "--path", "."] => {}
                [
                    first,
                    ..,
                    "cargo",
                    "test",
                    "--release",
                    "--test",
                    "it",
                    "oracle",
                ] if first.starts_with("SYNCRIG_STORIES=") => {}
                _ => panic!("{}: nobody checks `{line}`", page.name),
            }
        }
    }
    assert!(ran >= 8, "{ran} commands");
}

/// The examples of each `--help`, in their order too.
#[test]
fn the_examples_of_the_help_are_commands_that_work() {
    let folder = folder();
    let readme = readme();
    let script = readme.blocks_of("yaml")[0].text;
    write(folder.path(), "mine.yaml", script);
    let mut ran = 0;
    for page in [
        &["tenant", "generate"][..],
        &[],
        &["run"],
        &["methods"],
        &["serve"],
    ] {
        let help = syncrig_in(folder.path(), page.iter().chain(&["--help"])).expect_code(OK);
        let (_, examples) = help.stdout.split_once("Examples:\n").expect("examples");
        let examples = examples
            .lines()
            .take_while(|line| line.starts_with("  syncrig "));
        for line in examples {
            // What it is for stands behind, at least two blanks away.
            let line = line.trim_start();
            let shown = line.split_once("  ").map_or(line, |(command, _)| command);
            let words = words(shown);
            let mut rest: Vec<&str> = words.iter().map(String::as_str).skip(1).collect();
            let target = rest.iter().position(|word| *word == ">").map(|at| {
                let target = rest[at + 1];
                rest.truncate(at);
                target
            });
            let run = try_command(folder.path(), shown, &rest);
            if let Some(target) = target {
                write(folder.path(), target, &run.expect("it ends").stdout);
            }
            ran += 1;
        }
    }
    assert!(ran >= 15, "{ran} examples");
}

/// Words of a command line without what is said about it.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" # ").next().unwrap_or_default();
    assert!(
        !line.contains(['\'', '"', '\\']),
        "quotes need a shell: {line}"
    );
    line.split_whitespace().map(str::to_owned).collect()
}

/// Runs a command, smaller where it would take long; a server is asked once.
fn try_command(folder: &Path, shown: &str, arguments: &[&str]) -> Option<Run> {
    let mut arguments: Vec<&str> = arguments.to_vec();
    let follow = |arguments: &mut Vec<&str>, flag: &str, value: &'static str| {
        if let Some(at) = arguments.iter().position(|word| *word == flag) {
            arguments[at + 1] = value;
        }
    };
    follow(&mut arguments, "--organizations", "3");
    // Another program may have the port.
    follow(&mut arguments, "--port", "0");
    match arguments.as_slice() {
        ["serve", ..] => {
            serve(folder, shown, &arguments);
            return None;
        }
        // All that is built in is played by a test of its own.
        ["run", rest @ ..]
            if !rest
                .iter()
                .any(|word| is_place(word) || *word == "--filter") =>
        {
            arguments.extend(["--filter", "happy-path"]);
        }
        ["tenant", "generate", ..] if !arguments.contains(&"--organizations") => {
            arguments.extend(["--organizations", "3"]);
        }
        _ => {}
    }
    let run = syncrig_in(folder, &arguments);
    assert_ne!(
        run.code,
        Some(i32::from(USAGE)),
        "`{shown}`: {}",
        run.stderr
    );
    let run = run.expect_code(OK);
    assert!(
        !run.stdout.is_empty() || arguments.contains(&"--out"),
        "`{shown}` says nothing"
    );
    if let Some(at) = arguments
        .iter()
        .position(|word| ["--keep", "--out"].contains(word))
    {
        assert!(
            folder.join(arguments[at + 1]).exists(),
            "`{shown}` keeps nothing"
        );
    }
    Some(run)
}

/// Whether a word of `run` is a file, a folder or the name of a built-in scenario.
fn is_place(word: &str) -> bool {
    word.contains(['/', '.']) || word == "my-scenarios"
}

/// Starts a server, asks it once and stops it. The ready file has the fields that are promised.
fn serve(folder: &Path, shown: &str, arguments: &[&str]) {
    let mut child = command()
        .current_dir(folder)
        .args(arguments)
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
    let ready: Result<Value, _> = serde_json::from_str(&text);
    let status = ready.as_ref().ok().map(|ready| {
        let base_url = ready["base_url"].as_str().unwrap_or_default();
        let address = base_url
            .split_once("://")
            .and_then(|(_, rest)| rest.split('/').next());
        ask(address.unwrap_or_default())
    });
    let authority = ready
        .as_ref()
        .ok()
        .and_then(|ready| ready["ca_file"].as_str());
    let authority = authority.map(fs::read_to_string);
    let file = arguments.iter().position(|word| *word == "--ready-file");
    let file = file.map(|at| fs::read_to_string(folder.join(arguments[at + 1])));
    // Only now may anything fail: a server must not outlive the test.
    let killed = child.kill().and_then(|()| child.wait());
    killed.expect("the server can be stopped");
    let ready = ready.unwrap_or_else(|error| panic!("`{shown}`: {error}\n{text}"));
    let status = status.unwrap_or_default();
    if arguments.contains(&"--tls") {
        assert_eq!(status.first(), Some(&TLS_ALERT), "`{shown}`");
        let authority = authority.expect("an authority").expect("its certificate");
        assert!(authority.contains("BEGIN CERTIFICATE"), "`{shown}`");
    } else {
        assert!(status.starts_with(b"HTTP/1.1 "), "`{shown}`");
    }
    for field in ["vendor", "base_url", "credentials", "counts"] {
        assert!(!ready[field].is_null(), "`{shown}` does not say `{field}`");
    }
    if let Some(file) = file {
        let file: Value = serde_json::from_str(&file.expect("a ready file")).expect("JSON");
        assert_eq!(file, ready, "`{shown}`");
    }
}

/// What a server that speaks TLS says first to somebody who does not.
const TLS_ALERT: u8 = 0x15;

/// The reply to one request in plain HTTP; empty when nobody answers.
fn ask(address: &str) -> Vec<u8> {
    let mut reply = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let asked = stream.write_all(request.as_bytes());
        let _ = asked.and_then(|()| stream.read_to_end(&mut reply).map(drop));
    }
    reply
}
