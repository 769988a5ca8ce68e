//! `[drain]`.

use super::{Aws, Section};
use crate::balancer::{Place, TargetGroup};

/// How the process ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// Milliseconds from SIGTERM until the process ends, whatever is left. Default 60000; must be
    /// shorter than what the platform waits before it kills (ECS `stopTimeout`, at most 120 s).
    pub deadline_ms: u64,
    /// Whose target this replica is. Default none: no load balancer is asked.
    pub target_group: Option<TargetGroup>,
    /// The target's address. Default the task's own, as ECS says.
    pub target_address: Option<String>,
    /// Milliseconds between two looks at the target's health. Default 5000; longer takes from the time
    /// between the load balancer's notice and its cut, shorter is asked of AWS for nothing.
    pub target_poll_ms: u64,
}

impl Drain {
    pub(super) fn read(section: &mut Section<'_>, aws: &Aws) -> Self {
        let rule = "must be the ARN of a target group, or empty";
        let group = section.parsed("target_group_arn", rule, |text| match text {
            "" => Some(None),
            arn => TargetGroup::parse(arn).map(Some),
        });
        let drain = Self {
            deadline_ms: section.integer("deadline_ms", 1_000..=115_000),
            target_group: group.flatten(),
            target_address: section.optional_text("target_address"),
            target_poll_ms: section.integer("target_poll_ms", 100..=60_000),
        };
        drain.relate(section, aws);
        drain
    }

    /// What tells under which address this replica is a target.
    #[must_use]
    pub fn place(&self, aws: &Aws) -> Option<Place> {
        self.target_address.clone().map(Place::Known).or_else(|| aws.metadata.clone())
    }

    fn relate(&self, section: &mut Section<'_>, aws: &Aws) {
        if self.target_group.is_some() && aws.credentials.is_none() {
            section.fault(
                "target_group_arn",
                "needs somebody who asks: a task role in ECS, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            );
        }
        if self.target_group.is_some() && self.place(aws).is_none() {
            section.fault("target_group_arn", "needs drain.target_address outside ECS");
        }
    }
}
