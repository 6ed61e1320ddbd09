//! What the documents show is true: scenarios are played, commands are run, and each list of names
//! is the one that the program has. It reads the documents as text and knows no file by heart but
//! the README and the manual of scenarios.

mod commands;
mod lists;
mod page;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use syncrig::exit_code::OK;
use syncrig::scenario::{Step, TenantSource};
use syncrig_mocks::world::yaml_options;

use crate::support::bin::syncrig_in;
use page::{pages, readme};

#[test]
fn the_scenarios_pass() {
    let folder = folder();
    // The README's large tenant, in small.
    let small = [
        "tenant",
        "generate",
        "--organizations",
        "3",
        "--out",
        "tenants/tenant.yaml",
    ];
    fs::create_dir(folder.path().join("tenants")).expect("a folder");
    syncrig_in(folder.path(), small).expect_code(OK);
    let mut written = 0;
    for page in pages() {
        for block in page.blocks_of("yaml") {
            if block.is_scenario() {
                assert!(
                    block.text.contains("\nexpect:"),
                    "{}: expects nothing",
                    block.place
                );
                let name = block.place.replace(['/', ':', '.'], "-");
                let text = block
                    .text
                    .replace("file: tenant.yaml", "file: tenants/tenant.yaml");
                write(folder.path(), &format!("{name}.yaml"), &text);
                written += 1;
            }
        }
    }
    assert!(written >= 5, "{written} scenarios");
    let run = syncrig_in(folder.path(), ["run", ".", "--format", "json"]).expect_code(OK);
    let report = run.json();
    let played: BTreeSet<&str> = report["cases"]
        .as_array()
        .expect("a list of cases")
        .iter()
        .filter_map(|case| case["scenario"].as_str())
        .collect();
    assert_eq!(played.len(), written, "{played:?}");
}

/// A part of a scenario is one that the reader takes: steps, or a tenant.
#[test]
fn the_parts_of_scenarios_are_readable() {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Part {
        #[serde(rename = "tenant")]
        _tenant: TenantSource,
    }
    let mut read = 0;
    for page in pages() {
        for block in page
            .blocks_of("yaml")
            .iter()
            .filter(|block| !block.is_scenario())
        {
            let result = if block.text.starts_with("- ") {
                serde_saphyr::from_str_with_options::<Vec<Step>>(block.text, yaml_options())
                    .map(drop)
            } else {
                serde_saphyr::from_str_with_options::<Part>(block.text, yaml_options()).map(drop)
            };
            if let Err(error) = result {
                panic!("{}: {error}", block.place);
            }
            read += 1;
        }
    }
    assert!(read >= 15, "{read} parts");
}

#[test]
fn the_first_scenario_says_what_the_readme_shows() {
    let readme = readme();
    let script = &readme.blocks_of("yaml")[0];
    let shown = &readme.blocks_of("text")[0];
    let folder = folder();
    write(folder.path(), "my-scenario.yaml", script.text);
    let run = syncrig_in(folder.path(), ["run", "my-scenario.yaml"]).expect_code(OK);
    assert_eq!(without_time(&run.stdout), without_time(shown.text));
}

/// How long it took is the one thing that differs from run to run.
fn without_time(text: &str) -> String {
    let last = text.trim_end().rsplit_once(" in ");
    let (rest, time) = last.expect("the last line says how long it took");
    assert!(time.ends_with(" ms") || time.ends_with(" s"), "{text}");
    rest.to_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).expect("a temporary folder can be written to");
    }
    fs::write(path, text).expect("a temporary folder can be written to");
}
