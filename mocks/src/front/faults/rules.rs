//! Fault rules and the list of those in force. The list says which rule has its turn; what the
//! fault does to a reply is not its business.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

/// Which requests are answered wrongly, and how.
///
/// ```
/// # use syncrig_mocks::front::{Fault, FaultRule};
/// let rule: FaultRule = serde_json::from_str(
///     r#"{"operation": "devices.*", "skip": 1, "times": 2, "answer": {"status": {"code": 503}}}"#,
/// )?;
/// assert_eq!(rule.answer, Fault::Status { code: 503, retry_after_s: None });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Name of an operation (`devices.list`), or the beginning of one with `*` behind it
    /// (`devices.*`). Left out: every operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How many matching requests are answered properly first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// How many are answered wrongly then. Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The wrong answer.
    pub answer: Fault,
}

/// A wrong answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// An error status with the vendor's own error body. What was asked is not done.
    Status {
        /// Status code, 200 to 599.
        #[serde(deserialize_with = "status_code")]
        #[schemars(range(min = 200, max = 599))]
        code: u16,
        /// Value of a `Retry-After` header, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u32>,
    },
    /// An HTML page, as a proxy in between sends it. What was asked is not done.
    Html {
        /// Status code, 200 to 599.
        #[serde(deserialize_with = "status_code")]
        #[schemars(range(min = 200, max = 599))]
        code: u16,
    },
    /// 200 without a body. What was asked is done.
    Empty,
    /// A field is missing in one record. What was asked is done. A reply without this record or
    /// field is left alone and not counted.
    DropField {
        /// The field; dots lead into objects and, by number, into arrays (`nics.0.macAddress`).
        field: String,
        /// Which record of the page, from 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        record: u32,
    },
    /// A field has a value of the wrong type in one record. What was asked is done. A reply without
    /// this record or field is left alone and not counted.
    RetypeField {
        /// The field; dots lead into objects and, by number, into arrays (`nics.0.macAddress`).
        field: String,
        /// The value. Left out: text in place of an object or array, an object in place of
        /// anything else.
        #[serde(
            default,
            deserialize_with = "present",
            skip_serializing_if = "Option::is_none"
        )]
        #[schemars(with = "Value")]
        value: Option<Value>,
        /// Which record of the page, from 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        record: u32,
    },
    /// The page that the same path served before, once more. A request without a page before it is
    /// left alone and not counted.
    RepeatPage,
    /// The first half of the body as a complete HTTP reply. What was asked is done.
    Truncate,
    /// The connection is closed without a reply. What was asked is not done.
    Reset,
    /// What was asked is done; then the connection is closed without a reply.
    CommitThenDrop,
    /// The proper answer, late.
    Delay {
        /// How late, in milliseconds.
        ms: u64,
    },
}

impl Fault {
    /// Whether what was asked is not done.
    pub(super) const fn prevents(&self) -> bool {
        matches!(self, Self::Status { .. } | Self::Html { .. } | Self::Reset)
    }
}

impl FaultRule {
    /// A rule for every request.
    pub fn new(answer: Fault) -> Self {
        Self {
            operation: None,
            skip: 0,
            times: None,
            answer,
        }
    }

    /// Only for this operation (or, with `*` at the end, those that begin so).
    #[must_use]
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Lets the first `skip` matching requests through.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Only so often.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether the rule is for this operation.
    pub fn matches(&self, operation: &str) -> bool {
        match self.operation.as_deref() {
            None => true,
            Some(pattern) => match pattern.strip_suffix('*') {
                Some(beginning) => operation.starts_with(beginning),
                None => operation == pattern,
            },
        }
    }
}

/// The rules in force, in the order in which they were added. A request goes to the first rule whose
/// turn it is; the rules behind that one do not see it.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    rules: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    id: u64,
    rule: FaultRule,
    skipped: u32,
    fired: u32,
}

impl Active {
    fn spent(&self) -> bool {
        self.rule.times.is_some_and(|times| self.fired >= times)
    }
}

impl Faults {
    /// No faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule, which stays until [`clear`](Self::clear).
    pub fn add(&self, rule: FaultRule) {
        self.push(rule);
    }

    /// Adds a rule that goes away with the guard.
    pub fn scoped(self: &Arc<Self>, rule: FaultRule) -> FaultGuard {
        FaultGuard {
            id: self.push(rule),
            faults: Arc::clone(self),
        }
    }

    /// Takes every rule away.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// The rules in force and how often each has answered.
    pub fn fired(&self) -> Vec<(FaultRule, u32)> {
        self.lock()
            .rules
            .iter()
            .map(|active| (active.rule.clone(), active.fired))
            .collect()
    }

    /// Whether a rule could still answer something; without one the simulator can be asked
    /// directly.
    pub(super) fn active(&self) -> bool {
        self.lock().rules.iter().any(|active| !active.spent())
    }

    /// Whether pages of this operation may have to be repeated later.
    pub(super) fn repeats(&self, operation: &str) -> bool {
        self.lock().rules.iter().any(|active| {
            !active.spent()
                && active.rule.answer == Fault::RepeatPage
                && active.rule.matches(operation)
        })
    }

    /// The fault for the next request to an operation, counted as given.
    pub(super) fn next(&self, operation: &str) -> Option<Turn> {
        let mut state = self.lock();
        for active in &mut state.rules {
            if active.spent() || !active.rule.matches(operation) {
                continue;
            }
            if active.skipped < active.rule.skip {
                active.skipped += 1;
                continue;
            }
            active.fired = active.fired.saturating_add(1);
            return Some(Turn {
                id: active.id,
                fault: active.rule.answer.clone(),
            });
        }
        None
    }

    /// The fault could not be laid over the reply (no such field): it has its turn again.
    pub(super) fn give_back(&self, turn: &Turn) {
        let mut state = self.lock();
        if let Some(active) = state.rules.iter_mut().find(|active| active.id == turn.id) {
            active.fired = active.fired.saturating_sub(1);
        }
    }

    fn push(&self, rule: FaultRule) -> u64 {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        state.rules.push(Active {
            id,
            rule,
            skipped: 0,
            fired: 0,
        });
        id
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fault that is about to be laid over a reply.
pub(super) struct Turn {
    id: u64,
    pub(super) fault: Fault,
}

/// Keeps a rule in force until it is dropped.
#[derive(Debug)]
#[must_use = "the rule is taken away when the guard is dropped"]
pub struct FaultGuard {
    id: u64,
    faults: Arc<Faults>,
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        self.faults
            .lock()
            .rules
            .retain(|active| active.id != self.id);
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is the serializer's"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn status_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let code = u16::deserialize(deserializer)?;
    match StatusCode::from_u16(code) {
        Ok(_) if (200..600).contains(&code) => Ok(code),
        _ => Err(de::Error::invalid_value(
            de::Unexpected::Unsigned(u64::from(code)),
            &"a status code from 200 to 599",
        )),
    }
}

/// Tells `value: null` from no value.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
