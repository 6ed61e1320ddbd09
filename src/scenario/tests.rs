//! Whole files: broken ones and what a user reads about them, the manual's examples, the way back
//! to YAML, the schema.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncrig_mocks::Vendor;
use syncrig_mocks::world::Tool;

use super::parse::read_yaml;
use super::{Scenario, Selection, Style, codes, load, parse, parse_with, schema};
use crate::model::Method;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn blessing() -> bool {
    env::var_os("SYNCRIG_BLESS").is_some_and(|value| value == "1")
}

/// Compares with a file, or writes it.
fn golden(path: &Path, actual: &str) -> Result<(), String> {
    if blessing() {
        fs::write(path, actual).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    Err(format!(
        "{} is out of date; SYNCRIG_BLESS=1 writes it anew\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    ))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .collect();
    files.sort();
    files
}

#[test]
fn every_broken_file_says_what_where_and_how_to_mend_it() {
    let folder = root().join("tests/broken");
    let scripts = files(&folder, "yaml");
    assert!(scripts.len() >= 12, "{} broken files", scripts.len());
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for path in scripts {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let read = |file: &str| fs::read(folder.join(file));
        let diagnostics = match parse_with(name, &text, read) {
            Ok(_) => {
                wrong.push(format!("{name} is not broken"));
                continue;
            }
            Err(diagnostics) => diagnostics,
        };
        seen.extend(diagnostics.iter().map(|it| it.code));
        let rendered = diagnostics.render(Style::Plain);
        wrong.extend(golden(&path.with_extension("stderr"), &rendered).err());
    }
    for code in codes::ALL {
        if !seen.contains(code) {
            wrong.push(format!("no broken file shows `{code}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples of the manual that are whole scenarios.
fn examples() -> Vec<(String, String)> {
    let manual = fs::read_to_string(root().join("docs/scenarios.md")).unwrap();
    let examples: Vec<_> = manual
        .split("```yaml\n")
        .skip(1)
        .filter_map(|block| block.split_once("```").map(|(text, _)| text))
        .filter(|text| text.contains("title:") && text.contains("steps:"))
        .enumerate()
        .map(|(number, text)| (format!("example-{}", number + 1), text.to_owned()))
        .collect();
    assert!(examples.len() >= 4, "{} examples", examples.len());
    examples
}

fn shipped() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|it| it == "yaml") {
                let text = fs::read_to_string(&path).unwrap();
                // Tenants of their own lie beside the scripts that use them.
                if text.contains("\nsteps:") {
                    found.push((path.display().to_string(), text));
                }
            }
        }
    }
    let mut found = examples();
    walk(&root().join("scenarios"), &mut found);
    found
}

#[test]
fn the_examples_of_the_manual_are_right() {
    for (name, text) in examples() {
        if let Err(diagnostics) = parse(&name, &text) {
            panic!("{}", diagnostics.render(Style::Plain));
        }
    }
}

#[test]
fn the_manual_knows_every_code_and_step() {
    let manual = fs::read_to_string(root().join("docs/scenarios.md")).unwrap();
    for code in codes::ALL {
        assert!(manual.contains(&format!("`{code}`")), "{code}");
    }
    let schema = schema();
    let steps = schema["$defs"]["Step"]["oneOf"].as_array().unwrap();
    assert!(steps.len() >= 16);
    for step in steps {
        let name = step["required"][0].as_str().unwrap();
        assert!(manual.contains(&format!("### `{name}`")), "{name}");
    }
}

#[test]
fn what_is_printed_reads_back_as_the_same() {
    for (name, text) in shipped() {
        let first = read_yaml(&text).unwrap();
        let printed = first.to_yaml().unwrap();
        let again =
            read_yaml(&printed).unwrap_or_else(|error| panic!("{name}: {error}\n{printed}"));
        assert_eq!(first, again, "{name}\n{printed}");
        assert_eq!(printed, again.to_yaml().unwrap(), "{name}");
    }
}

#[test]
fn the_schema_file_is_up_to_date() {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap();
    text.push('\n');
    golden(&root().join("schema/scenario.schema.json"), &text).unwrap();
}

const MINIMAL: &str = "\
title: Minimal
method: B
labels: [slow]
tenant:
  organizations:
    acme: { name: Acme Dental }
steps:
  - connect: { psa: {} }
  - sync: psa
  - connect: { rmm: {} }
  - sync: rmm
";

fn scenario(text: &str) -> Scenario {
    parse("b/minimal.yaml", text).unwrap_or_else(|error| panic!("{}", error.render(Style::Plain)))
}

fn vendors(tool: Tool) -> Vec<Vendor> {
    Vendor::of(tool).collect()
}

#[test]
fn a_case_for_each_pair_of_vendors() {
    let both = Arc::new(scenario(MINIMAL));
    let names = |script: &Arc<Scenario>, selection: &Selection| -> Vec<String> {
        let cases = script.cases(selection).into_iter();
        cases.map(|case| case.name).collect()
    };
    let (psas, rmms) = (vendors(Tool::Psa), vendors(Tool::Rmm));
    let pair = |psa, rmm| format!("b/minimal [{psa} + {rmm}]");
    // Nobody is named: the first of each plays, and whoever is asked for.
    assert_eq!(
        names(&both, &Selection::default()),
        [pair(psas[0], rmms[0])]
    );
    let everybody = Selection {
        psa: psas.clone(),
        rmm: rmms.clone(),
        ..Selection::default()
    };
    let pairs: Vec<String> = psas
        .iter()
        .flat_map(|psa| rmms.iter().map(move |rmm| pair(*psa, *rmm)))
        .collect();
    assert_eq!(names(&both, &everybody), pairs);

    // Those that a scenario names all play, in its order.
    let [first, .., last] = psas[..] else {
        panic!("there is but one PSA");
    };
    let chosen = MINIMAL.replace(
        "labels",
        &format!(
            "vendors: {{ psa: [{last}, {first}], rmm: [{}] }}\nlabels",
            rmms[0]
        ),
    );
    let chosen = Arc::new(scenario(&chosen));
    let both = [pair(last, rmms[0]), pair(first, rmms[0])];
    assert_eq!(names(&chosen, &Selection::default()), both);
    assert_eq!(names(&chosen, &everybody), both);
}

#[test]
fn a_warning_does_not_keep_a_scenario_from_running() {
    assert_eq!(scenario(MINIMAL).warnings, []);
    let text = MINIMAL.replace("labels", "vendors: { rmm: [datto-rmm, datto-rmm] }\nlabels");
    let warned = scenario(&text);
    assert_eq!(warned.warnings.len(), 1);
    assert_eq!(warned.warnings[0].place.as_ref().unwrap().line, 3);
    // Listed twice, played once, with each PSA that is asked for.
    let psas = vendors(Tool::Psa);
    let every_psa = Selection {
        psa: psas.clone(),
        ..Selection::default()
    };
    assert_eq!(Arc::new(warned).cases(&every_psa).len(), psas.len());
}

#[test]
fn a_tool_that_is_never_connected_has_no_vendor() {
    let psa_only = MINIMAL
        .replace("  - connect: { rmm: {} }\n  - sync: rmm\n", "")
        .replace("method: B", "method: A");
    let cases = Arc::new(scenario(&psa_only)).cases(&Selection::default());
    assert!(
        cases
            .iter()
            .all(|case| case.rmm.is_none() && case.psa.is_some())
    );
    assert_eq!(cases[0].name, "b/minimal [connectwise-psa]");

    let rmm_only = MINIMAL
        .replace("  - connect: { psa: {} }\n  - sync: psa\n", "")
        .replace("method: B", "method: D");
    let cases = Arc::new(scenario(&rmm_only)).cases(&Selection::default());
    assert!(
        cases
            .iter()
            .all(|case| case.psa.is_none() && case.rmm.is_some())
    );
}

#[test]
fn a_selection_takes_what_it_names() {
    let both = Arc::new(scenario(MINIMAL));
    let count = |selection: Selection| both.cases(&selection).len();
    let of = |filter: &str| Selection {
        filter: Some(filter.to_owned()),
        ..Selection::default()
    };
    let all = count(Selection::default());
    assert_eq!(count(of("minimal")), all);
    assert_eq!(count(of("slow")), all);
    assert_eq!(count(of("fast")), 0);
    assert_eq!(count(of("connectwise-psa + datto-rmm")), 1);
    assert_eq!(
        count(Selection {
            methods: vec![Method::A, Method::C],
            ..Selection::default()
        }),
        0
    );
    assert_eq!(
        count(Selection {
            psa: vec![Vendor::ConnectwisePsa],
            rmm: vec![Vendor::DattoRmm],
            ..Selection::default()
        }),
        1
    );
    // A vendor that plays the other part selects nothing.
    assert_eq!(
        count(Selection {
            psa: vec![Vendor::DattoRmm],
            ..Selection::default()
        }),
        0
    );
}

#[test]
fn a_file_is_loaded_with_its_tenant_and_named_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("scenarios/b");
    fs::create_dir_all(&place).unwrap();
    let script = place.join("from-file.yaml");
    let text = MINIMAL.replace(
        "tenant:\n  organizations:\n    acme: { name: Acme Dental }\n",
        "tenant: { file: ../acme.yaml }\n",
    );
    fs::write(&script, &text).unwrap();
    let error = load(&script).unwrap_err();
    assert_eq!(error.iter().next().unwrap().code, codes::FILE);

    let tenant = place.join("../acme.yaml");
    fs::write(&tenant, "organizations:\n  acme: { name: Acme Dental }\n").unwrap();
    let loaded = load(&script).unwrap();
    assert_eq!(loaded.name, "b/from-file");
    assert_eq!(loaded.tenant().organizations.len(), 1);

    // A fault in the tenant's file is shown there.
    fs::write(&tenant, "organizations:\n  acme: { nam: Acme Dental }\n").unwrap();
    let error = load(&script).unwrap_err();
    let first = error.iter().next().unwrap();
    assert_eq!(
        (first.path(), first.code),
        ("../acme.yaml", codes::UNKNOWN_FIELD)
    );
    fs::write(
        &tenant,
        "organizations:\n  acme: { name: A, parent: lark }\n",
    )
    .unwrap();
    let error = load(&script).unwrap_err();
    let first = error.iter().next().unwrap();
    assert_eq!((first.path(), first.code), ("../acme.yaml", codes::TENANT));
    assert_eq!(first.place.as_ref().unwrap().line, 2);
}

#[test]
fn the_seed_of_the_script_is_the_tenants() {
    let seeded = scenario(&MINIMAL.replace("labels", "seed: 42\nlabels"));
    assert_eq!(*seeded.tenant().seed, 42);
    let generated = MINIMAL.replace(
        "  organizations:\n    acme: { name: Acme Dental }\n",
        "  generate: { seed: 1, organizations: 2 }\n",
    );
    let plain = scenario(&generated);
    let seeded = scenario(&generated.replace("labels", "seed: 42\nlabels"));
    assert_eq!(plain.tenant().generate.unwrap().seed, 1);
    assert_eq!(seeded.tenant().generate.unwrap().seed, 42);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_shift_nothing() {
    let plain = MINIMAL.replace("sync: rmm", "sync: rm");
    let marked = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    let place = |text: &str| {
        let error = parse("x", text).unwrap_err();
        let place = error.iter().next().unwrap().place.clone().unwrap();
        (place.line, place.column)
    };
    assert_eq!(place(&plain), place(&marked));
}

#[test]
fn colours_are_for_terminals() {
    let error = parse("x.yaml", &MINIMAL.replace("sync: rmm", "sync: rm")).unwrap_err();
    let coloured = error.render(Style::Coloured { width: 80 });
    assert!(coloured.contains('\u{1b}') && coloured.contains("scenario-unknown-value"));
    assert!(!error.render(Style::Plain).contains('\u{1b}'));
    assert_eq!(error.to_string(), "x.yaml:11:11: `rm` is not allowed here");
}

#[test]
fn hostile_text_is_refused_and_does_not_reach_the_terminal_raw() {
    let deep = format!("title: {}", "[".repeat(100_000));
    assert!(parse("deep", &deep).is_err());
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (this, last) in ('b'..='k').zip('a'..='j') {
        let items = vec![format!("*{last}"); 10].join(", ");
        writeln!(bomb, "{this}: &{this} [{items}]").unwrap();
    }
    assert!(parse("bomb", &bomb).is_err());
    let escape = "title: x\nmethod: B\n\"\\e[31mred\": 1\n";
    let text = parse("escape", escape).unwrap_err().render(Style::Plain);
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn no_text_panics() {
    // Every file of the manual and every broken one, cut at every byte and with every byte changed.
    let mut texts: Vec<String> = examples()
        .into_iter()
        .map(|(_, text)| text)
        .take(1)
        .collect();
    texts.extend(
        files(&root().join("tests/broken"), "yaml")
            .iter()
            .map(|path| fs::read_to_string(path).unwrap())
            .take(3),
    );
    for text in texts {
        for (at, _) in text.char_indices() {
            drop(parse("cut", &text[..at]).map_err(|it| it.render(Style::Plain)));
            let mut other = text.clone();
            other.insert(at, '%');
            drop(parse("changed", &other).map_err(|it| it.render(Style::Plain)));
        }
    }
}
