//! Codes of the diagnostics. They are stable: people search for them and tests compare them.

/// The file cannot be read.
pub const FILE: &str = "scenario-file";
/// The text is not YAML, is empty, has a key twice, or is too large.
pub const SYNTAX: &str = "scenario-syntax";
/// A field that does not exist.
pub const UNKNOWN_FIELD: &str = "scenario-unknown-field";
/// A step that does not exist.
pub const UNKNOWN_STEP: &str = "scenario-unknown-step";
/// A value that is not one of the few that are allowed.
pub const UNKNOWN_VALUE: &str = "scenario-unknown-value";
/// A field that must be there and is not.
pub const MISSING_FIELD: &str = "scenario-missing-field";
/// A value of the wrong kind or out of range.
pub const INVALID_VALUE: &str = "scenario-invalid-value";
/// The key of an entity that the tenant has not, or not at this step.
pub const UNKNOWN_REFERENCE: &str = "scenario-unknown-reference";
/// A vendor without a simulator, or one that plays the other part.
pub const UNKNOWN_VENDOR: &str = "scenario-unknown-vendor";
/// A type or status that the tenant's PSA has not.
pub const UNKNOWN_SETTING: &str = "scenario-unknown-setting";
/// An error code that no sync ends with.
pub const UNKNOWN_ERROR: &str = "scenario-unknown-error";
/// Text that cannot be the id of a rule.
pub const RULE_ID: &str = "scenario-rule-id";
/// The steps do not fit the method.
pub const METHOD: &str = "scenario-method";
/// A step that cannot come here.
pub const STEP_ORDER: &str = "scenario-step-order";
/// A step or check that does nothing, so that the scenario cannot fail by it.
pub const NO_EFFECT: &str = "scenario-no-effect";
/// A profile that does not exist.
pub const PROFILE: &str = "scenario-profile";
/// The tenant contradicts itself.
pub const TENANT: &str = "scenario-tenant";

/// Every code, in the order of the manual.
pub const ALL: &[&str] = &[
    FILE,
    SYNTAX,
    UNKNOWN_FIELD,
    UNKNOWN_STEP,
    UNKNOWN_VALUE,
    MISSING_FIELD,
    INVALID_VALUE,
    UNKNOWN_REFERENCE,
    UNKNOWN_VENDOR,
    UNKNOWN_SETTING,
    UNKNOWN_ERROR,
    RULE_ID,
    METHOD,
    STEP_ORDER,
    NO_EFFECT,
    PROFILE,
    TENANT,
];
