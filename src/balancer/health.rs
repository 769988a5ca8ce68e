//! The one question to the load balancer: how it sees one target. Its answer is XML of the query
//! protocol, 2015-12-01.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use roxmltree::{Document, Node};

use super::client::Client;
use super::credentials::Keys;
use super::target_group::TargetGroup;
use crate::domain::Instant;

const SERVICE: &str = "elasticloadbalancing";
const FORM: &str = "application/x-www-form-urlencoded";

/// How the load balancer sees a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Health {
    /// `initial`, `healthy`, `unhealthy`, `draining`, `unused`, `unavailable`, or what comes yet.
    pub(super) state: String,
    /// `Target.NotRegistered` and others; empty when healthy.
    pub(super) reason: String,
}

/// Tells from one health after the other when the target is taken off.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    /// It was a target before.
    registered: bool,
}

impl Watcher {
    /// Draining; or gone without that having been seen. A target that was never registered is on its
    /// way in.
    pub(super) fn is_taken_off(&mut self, health: &Health) -> bool {
        match (&*health.state, &*health.reason) {
            ("draining", _) => true,
            (_, "Target.NotRegistered") => self.registered,
            // Of a group that no listener uses for the moment.
            ("unused", _) => false,
            _ => {
                self.registered = true;
                false
            }
        }
    }
}

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) group: &'a TargetGroup,
    /// Instead of the region's.
    pub(super) endpoint: Option<&'a str>,
    pub(super) id: &'a str,
    pub(super) port: u16,
}

impl Question<'_> {
    pub(super) async fn ask(
        &self,
        client: &Client,
        keys: &Keys,
        now: Instant,
    ) -> Result<Health, String> {
        let url = self.endpoint.map_or_else(|| self.group.endpoint(), str::to_owned);
        let body = self.body();
        let headers = signed(&url, &body, keys, self.group.region(), now)?;
        let answer = client.post(&url, &headers, body.into_bytes()).await?;
        read(answer.status, &answer.text)
    }

    fn body(&self) -> String {
        let (arn, id) = (escaped(self.group.arn()), escaped(self.id));
        format!(
            "Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn={arn}\
             &Targets.member.1.Id={id}&Targets.member.1.Port={}",
            self.port
        )
    }
}

/// What an ARN or an address has beyond letters, digits, dots and hyphens.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace(':', "%3A").replace('/', "%2F")
}

/// All headers of the request, Signature Version 4 among them.
fn signed(
    url: &str,
    body: &str,
    keys: &Keys,
    region: &str,
    now: Instant,
) -> Result<Vec<(String, String)>, String> {
    let (id, secret) = (keys.id.clone(), keys.secret.clone());
    let identity = Credentials::new(id, secret, keys.token.clone(), None, SERVICE).into();
    let since = Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(SystemTime::UNIX_EPOCH + since)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?;
    let given = [("content-type", FORM)];
    let body = SignableBody::Bytes(body.as_bytes());
    let request = SignableRequest::new("POST", url, given.into_iter(), body)
        .map_err(|error| error.to_string())?;
    let signing = sign(request, &params.into()).map_err(|error| error.to_string())?;
    let (instructions, _) = signing.into_parts();
    let all = given.into_iter().chain(instructions.headers());
    Ok(all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn read(status: u16, text: &str) -> Result<Health, String> {
    let document = Document::parse(text).map_err(|error| format!("status {status}: {error}"))?;
    let root = document.root_element();
    if status != 200 {
        let said = |tag| first(root, tag).unwrap_or_default();
        return Err(format!("status {status}: {} {}", said("Code"), said("Message")));
    }
    let state = first(root, "State").ok_or("an answer without a state")?;
    Ok(Health { state, reason: first(root, "Reason").unwrap_or_default() })
}

/// One target was asked for, so each of these stands there once.
fn first(root: Node<'_, '_>, tag: &str) -> Option<String> {
    let found = root.descendants().find(|node| node.tag_name().name() == tag)?;
    found.text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/kyo/73e2d6bc24d8a067";

    fn health(state: &str, reason: &str) -> Health {
        Health { state: state.to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn a_target_is_taken_off_when_it_drains_or_was_there_and_is_not() {
        let mut watcher = Watcher::default();
        let gone = health("unused", "Target.NotRegistered");
        assert!(!watcher.is_taken_off(&gone), "it is on its way in");
        assert!(!watcher.is_taken_off(&health("initial", "Elb.RegistrationInProgress")));
        assert!(!watcher.is_taken_off(&health("unhealthy", "Target.Timeout")));
        assert!(!watcher.is_taken_off(&health("unused", "Target.NotInUse")));
        assert!(watcher.is_taken_off(&gone));
        let draining = health("draining", "Target.DeregistrationInProgress");
        assert!(Watcher::default().is_taken_off(&draining));
    }

    #[test]
    fn the_answer_is_read() {
        let text = r#"<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
            <DescribeTargetHealthResult><TargetHealthDescriptions><member>
              <HealthCheckPort>3001</HealthCheckPort>
              <TargetHealth><State>draining</State><Reason>Target.DeregistrationInProgress</Reason></TargetHealth>
              <Target><Port>3001</Port><Id>10.0.3.7</Id></Target>
            </member></TargetHealthDescriptions></DescribeTargetHealthResult>
            <ResponseMetadata><RequestId>c534f810</RequestId></ResponseMetadata>
            </DescribeTargetHealthResponse>"#;
        assert_eq!(read(200, text), Ok(health("draining", "Target.DeregistrationInProgress")));
        let refused = r"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>
            <Message>not authorized</Message></Error></ErrorResponse>";
        assert_eq!(read(403, refused).unwrap_err(), "status 403: AccessDenied not authorized");
        assert!(read(502, "Bad Gateway").is_err());
        assert!(read(200, "<Empty/>").is_err());
    }

    #[test]
    fn a_question_is_signed_as_the_aws_cli_signs_it() {
        let group = TargetGroup::parse(ARN).unwrap();
        let question = Question { group: &group, endpoint: None, id: "10.0.3.7", port: 3001 };
        let keys = Keys {
            id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            token: Some("t0ken".to_owned()),
        };
        // 2026-11-28 20:00:00 UTC.
        let now = Instant(1_795_896_000_000);
        let headers = signed(&group.endpoint(), &question.body(), &keys, group.region(), now);
        let headers = headers.unwrap();
        let authorization = headers.iter().find(|(name, _)| name == "authorization");
        assert_eq!(authorization.unwrap().1, EXPECTED);
        assert!(headers.contains(&("x-amz-security-token".to_owned(), "t0ken".to_owned())));
    }

    /// By botocore's `SigV4Auth`, of the same request.
    const EXPECTED: &str = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20261128/ap-northeast-1/elasticloadbalancing/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
        Signature=bbd737efa84fe6fdadaf9c0f8b20d9f7578a9ef555763b84087e23f09bc34094";
}
