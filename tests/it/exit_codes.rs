//! The exit codes that the program has are the ones that its manual and its help list.

use std::collections::BTreeSet;

use syncrig::exit_code::{ALL, OK};

use crate::support::bin::{repository, syncrig};

/// Numbers of a text that stand alone, as codes do.
fn numbers(text: &str) -> BTreeSet<u8> {
    text.split(|it: char| !it.is_ascii_alphanumeric())
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[test]
fn the_readme_lists_every_code_and_no_other() {
    let readme = std::fs::read_to_string(repository("README.md")).expect("there is a README");
    let section = readme
        .split("\n#")
        .find(|section| {
            let head = section.lines().next().unwrap_or_default();
            head.to_lowercase().contains("exit codes")
        })
        .expect("a section on exit codes");
    for (code, meaning) in ALL {
        let beginning: Vec<&str> = meaning.split(' ').take(3).collect();
        let beginning = beginning.join(" ");
        let listed = section
            .lines()
            .any(|line| numbers(line).contains(code) && line.contains(&beginning));
        assert!(listed, "no line with {code} and `{beginning}`:\n{section}");
    }
    let known: BTreeSet<u8> = ALL.iter().map(|(code, _)| *code).collect();
    let rows = section.lines().filter(|line| line.starts_with('|'));
    let told: BTreeSet<u8> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(numbers)
        .collect();
    assert!(told.is_subset(&known), "{told:?}");
}

#[test]
fn the_help_lists_every_code_and_no_other() {
    let help = syncrig(["--help"]).expect_code(OK).stdout;
    let (_, codes) = help.split_once("Exit codes:").expect("a list of codes");
    let known: BTreeSet<u8> = ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(numbers(codes), known);
}

#[test]
fn codes_are_in_order_and_each_has_a_meaning() {
    assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(ALL.iter().all(|(_, meaning)| meaning.len() > 5));
}
