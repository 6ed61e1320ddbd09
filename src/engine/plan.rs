//! The four methods as data: steps in order, who writes where, and what leaves the plan. The engine
//! warns when a step leaves it and does what was asked all the same, because the real product does,
//! and the duplicates that follow are what people must see. Source: the vendor's article on sync
//! methods.

use serde::Serialize;

use crate::model::Method;

/// The plan of one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MethodPlan {
    /// The method.
    pub method: Method,
    /// Its name.
    pub title: &'static str,
    /// For whom it is, in a sentence.
    pub choose_when: &'static str,
    /// What must hold before the first step.
    pub preconditions: &'static [&'static str],
    /// The steps, in order.
    pub steps: &'static [PlanStep],
    /// Who writes where.
    pub flows: &'static [Flow],
    /// What leaves the plan.
    pub warnings: &'static [PlanWarning],
}

/// A step of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlanStep {
    /// What to do.
    pub action: &'static str,
    /// What must be so before the next step.
    pub then: &'static str,
}

/// One arrow of the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Where data comes from.
    pub from: &'static str,
    /// Where it goes.
    pub to: &'static str,
    /// What is written, or shown.
    pub what: &'static str,
}

/// What the engine watches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// An RMM is connected although the method has none.
    RmmConnected,
    /// An RMM is connected before a full sync of the PSA has completed.
    RmmBeforePsaSync,
    /// An organization is created on the matching screen.
    OrganizationCreated,
    /// A configuration is created on the matching screen.
    ConfigurationCreated,
    /// A PSA is connected, or its settings changed, with configuration types ticked.
    ConfigurationTypesTicked,
    /// Both tools are connected at once.
    PsaConnected,
}

/// A deviation with its stable id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlanWarning {
    /// Stable id, used in scenarios and reports.
    pub id: &'static str,
    /// What sets it off.
    pub trigger: Trigger,
    /// What will come of it.
    pub consequence: &'static str,
}

impl MethodPlan {
    /// The warning for a deviation, if the plan has one.
    pub fn warning(&self, trigger: Trigger) -> Option<&'static PlanWarning> {
        self.warnings
            .iter()
            .find(|warning| warning.trigger == trigger)
    }
}

/// The plan of a method.
pub const fn plan(method: Method) -> &'static MethodPlan {
    match method {
        Method::A => &A,
        Method::B => &B,
        Method::C => &C,
        Method::D => &D,
    }
}

const PUSH: PlanStep = PlanStep {
    action: "Let the RMM push its devices into the PSA (the RMM's own PSA integration)",
    then: "every device that should be documented is a configuration in the PSA",
};
const CONNECT_PSA: PlanStep = PlanStep {
    action: "Connect the PSA; tick the types and statuses of organizations and configurations to sync",
    then: "wait until the PSA's first full sync has completed",
};
const PSA_RECORDS: Flow = Flow {
    from: "PSA",
    to: "account",
    what: "organizations, locations, contacts",
};
const PSA_CONFIGURATIONS: Flow = Flow {
    from: "PSA",
    to: "account",
    what: "configurations",
};
const RMM_PUSH: Flow = Flow {
    from: "RMM",
    to: "PSA",
    what: "devices",
};
const RMM_OVERLAY: Flow = Flow {
    from: "RMM",
    to: "combined view",
    what: "technical fields, shown over stored ones",
};

const A: MethodPlan = MethodPlan {
    method: Method::A,
    title: "PSA only",
    choose_when: "the PSA already holds every device and technical fields are not needed",
    preconditions: &["the PSA is the source of truth for clients and devices"],
    steps: &[PUSH, CONNECT_PSA],
    flows: &[RMM_PUSH, PSA_RECORDS, PSA_CONFIGURATIONS],
    warnings: &[PlanWarning {
        id: "A-warning-connect-rmm",
        trigger: Trigger::RmmConnected,
        consequence: "this method has no RMM on the account; with one, the plan is method B's",
    }],
};

const B: MethodPlan = MethodPlan {
    method: Method::B,
    title: "PSA + RMM, combined view",
    choose_when: "both tools are in use and one record should show both; the vendor recommends it",
    preconditions: &["the RMM is integrated with the PSA, so that its devices get there"],
    steps: &[
        PUSH,
        CONNECT_PSA,
        PlanStep {
            action: "Connect the RMM",
            then: "wait until its first sync has matched what it can",
        },
        PlanStep {
            action: "On the matching screen, accept, match or ignore what is left; create nothing",
            then: "a device that has no configuration is put right in the PSA and arrives from there",
        },
    ],
    flows: &[RMM_PUSH, PSA_RECORDS, PSA_CONFIGURATIONS, RMM_OVERLAY],
    warnings: &[
        PlanWarning {
            id: "B-warning-rmm-before-psa",
            trigger: Trigger::RmmBeforePsaSync,
            consequence: "devices find no configuration yet and wait on the matching screen; what \
                          is created there now, the PSA brings a second time",
        },
        PlanWarning {
            id: "B-warning-create-organization",
            trigger: Trigger::OrganizationCreated,
            consequence: "the PSA brings the same organization under its own id: a duplicate",
        },
        PlanWarning {
            id: "B-warning-create-configuration",
            trigger: Trigger::ConfigurationCreated,
            consequence: "the PSA brings the same device as its own configuration: a duplicate",
        },
    ],
};

const C: MethodPlan = MethodPlan {
    method: Method::C,
    title: "PSA without configurations + RMM",
    choose_when: "clients and people live in the PSA, but its configurations are not kept up",
    preconditions: &["configurations that a PSA synced before are disconnected first"],
    steps: &[
        PlanStep {
            action: "Connect the PSA with no configuration type ticked",
            then: "wait until the PSA's first full sync has completed",
        },
        PlanStep {
            action: "Connect the RMM",
            then: "wait until its first sync has matched what it can",
        },
        PlanStep {
            action: "On the matching screen, match every company to an organization; create none",
            then: "every company is matched or ignored",
        },
        PlanStep {
            action: "Match or ignore devices; create configurations for the rest, last",
            then: "every device is matched, created or ignored",
        },
    ],
    flows: &[
        PSA_RECORDS,
        Flow {
            from: "matching screen",
            to: "account",
            what: "configurations, written once",
        },
        RMM_OVERLAY,
    ],
    warnings: &[
        PlanWarning {
            id: "C-warning-configuration-types",
            trigger: Trigger::ConfigurationTypesTicked,
            consequence: "the PSA brings configurations as well: devices created on the matching \
                          screen stand twice",
        },
        PlanWarning {
            id: "C-warning-rmm-before-psa",
            trigger: Trigger::RmmBeforePsaSync,
            consequence: "companies find no organization yet and wait on the matching screen; what \
                          is created there now, the PSA brings a second time",
        },
        PlanWarning {
            id: "C-warning-create-organization",
            trigger: Trigger::OrganizationCreated,
            consequence: "the PSA brings the same organization under its own id: a duplicate",
        },
    ],
};

const D: MethodPlan = MethodPlan {
    method: Method::D,
    title: "RMM only",
    choose_when: "there is no PSA, or it is not to feed the account",
    preconditions: &["a connected PSA is disconnected first, normally keeping its data"],
    steps: &[
        PlanStep {
            action: "Import what exists elsewhere (CSV, Network Detective), if anything",
            then: "imported organizations carry the names that the RMM uses",
        },
        PlanStep {
            action: "Connect the RMM",
            then: "wait until its first sync has matched what it can",
        },
        PlanStep {
            action: "On the matching screen, match what exists; create organizations for the rest",
            then: "every company is matched or ignored",
        },
        PlanStep {
            action: "Match or ignore devices; create configurations for the rest, last",
            then: "every device is matched, created or ignored",
        },
    ],
    flows: &[
        Flow {
            from: "matching screen",
            to: "account",
            what: "organizations and configurations, written once",
        },
        RMM_OVERLAY,
    ],
    warnings: &[PlanWarning {
        id: "D-warning-psa-connected",
        trigger: Trigger::PsaConnected,
        consequence: "the PSA goes on writing the same organizations and configurations: duplicates",
    }],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warning_ids_begin_with_their_method() {
        for method in Method::ALL {
            let plan = plan(method);
            assert_eq!(plan.method, method);
            assert!(!plan.steps.is_empty());
            for warning in plan.warnings {
                assert!(
                    warning.id.starts_with(&format!("{method}-warning-")),
                    "{}",
                    warning.id
                );
            }
        }
    }

    #[test]
    fn creating_is_allowed_where_the_article_allows_it() {
        assert!(
            plan(Method::D)
                .warning(Trigger::OrganizationCreated)
                .is_none()
        );
        assert!(
            plan(Method::C)
                .warning(Trigger::ConfigurationCreated)
                .is_none()
        );
        assert!(
            plan(Method::C)
                .warning(Trigger::OrganizationCreated)
                .is_some()
        );
        assert!(
            plan(Method::B)
                .warning(Trigger::ConfigurationCreated)
                .is_some()
        );
    }
}
