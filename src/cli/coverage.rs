//! Rules and what verifies them, for people: all in short, some in full, or what is wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::output::paragraph;
use crate::model::Evidence;
use crate::report::{Colour, HumanOptions, Paint, one_line};
use crate::rules::{Area, Catalogue, Count, Coverage, Problem, RuleCoverage, Strength, Vendors};

/// Columns that the last column of a line has at least; with less it gets a line of its own.
const ROOM_MIN: usize = 16;
/// From this width on the vendors stand behind each rule.
const WIDE: u16 = 120;

/// Every rule in a line, grouped by area, and the sums.
pub(super) fn table(book: &Catalogue, coverage: &Coverage<'_>, options: HumanOptions) -> String {
    let paint = Paint::new(options.colour);
    let mut text = String::new();
    for area in book.areas() {
        let rules: Vec<&RuleCoverage<'_>> = of_area(coverage, area);
        if rules.is_empty() {
            continue;
        }
        heading(&mut text, area, &rules, paint);
        let ids = widest(rules.iter().map(|it| it.rule.id.as_str()));
        let evidence = widest(rules.iter().map(|it| it.rule.evidence.name()));
        for one in &rules {
            let start = format!(
                "  {:ids$}  {:evidence$}  {:8}  ",
                one.rule.id,
                one.rule.evidence.name(),
                one.rule.strength.name(),
            );
            line(&mut text, &start, one, options, paint);
        }
        text.push('\n');
    }
    sums(&mut text, coverage);
    text
}

fn of_area<'b, 'a>(coverage: &'b Coverage<'a>, area: &Area) -> Vec<&'b RuleCoverage<'a>> {
    let rules = coverage.rules.iter();
    rules.filter(|it| it.rule.area == area.name).collect()
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(str::len).max().unwrap_or_default()
}

fn heading(text: &mut String, area: &Area, rules: &[&RuleCoverage<'_>], paint: Paint) {
    let verified = rules.iter().filter(|it| it.is_verified()).count();
    let vendors: BTreeSet<Vendors> = rules.iter().flat_map(|it| it.vendors()).collect();
    let title = format!("{} ({})", area.title, area.name);
    let _ = writeln!(text, "{}", paint.show(Colour::Bold, &title));
    let mut told = format!("{verified} of {} verified", rules.len());
    if !vendors.is_empty() {
        let _ = write!(told, ", on {}", listed(&vendors, "; "));
    }
    paragraph(text, "  ", &told);
}

fn line(
    text: &mut String,
    start: &str,
    one: &RuleCoverage<'_>,
    options: HumanOptions,
    paint: Paint,
) {
    let width = usize::from(options.width);
    let mut start = start.to_owned();
    let mut room = width.saturating_sub(start.chars().count());
    if room < ROOM_MIN {
        let _ = writeln!(text, "{}", start.trim_end());
        start = "    ".to_owned();
        room = width.saturating_sub(start.len()).max(ROOM_MIN);
    }
    let (colour, told) = match (one.is_verified(), &one.rule.unverified) {
        (true, _) => {
            let mut told = verifiers(one, room);
            if options.width >= WIDE && !one.verified_by.is_empty() {
                let vendors = format!("  [{}]", listed(&one.vendors(), "; "));
                if told.chars().count() + vendors.chars().count() <= room {
                    told.push_str(&vendors);
                }
            }
            (Colour::Plain, told)
        }
        (false, Some(why)) => (Colour::Cyan, cut(&format!("– {why}"), room)),
        (false, None) => (Colour::Red, cut("NOTHING", room)),
    };
    let _ = writeln!(text, "{start}{}", paint.show(colour, &told));
}

/// As many names as there is room for, and how many more there are.
fn verifiers(one: &RuleCoverage<'_>, room: usize) -> String {
    let scenarios = one.verified_by.iter().map(|it| one_line(&it.scenario));
    let tests = one.rule.tests.iter().map(|test| format!("test {test}"));
    let names: Vec<String> = scenarios.chain(tests).collect();
    let count = names.len();
    let mut told = String::new();
    for (at, name) in names.iter().enumerate() {
        let lead = if at == 0 { "" } else { ", " };
        let rest = count - at - 1;
        let more = if rest == 0 { 0 } else { ", +99".len() };
        let needed = told.chars().count() + lead.len() + name.chars().count() + more;
        if needed > room {
            return if at == 0 {
                let more = if rest == 0 {
                    String::new()
                } else {
                    format!(", +{rest}")
                };
                format!("{}{more}", cut(name, room.saturating_sub(more.len())))
            } else {
                format!("{told}, +{}", rest + 1)
            };
        }
        told.push_str(lead);
        told.push_str(name);
    }
    told
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn listed(vendors: &BTreeSet<Vendors>, between: &str) -> String {
    let names: Vec<String> = vendors.iter().map(ToString::to_string).collect();
    names.join(between)
}

/// Verified and all rules by evidence and strength.
fn sums(text: &mut String, coverage: &Coverage<'_>) {
    let _ = write!(text, "{:16}", "verified");
    for strength in Strength::ALL {
        let _ = write!(text, "{:>12}", strength.name());
    }
    let _ = writeln!(text, "{:>12}", "all");
    for evidence in Evidence::ALL {
        let _ = write!(text, "{:16}", evidence.name());
        for strength in Strength::ALL {
            let count = counted(coverage, |one| {
                one.rule.evidence == evidence && one.rule.strength == strength
            });
            let _ = write!(text, "{:>12}", share(count));
        }
        let count = coverage.totals.by_evidence.get(&evidence);
        let _ = writeln!(text, "{:>12}", share(count.copied().unwrap_or_default()));
    }
    let _ = write!(text, "{:16}", "all");
    for strength in Strength::ALL {
        let count = coverage.totals.by_strength.get(&strength);
        let _ = write!(text, "{:>12}", share(count.copied().unwrap_or_default()));
    }
    let _ = writeln!(text, "{:>12}\n", share(coverage.totals.all));
    text.push_str(&ending(coverage));
    text.push_str("`syncrig rules M4` says what a rule says, `syncrig rules two-way` an area's.\n");
}

fn counted(coverage: &Coverage<'_>, which: impl Fn(&RuleCoverage<'_>) -> bool) -> Count {
    let fitting = || coverage.rules.iter().filter(|one| which(one));
    Count {
        rules: fitting().count() as u64,
        verified: fitting().filter(|one| one.is_verified()).count() as u64,
    }
}

fn share(count: Count) -> String {
    match count.rules {
        0 => "–".to_owned(),
        rules => format!("{} of {rules}", count.verified),
    }
}

fn ending(coverage: &Coverage<'_>) -> String {
    let totals = &coverage.totals;
    let left = totals.all.rules - totals.all.verified - totals.excused;
    let mut text = format!(
        "{}: {} verified, {} not yet for a reason, {left} by nothing\n",
        plural(totals.all.rules, "rule"),
        totals.all.verified,
        totals.excused,
    );
    match coverage.problems.len() {
        0 => {}
        count => {
            let problems = plural(count as u64, "problem");
            let _ = writeln!(text, "{problems}: `syncrig rules --check` says what to do");
        }
    }
    text
}

fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// Rules in full.
pub(super) fn details(book: &Catalogue, coverage: &Coverage<'_>) -> String {
    let mut text = String::new();
    for area in book.areas() {
        for one in of_area(coverage, area) {
            if !text.is_empty() {
                text.push('\n');
            }
            detail(&mut text, area, one);
        }
    }
    text
}

fn detail(text: &mut String, area: &Area, one: &RuleCoverage<'_>) {
    let rule = one.rule;
    let (evidence, strength) = (rule.evidence.name(), rule.strength.name());
    let _ = writeln!(text, "{}  {evidence}, {strength}", rule.id);
    paragraph(text, "  ", &rule.statement);
    paragraph(text, "  source    ", &rule.source);
    paragraph(
        text,
        "  area      ",
        &format!("{}: {}", area.name, area.title),
    );
    if !rule.vendors.is_empty() {
        paragraph(text, "  vendors   ", &rule.vendors.join(", "));
    }
    if let Some(knob) = &rule.knob {
        paragraph(text, "  knob      ", knob);
    }
    for test in &rule.tests {
        paragraph(text, "  test      ", test);
    }
    match &rule.unverified {
        Some(why) => paragraph(text, "  unverified  ", why),
        None if !one.is_verified() => paragraph(text, "  verified  ", "by nothing"),
        None => {}
    }
    for verification in &one.verified_by {
        let vendors: BTreeSet<Vendors> = verification.vendors.iter().copied().collect();
        let scenario = one_line(&verification.scenario);
        paragraph(
            text,
            "  verified  ",
            &format!("{scenario} [{}]", listed(&vendors, "; ")),
        );
        paragraph(text, "            ", &one_line(&verification.title));
    }
}

/// What is wrong and what to do; one line when nothing is.
pub(super) fn checked(
    coverage: &Coverage<'_>,
    place: impl Fn(&Problem) -> Option<String>,
) -> String {
    let mut text = String::new();
    for problem in &coverage.problems {
        let _ = writeln!(text, "error: {}", one_line(&problem.message));
        if let Some(at) = place(problem) {
            let _ = writeln!(text, "  --> {}", one_line(&at));
        }
        let _ = writeln!(text, "  help: {}", problem.hint);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&verdict(coverage));
    text
}

fn verdict(coverage: &Coverage<'_>) -> String {
    let totals = &coverage.totals;
    let by_evidence: Vec<String> = totals
        .by_evidence
        .iter()
        .map(|(evidence, count)| format!("{} {}", count.rules, evidence.name()))
        .collect();
    let must = totals.by_strength.get(&Strength::Must);
    let must = share(must.copied().unwrap_or_default());
    let verdict = match coverage.problems.len() {
        0 => "all is verified or says why not".to_owned(),
        count => plural(count as u64, "problem"),
    };
    format!(
        "{}: {}\nverified: {} ({must} musts), {} not yet for a reason\n{verdict}\n",
        plural(totals.all.rules, "rule"),
        by_evidence.join(", "),
        totals.all.verified,
        totals.excused,
    )
}
