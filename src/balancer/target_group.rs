//! The name of a target group, which tells whose endpoint knows it.

/// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    arn: String,
    partition: String,
    region: String,
}

impl TargetGroup {
    /// Reads it.
    #[must_use]
    pub fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "elasticloadbalancing", region, _, resource] = parts[..] else {
            return None;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let named = |text: &str| !text.is_empty() && text.chars().all(plain);
        let fits = named(partition) && named(region) && resource.starts_with("targetgroup/");
        fits.then(|| Self {
            arn: arn.to_owned(),
            partition: partition.to_owned(),
            region: region.to_owned(),
        })
    }

    /// All of it.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Where it is.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The address that knows it.
    pub(super) fn endpoint(&self) -> String {
        let domain = if self.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://elasticloadbalancing.{}.{domain}/", self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_its_region() {
        let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/kyo/73e2";
        let group = TargetGroup::parse(arn).unwrap();
        assert_eq!((group.arn(), group.region()), (arn, "ap-northeast-1"));
        assert_eq!(group.endpoint(), "https://elasticloadbalancing.ap-northeast-1.amazonaws.com/");
        let china = "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:targetgroup/kyo/73e2";
        let endpoint = TargetGroup::parse(china).unwrap().endpoint();
        assert_eq!(endpoint, "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn/");
    }

    #[test]
    fn what_is_no_target_group_is_refused() {
        for wrong in [
            "",
            "kyo",
            "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/kyo/1",
            "arn:aws:ecs:eu-west-1:1:targetgroup/kyo/1",
            "arn:aws:elasticloadbalancing:evil.example/:1:targetgroup/kyo/1",
            "arn:aws:elasticloadbalancing::1:targetgroup/kyo/1",
        ] {
            assert_eq!(TargetGroup::parse(wrong), None, "{wrong}");
        }
    }
}
