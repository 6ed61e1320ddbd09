//! From text to a scenario. Shape is checked here, meaning in `validate`. A misspelt name does not
//! hide the rest: it is put right in a copy of the text, and the copy is read on.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Component, Path};
use std::sync::Arc;

use syncrig_mocks::world::{Located, Tenant, yaml_options};

use super::codes;
use super::diagnostics::{Diagnostic, Diagnostics, Place, Severity, Source};
use super::explain::{self, Misspelt};
use super::model::{Scenario, TenantSource};
use super::steps::Step;
use super::validate;

/// How large a script may be. Larger tenants go into a file of their own.
const SCRIPT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many misspelt names are put right before the reader gives up.
const REPAIRS_MAX: usize = 50;

/// Reads and checks a scenario file. Its name is the path within the nearest folder `scenarios`,
/// without the ending; outside of one, the name of the file.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn load(path: &Path) -> Result<Scenario, Diagnostics> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Diagnostic::error(codes::FILE, &Source::new(&shown, ""), unreadable(&error))
    })?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut scenario = parse_with(&shown, &text, |file| fs::read(folder.join(file)))?;
    scenario.name = name_of(path);
    Ok(scenario)
}

/// Reads and checks a scenario from memory. `name` is shown in messages and, without a `.yaml` at
/// its end, becomes the scenario's name. A `tenant: { file: … }` cannot be found here, see
/// [`parse_with`].
///
/// # Errors
/// Everything that is wrong with the text.
pub fn parse(name: &str, text: &str) -> Result<Scenario, Diagnostics> {
    parse_with(name, text, |_| {
        Err(io::Error::from(io::ErrorKind::NotFound))
    })
}

/// As [`parse`], with a function that reads the files which the script names (a tenant, files to
/// import), given the path as the script has it.
///
/// # Errors
/// Everything that is wrong with the text, or with those files.
pub fn parse_with(
    name: &str,
    text: &str,
    read: impl Fn(&str) -> io::Result<Vec<u8>>,
) -> Result<Scenario, Diagnostics> {
    // An editor's byte order mark would shift every place.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(name, text);
    if text.len() > SCRIPT_BYTES_MAX {
        let large = Diagnostic::error(codes::SYNTAX, &source, "the script is too large")
            .hint("put the tenant into a file of its own: `tenant: { file: … }`".to_owned());
        return Err(large.into());
    }
    let (scenario, mut found, repaired) = read_shape(&source);
    let Some(mut scenario) = scenario else {
        return Err(Diagnostics::new(found));
    };
    scenario.name = strip_ending(name).to_owned();
    let seen = repaired.source(name);
    let mut meaning = Vec::new();
    read_imports(&mut scenario.steps, &seen, &read, &mut meaning);
    match read_tenant_file(&mut scenario, &seen, &read) {
        Ok(tenant_source) => {
            validate::check(&scenario, &seen, &tenant_source, &mut meaning);
        }
        Err(error) => meaning.push(*error),
    }
    found.extend(
        meaning
            .into_iter()
            .map(|diagnostic| repaired.back(diagnostic, &source)),
    );
    if found.iter().any(|it| it.severity == Severity::Error) {
        return Err(Diagnostics::new(found));
    }
    scenario.warnings = Diagnostics::new(found).into_iter().collect();
    Ok(scenario)
}

/// Reads a tenant from its own file, with the text for messages about what it says. That its
/// references lead somewhere is not checked.
///
/// # Errors
/// What is wrong with the file.
pub fn load_tenant(path: &Path) -> Result<(Tenant, Arc<Source>), Diagnostics> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Diagnostic::error(codes::FILE, &Source::new(&shown, ""), unreadable(&error))
            .hint("`syncrig tenant generate` makes a tenant file".to_owned())
    })?;
    let file = Source::new(shown, text.strip_prefix('\u{feff}').unwrap_or(&text));
    let tenant = read_tenant(&file).map_err(|wrong| Diagnostics::from(*wrong))?;
    Ok((tenant, file))
}

fn read_tenant(file: &Arc<Source>) -> Result<Tenant, Box<Diagnostic>> {
    let says_something = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
    if !file.text.lines().any(says_something) {
        let hint = "a tenant has `organizations` and `devices`, or `generate`; \
                    without any client it says `organizations: {}`";
        let empty = Diagnostic::error(codes::SYNTAX, file, "the file is empty");
        return Err(Box::new(empty.hint(hint.to_owned())));
    }
    Tenant::from_yaml(&file.text).map_err(|error| {
        let (diagnostic, _) = explain::yaml_error(&error, file);
        let of_a_script = diagnostic.place.as_ref().is_some_and(|place| {
            ["title", "method", "steps", "tenant"].contains(&&file.text[place.span.clone()])
        });
        Box::new(if of_a_script && diagnostic.code == codes::UNKNOWN_FIELD {
            let hint = "a tenant file holds what stands under `tenant:` in a scenario, \
                        and nothing else";
            diagnostic.hint(hint.to_owned())
        } else {
            diagnostic
        })
    })
}

/// Reads the shape, and goes on after misspelt names.
fn read_shape(source: &Arc<Source>) -> (Option<Scenario>, Vec<Diagnostic>, Repaired) {
    let mut repaired = Repaired::new(&source.text);
    let mut found = Vec::new();
    loop {
        let error = match read_yaml(&repaired.text) {
            Ok(scenario) => return (Some(scenario), found, repaired),
            Err(error) => error,
        };
        let seen = repaired.source(&source.path);
        let (diagnostic, misspelt) = explain::yaml_error(&error, &seen);
        if repaired.caused(&diagnostic) {
            return (None, found, repaired);
        }
        let place = diagnostic.place.clone();
        found.push(repaired.back(diagnostic, source));
        let again = match (misspelt, place) {
            (Some(misspelt), Some(place)) if found.len() < REPAIRS_MAX => {
                repaired.put_right(place.span, &misspelt)
            }
            _ => false,
        };
        if !again {
            return (None, found, repaired);
        }
    }
}

/// Reads YAML into a scenario without checking what it means.
pub(super) fn read_yaml(text: &str) -> Result<Scenario, serde_saphyr::Error> {
    let mut options = yaml_options();
    options.emit_comments = false;
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options)
}

/// Fills in the tenant from its file, when it has one. Gives the source in which the tenant stands.
fn read_tenant_file(
    scenario: &mut Scenario,
    source: &Arc<Source>,
    read: impl Fn(&str) -> io::Result<Vec<u8>>,
) -> Result<Arc<Source>, Box<Diagnostic>> {
    let TenantSource::File { path, tenant } = &mut scenario.tenant else {
        return Ok(Arc::clone(source));
    };
    let text = read(path)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into()))
        .map_err(|error| Box::new(unreadable_file(path, source, &error)))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let file = Source::new(path.as_str(), text);
    *tenant = Arc::new(read_tenant(&file)?);
    Ok(file)
}

/// Reads the files that steps import.
fn read_imports(
    steps: &mut [Located<Step>],
    source: &Arc<Source>,
    read: &impl Fn(&str) -> io::Result<Vec<u8>>,
    found: &mut Vec<Diagnostic>,
) {
    for step in steps {
        match &mut step.value {
            Step::Import(import) => {
                let Some(path) = &import.file else { continue };
                match read(path) {
                    Ok(content) => import.read = content.into(),
                    Err(error) => found.push(unreadable_file(path, source, &error)),
                }
            }
            Step::Refused(refused) => {
                read_imports(std::slice::from_mut(&mut refused.step), source, read, found);
            }
            _ => {}
        }
    }
}

fn unreadable_file(path: &Located<String>, source: &Arc<Source>, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::FILE, source, unreadable(error))
        .at(path.location())
        .label("this file")
        .hint("the path is relative to the script".to_owned())
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::InvalidData => "the file is not UTF-8 text".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

fn strip_ending(name: &str) -> &str {
    name.strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .unwrap_or(name)
}

fn name_of(path: &Path) -> String {
    let parts: Vec<String> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let start = parts
        .iter()
        .rposition(|part| part == "scenarios")
        .map_or(parts.len().saturating_sub(1), |at| at + 1);
    strip_ending(&parts[start..].join("/")).to_owned()
}

/// The text with misspelt names put right, and the way back to the text as it was written.
struct Repaired {
    text: String,
    /// In the order of the text: where in the written text, how long there, how long here.
    repairs: Vec<Repair>,
}

struct Repair {
    written: Range<usize>,
    length: usize,
}

impl Repaired {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            repairs: Vec::new(),
        }
    }

    fn source(&self, path: &str) -> Arc<Source> {
        Source::new(path, self.text.as_str())
    }

    /// Puts a name right. False when the text there is not the name alone (it is quoted, or comes
    /// from an alias), or when it was put right before.
    fn put_right(&mut self, span: Range<usize>, misspelt: &Misspelt) -> bool {
        if self.text.get(span.clone()) != Some(misspelt.written.as_str()) {
            return false;
        }
        let written = self.written(span.clone());
        let at = self
            .repairs
            .partition_point(|repair| repair.written.start < written.start);
        if self
            .repairs
            .get(at)
            .is_some_and(|repair| repair.written.start == written.start)
        {
            return false;
        }
        self.text.replace_range(span, misspelt.meant);
        self.repairs.insert(
            at,
            Repair {
                written,
                length: misspelt.meant.len(),
            },
        );
        true
    }

    /// The range in the written text.
    fn written(&self, span: Range<usize>) -> Range<usize> {
        self.offset(span.start)..self.offset(span.end)
    }

    fn offset(&self, here: usize) -> usize {
        let mut written = here;
        for repair in &self.repairs {
            // `written` is right with regard to all repairs before this one.
            if written <= repair.written.start {
                break;
            }
            let end = repair.written.start + repair.length;
            written = if written < end {
                repair.written.start
            } else {
                written - repair.length + repair.written.len()
            };
        }
        written
    }

    /// The same complaint about the text as it was written.
    fn back(&self, mut diagnostic: Diagnostic, source: &Arc<Source>) -> Diagnostic {
        if diagnostic.source.path != source.path {
            return diagnostic;
        }
        if let Some(place) = &diagnostic.place {
            let span = self.written(place.span.clone());
            diagnostic.place = Some(Place::new(&source.text, span));
        }
        diagnostic.source = Arc::clone(source);
        diagnostic
    }

    /// Whether a complaint is about a repair and not about what was written: the name that was put
    /// in is there already, or its value is of another kind.
    fn caused(&self, diagnostic: &Diagnostic) -> bool {
        if !matches!(diagnostic.code, codes::INVALID_VALUE | codes::SYNTAX) {
            return false;
        }
        let Some(place) = &diagnostic.place else {
            return false;
        };
        let complaint = place.span.start;
        let mut shift = 0_isize;
        self.repairs.iter().any(|repair| {
            let start = repair.written.start.saturating_add_signed(shift);
            let end = start + repair.length;
            shift += signed(repair.length) - signed(repair.written.len());
            complaint == start
                || self
                    .text
                    .get(end..complaint)
                    .is_some_and(|between| between.trim_matches([':', ' ', '\n', '\r']).is_empty())
        })
    }
}

fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}
