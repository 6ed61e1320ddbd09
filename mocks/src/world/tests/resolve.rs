//! What a check of a tenant finds, and where it points.

use super::super::{Tenant, TenantError};
use super::tenant;

fn errors(yaml: &str) -> Vec<TenantError> {
    tenant(yaml).resolve().unwrap_err()
}

/// One error, as `line:column message (hint)`.
fn error(yaml: &str) -> String {
    let errors = errors(yaml);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = &errors[0];
    let place = error.location.unwrap();
    let hint = error.hint.as_deref().unwrap_or("-");
    format!(
        "{}:{} {} ({hint})",
        place.line(),
        place.column(),
        error.message
    )
}

#[test]
fn unknown_references_get_the_nearest_name() {
    assert_eq!(
        error(
            "organizations: { acme: { name: Acme } }\ndevices:\n  ws1: { organization: akme, name: W }"
        ),
        "3:24 the device `ws1` names the organization `akme`, which is not there (did you mean `acme`?)"
    );
    assert_eq!(
        error("organizations:\n  acme: { name: Acme, parent: zzz }"),
        "2:31 the organization `acme` names the parent `zzz`, which is not there (add `zzz` to `organizations`)"
    );
    assert_eq!(
        error(
            "organizations: { acme: { name: A } }\ncontacts:\n  pat: { organization: acme, first_name: Pat, psa: { location: main } }\nlocations: { man: { organization: acme, name: M } }"
        ),
        "3:64 the contact `pat` names the location `main`, which is not there (did you mean `man`?)"
    );
    assert_eq!(
        error(
            "organizations: { acme: { name: A } }\ndevices:\n  ws1: { organization: acme, name: W, in: [], contact: pat }"
        ),
        "3:56 the device `ws1` names the contact `pat`, which is not there (add `pat` to `contacts`)"
    );
}

#[test]
fn a_child_must_not_be_where_its_parent_is_not() {
    assert_eq!(
        error(
            "organizations:\n  acme: { name: A, in: [rmm] }\ndevices:\n  ws1: { organization: acme, name: W, in: [rmm, psa] }"
        ),
        "4:49 the device `ws1` is in the psa, but its organization `acme` is not (list `psa` in the organization's `in`, or take it out of `ws1`)"
    );
    assert_eq!(
        error(
            "organizations:\n  acme: { name: A, in: [rmm] }\ndevices:\n  ws1: { organization: acme, name: W }"
        ),
        "4:24 the device `ws1` is in the psa, but its organization `acme` is not (list `psa` in the organization's `in`, or take it out of `ws1`)"
    );
    assert_eq!(
        error("organizations:\n  acme: { name: A, in: [psa] }\n  sub: { name: S, parent: acme }"),
        "3:27 the organization `sub` is in the rmm, but its parent `acme` is not (list `rmm` in the parent's `in`, or write `rmm: { parent: null }`)"
    );
    assert_eq!(
        error(
            "organizations: { acme: { name: A } }\ndevices:\n  ws1: { organization: acme, name: W, rmm: { organization: acme#2 } }"
        ),
        "3:60 the device `ws1` is in the rmm, but its organization `acme#2` is not (name it in the override of the tool that has it, or add a copy of `acme`)"
    );
    assert_eq!(
        error(
            "organizations: { acme: { name: A } }\nlocations: { main: { organization: acme, name: M, in: [] } }\ndevices:\n  ws1: { organization: acme, name: W, location: main }"
        ),
        "4:49 the device `ws1` is in the psa, but its location `main` is not (list `psa` in the `in` of `main`, or write `psa: { location: null }`)"
    );
}

#[test]
fn overrides_can_mend_a_reference() {
    tenant("organizations:\n  acme: { name: A, in: [psa] }\n  sub: { name: S, parent: acme, rmm: { parent: null } }\n").resolve().unwrap();
}

#[test]
fn organizations_must_not_stand_above_themselves() {
    assert_eq!(
        error(
            "organizations:\n  a: { name: A, parent: b }\n  b: { name: B, parent: c }\n  c: { name: C, parent: a }"
        ),
        "4:25 the organization `c` has the parent `a`, which stands below it (leave out one `parent` on the way)"
    );
    assert_eq!(
        error("organizations:\n  a: { name: A, rmm: { parent: a } }"),
        "2:32 the organization `a` has the parent `a`, which stands below it (leave out one `parent` on the way)"
    );
    assert_eq!(
        error("organizations:\n  a: { name: A, copies: { psa: [{ parent: a#2 }] } }"),
        "2:43 the organization `a` has the parent `a#2`, which stands below it (leave out one `parent` on the way)"
            .replace("`a` has", "`a#2` has")
    );
}

#[test]
fn keys_tools_and_copies_are_checked() {
    assert_eq!(
        error("organizations:\n  acme#2: { name: A }"),
        "2:3 the organization key `acme#2` is empty or holds `#` (write further records of the same organization under its `copies`)"
    );
    assert_eq!(
        error("organizations:\n  acme: { name: A, in: [psa, psa] }"),
        "2:30 the organization `acme` is in the psa twice (a second record goes under `copies: { psa: [..] }`)"
    );
    assert_eq!(
        error("organizations:\n  acme: { name: A, in: [psa], copies: { rmm: [{}] } }"),
        "2:3 the organization `acme` has copies in the rmm, which does not hold it (list `rmm` in its `in`)"
    );
    assert_eq!(
        error(
            "organizations: { acme: { name: A } }\ndevices:\n  ws1: { organization: acme, name: W, nics: [{ ip: 10.0.0.1 }], ip: 10.0.0.2 }"
        ),
        "3:3 the device `ws1` gives `nics` beside `macs` or `ip` (give addresses inside `nics`, or leave `nics` out)"
    );
    assert_eq!(
        error("generate: { organizations: 2 }\nseed: 4"),
        "1:11 `generate` stands beside entities or a seed of the tenant's own (leave only `company` and `contents` beside it; the seed goes inside)"
    );
    assert_eq!(
        error("generate: { devices_per_organization: !uniform { min: 5, max: 2 } }")
            .replace("!uniform", ""),
        "1:11 `devices_per_organization` goes from 5 to 2 (exchange the two numbers of `devices_per_organization`)"
    );
}

#[test]
fn one_mistake_is_said_once_and_a_flood_is_cut() {
    let devices: Vec<String> = (0..300)
        .map(|number| format!("  d{number}: {{ organization: nobody, name: D }}\n"))
        .collect();
    let yaml = format!("devices:\n{}", devices.concat());
    assert_eq!(errors(&yaml).len(), 100);
}

#[test]
fn what_yaml_itself_forbids_has_a_place_too() {
    for (yaml, line, part) in [
        (
            "devices:\n  a: { organization: x, name: A, nome: B }",
            2,
            "nome",
        ),
        (
            "organizations:\n  a: { name: A }\n  a: { name: B }",
            3,
            "duplicate",
        ),
        ("organizations:\n  a: { name: A, in: [crm] }", 2, "crm"),
        (
            "organizations:\n  a: { name: A, psa: { name: null } }",
            2,
            "null",
        ),
        ("organizations:\n  a: { name: A, active: maybe }", 2, "bool"),
        ("generate:\n  dirt: { renamed: 3 }", 2, "between 0 and 1"),
        ("locations:\n  a: { name: A }", 2, "organization"),
    ] {
        let error = Tenant::from_yaml(yaml).unwrap_err();
        assert_eq!(error.location().unwrap().line(), line, "{yaml}");
        assert!(error.to_string().contains(part), "{yaml}: {error}");
    }
}

#[test]
fn a_hostile_file_is_refused_without_growing() {
    let mut bomb = "company: X\ncontents:\n  contact_types: &a0 [x, x, x, x, x, x, x, x, x, x]\n  organization_types:\n".to_owned();
    for _ in 0..20_000 {
        bomb += "    - *a0\n";
    }
    assert!(Tenant::from_yaml(&bomb).is_err());
    assert!(Tenant::from_yaml(&"[".repeat(10_000)).is_err());
    assert!(Tenant::from_yaml(&format!("devices: {}", "{a: ".repeat(500))).is_err());
}
