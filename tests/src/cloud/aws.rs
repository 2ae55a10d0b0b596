//! Calls of the local cloud's services, in their JSON protocols: what a test looks at or does in a person's place.
//!
//! Nothing is signed: the local cloud does not look. The programs under test use the real SDK.

use serde_json::{Value, json};

use super::http::{self, Answer};

/// The local cloud's services.
#[derive(Debug, Clone)]
pub struct Aws {
    address: String,
}

impl Aws {
    /// Those at `host:port`.
    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    /// A call of DynamoDB, `GetItem` for example.
    pub fn dynamodb(&self, operation: &str, body: Value) -> Value {
        self.target("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body)
    }

    /// A call of DynamoDB that may be refused, because of its condition for example.
    pub fn try_dynamodb(&self, operation: &str, body: &Value) -> Answer {
        self.try_target("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
    }

    /// A call of SQS.
    pub fn sqs(&self, operation: &str, body: Value) -> Value {
        self.target("sqs", &format!("AmazonSQS.{operation}"), &body)
    }

    /// A call of EventBridge.
    pub fn events(&self, operation: &str, body: Value) -> Value {
        self.target("events", &format!("AWSEvents.{operation}"), &body)
    }

    /// A call of Secrets Manager.
    pub fn secrets(&self, operation: &str, body: Value) -> Value {
        self.target("secretsmanager", &format!("secretsmanager.{operation}"), &body)
    }

    /// A call of CloudWatch Logs.
    pub fn logs(&self, operation: &str, body: Value) -> Value {
        self.target("logs", &format!("Logs_20140328.{operation}"), &body)
    }

    /// A schedule.
    pub fn schedule(&self, group: &str, name: &str) -> Value {
        let path = format!("/schedules/{name}?groupName={group}");
        self.rest("scheduler", "GET", &path, &Value::Null).json()
    }

    /// Changes some members of a schedule.
    pub fn change_schedule(&self, group: &str, name: &str, changes: &Value) {
        let mut schedule = self.schedule(group, name);
        for (member, value) in changes.as_object().expect("an object") {
            schedule[member] = value.clone();
        }
        for read_only in ["Arn", "CreationDate", "LastModificationDate", "Name"] {
            schedule.as_object_mut().expect("a schedule").remove(read_only);
        }
        let answer = self.rest("scheduler", "PUT", &format!("/schedules/{name}"), &schedule);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Calls a function and waits for its answer.
    pub fn invoke(&self, function: &str, event: &Value) -> Answer {
        self.rest("lambda", "POST", &format!("/2015-03-31/functions/{function}/invocations"), event)
    }

    /// The id of a function's event source.
    pub fn event_source(&self, function: &str) -> String {
        let path = format!("/2015-03-31/event-source-mappings/?FunctionName={function}");
        let found = self.rest("lambda", "GET", &path, &Value::Null).json();
        let id = found["EventSourceMappings"][0]["UUID"].as_str();
        id.unwrap_or_else(|| panic!("no event source: {found}")).to_owned()
    }

    /// Lets an event source rest, or work again.
    pub fn switch_event_source(&self, id: &str, enabled: bool) {
        let path = format!("/2015-03-31/event-source-mappings/{id}");
        let answer = self.rest("lambda", "PUT", &path, &json!({ "Enabled": enabled }));
        assert!(answer.status < 300, "{}", answer.text());
    }

    /// The outputs of a stack, in the order of the template.
    pub fn outputs(&self, stack: &str) -> Vec<(String, String)> {
        let body = format!("Action=DescribeStacks&Version=2010-05-15&StackName={stack}");
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let authorization = authorization("cloudformation");
        let headers = [form[0], ("Authorization", authorization.as_str())];
        let answer = http::send(&self.address, "POST", "/", &headers, body.as_bytes()).expect("it answers");
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        let members = text.split("<OutputKey>").skip(1);
        let read = |member: &str| {
            let key = member.split('<').next().unwrap_or_default().to_owned();
            let value = member.split("<OutputValue>").nth(1).and_then(|rest| rest.split('<').next());
            (key, value.unwrap_or_default().replace("&amp;", "&"))
        };
        members.map(read).collect()
    }

    /// A number that SQS tells about a queue.
    pub fn queue_length(&self, url: &str) -> u64 {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let told = self.sqs("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": names }));
        let number = |name: &str| told["Attributes"][name].as_str().and_then(|text| text.parse::<u64>().ok());
        names.iter().map(|name| number(name).unwrap_or_else(|| panic!("no {name} in {told}"))).sum()
    }

    fn target(&self, service: &str, target: &str, body: &Value) -> Value {
        let answer = self.try_target(service, target, body);
        assert_eq!(answer.status, 200, "{target} {body}: {}", answer.text());
        answer.json()
    }

    fn try_target(&self, service: &str, target: &str, body: &Value) -> Answer {
        let authorization = authorization(service);
        let headers = [
            ("X-Amz-Target", target),
            ("Content-Type", "application/x-amz-json-1.0"),
            ("Authorization", authorization.as_str()),
        ];
        let answer = http::send(&self.address, "POST", "/", &headers, body.to_string().as_bytes());
        answer.expect("the local cloud answers")
    }

    fn rest(&self, service: &str, method: &str, path: &str, body: &Value) -> Answer {
        let authorization = authorization(service);
        let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http::send(&self.address, method, path, &headers, body.as_bytes()).expect("the local cloud answers")
    }
}

/// By which the local cloud knows the service.
pub(super) fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}
