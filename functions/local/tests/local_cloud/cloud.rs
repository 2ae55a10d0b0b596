//! A local cloud on a free port of the loopback, ended with the test, and a stack in it with what the commands look for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_sqs::config::Credentials;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use cloud::{Config, SdkConfig};
use domain::AccountName;

/// The stack's name and account.
pub(crate) const STACK: &str = "crm-test";
pub(crate) const ACCOUNT: &str = "acme";

/// How long the local cloud may take to start, in tenths of a second.
const STARTS_IN: u32 = 600;

/// The local cloud.
pub(crate) struct Cloud {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
    _folder: tempfile::TempDir,
}

impl Cloud {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let program = std::env::var_os("CRM_EXPORT_MINISTACK").expect(
            "CRM_EXPORT_MINISTACK names the ministack program (pip install -r infra/requirements-cloud.txt)",
        );
        let port =
            TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(program)
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ministack starts");
        for _ in 0..STARTS_IN {
            if healthy(port) {
                return Self { process, url: format!("http://127.0.0.1:{port}"), _folder: folder };
            }
            assert!(process.try_wait().expect("it can be asked").is_none(), "ministack ended by itself");
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = process.kill();
        panic!("ministack did not start within a minute");
    }

    /// Starts one with a stack whose CRM is at this URL.
    pub(crate) async fn with_stack(crm: &str) -> Self {
        let cloud = Self::start();
        let client = aws_sdk_cloudformation::Client::new(&cloud.sdk());
        let parameter = |key: &str, value: &str| {
            aws_sdk_cloudformation::types::Parameter::builder()
                .parameter_key(key)
                .parameter_value(value)
                .build()
        };
        let create = client.create_stack().stack_name(STACK).template_body(template());
        let create = create
            .parameters(parameter("AccountName", ACCOUNT))
            .parameters(parameter("LoginUrl", crm))
            .parameters(parameter("PauseOnExportErrors", "true"));
        create.send().await.expect("the stack is created");
        for _ in 0..STARTS_IN {
            let told = client.describe_stacks().stack_name(STACK).send().await.expect("it is there");
            match told.stacks()[0].stack_status().map(|status| status.as_str().to_owned()).as_deref() {
                Some("CREATE_COMPLETE") => return cloud,
                Some("CREATE_IN_PROGRESS") => tokio::time::sleep(Duration::from_millis(100)).await,
                other => panic!("{other:?}: {:?}", told.stacks()[0].stack_status_reason()),
            }
        }
        panic!("the stack is not there within a minute");
    }

    /// The clients' configuration, but without time-outs: a stack is made within one call here, however busy the machine.
    pub(crate) fn sdk(&self) -> SdkConfig {
        let config = cloud::sdk::of_function(&self.config("", ""));
        config.into_builder().timeout_config(TimeoutConfig::disabled()).build()
    }

    /// What a function of the stack is told.
    pub(crate) fn config(&self, table: &str, bus: &str) -> Config {
        let account = AccountName::new(ACCOUNT).expect("fits");
        Config {
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(self.url.clone()),
            credentials: Some(Credentials::new("test", "test", None, None, "test")),
            ..Config::new(account, STACK, table, bus)
        }
    }

    /// An output of the stack.
    pub(crate) async fn output(&self, key: &str) -> String {
        let client = aws_sdk_cloudformation::Client::new(&self.sdk());
        let told = client.describe_stacks().stack_name(STACK).send().await.expect("it is there");
        let found = told.stacks()[0].outputs().iter().find(|output| output.output_key() == Some(key));
        found.and_then(|output| output.output_value()).expect("an output").to_owned()
    }

    /// A FIFO queue like the stack's. Answers its URL.
    pub(crate) async fn queue(&self, name: &str) -> String {
        use aws_sdk_sqs::types::QueueAttributeName::{DeduplicationScope, FifoQueue, FifoThroughputLimit};
        let client = aws_sdk_sqs::Client::new(&self.sdk());
        let create = client
            .create_queue()
            .queue_name(name)
            .attributes(FifoQueue, "true")
            .attributes(DeduplicationScope, "messageGroup")
            .attributes(FifoThroughputLimit, "perMessageGroupId");
        create.send().await.expect("a queue").queue_url.expect("its URL")
    }

    /// How many messages a queue has.
    pub(crate) async fn waiting(&self, url: &str) -> u64 {
        let number = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let client = aws_sdk_sqs::Client::new(&self.sdk());
        let asked = client.get_queue_attributes().queue_url(url).attribute_names(number.clone()).send().await;
        let attributes = asked.expect("an answer").attributes.unwrap_or_default();
        attributes.get(&number).and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Takes every message out of a queue, in the order of delivery.
    pub(crate) async fn receive_all(&self, url: &str) -> Vec<Message> {
        let client = aws_sdk_sqs::Client::new(&self.sdk());
        let mut messages = Vec::new();
        loop {
            let receive = client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(10)
                .message_system_attribute_names(MessageSystemAttributeName::All);
            let received = receive.send().await.expect("an answer").messages.unwrap_or_default();
            if received.is_empty() {
                return messages;
            }
            for message in &received {
                let handle = message.receipt_handle().expect("a handle");
                client.delete_message().queue_url(url).receipt_handle(handle).send().await.expect("deleted");
            }
            messages.extend(received);
        }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The value of a message's attribute.
pub(crate) fn attribute(message: &Message, name: MessageSystemAttributeName) -> &str {
    message.attributes().and_then(|attributes| attributes.get(&name)).map(String::as_str).unwrap_or_default()
}

fn healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream
            .write_all(b"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// What the commands need of `infra/template.yaml`, with the ledger's keys and indexes as they stand there.
fn template() -> String {
    let whole = include_str!("../../../../infra/template.yaml");
    let from = whole.find("      KeySchema:\n").expect("the ledger's keys");
    let until = from + whole[from..].find("      TimeToLiveSpecification").expect("the end of its indexes");
    let keys = &whole[from..until];
    format!(
        "Parameters:
  AccountName: {{Type: String}}
  LoginUrl: {{Type: String}}
  PauseOnExportErrors: {{Type: String}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: {STACK}.fifo, FifoQueue: true, DeduplicationScope: messageGroup, FifoThroughputLimit: perMessageGroupId}}
  Bus:
    Type: AWS::Events::EventBus
    Properties: {{Name: {STACK}}}
  Told:
    Type: AWS::SQS::Queue
  Tell:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {{source: [crm-export]}}
      Targets: [{{Id: told, Arn: !GetAtt Told.Arn}}]
  Credentials:
    Type: AWS::SecretsManager::Secret
    Properties: {{Name: {STACK}/crm, SecretString: '{{\"clientId\":\"any\",\"clientSecret\":\"any\"}}'}}
  Ledger:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
{keys}Outputs:
  QueueUrl: {{Value: !Ref Queue}}
  TableName: {{Value: !Ref Ledger}}
  EventBusName: {{Value: !Ref Bus}}
  CredentialsSecret: {{Value: !Ref Credentials}}
  ToldUrl: {{Value: !Ref Told}}
"
    )
}
