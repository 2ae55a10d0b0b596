//! The queue's visibility time-outs, over the real SQS client against a server on loopback.

#[path = "../../cloud/tests/support/server.rs"]
mod server;

use aws_sdk_sqs::config::Credentials;
use cloud::Config;
use domain::{AccountName, Timestamp};
use export::{Delivery, Redelivery as _, SqsRedelivery};
use serde_json::{Value, json};
use server::{Answer, Server};

fn delivery(number: u32) -> Delivery {
    Delivery {
        id: format!("m{number}"),
        receipt_handle: format!("handle-{number}"),
        group: "acme/Contact".to_owned(),
        sequence: u128::from(number),
        sent: Timestamp::from_millis(1),
        body: "{}".to_owned(),
        queue: "arn:aws:sqs:eu-central-1:123456789012:crm-export.fifo".to_owned(),
    }
}

fn redelivery(url: &str) -> SqsRedelivery {
    let mut config = Config::new(AccountName::new("acme").expect("fits"), "stack", "table", "bus");
    config.region = Some("eu-central-1".to_owned());
    config.endpoint_url = Some(url.to_owned());
    config.credentials = Some(Credentials::new("id", "hush", None, None, "test"));
    SqsRedelivery::new(&cloud::sdk::of_function(&config))
}

#[tokio::test]
async fn all_messages_of_a_group_come_again_at_the_same_time() {
    let sqs = Server::start(|_| Some(Answer::json(200, json!({"Successful": [], "Failed": []})))).await;
    redelivery(&sqs.url).soon(&[delivery(1), delivery(2)]).await;
    let requests = sqs.requests("/");
    assert_eq!(requests.len(), 1, "one call, however many messages");
    assert_eq!(requests[0].headers["x-amz-target"], "AmazonSQS.ChangeMessageVisibilityBatch");
    let body: Value = serde_json::from_str(&requests[0].body).expect("JSON");
    let entry = |id: &str, handle: &str| json!({"Id": id, "ReceiptHandle": handle, "VisibilityTimeout": 30});
    let expected = json!({
        "QueueUrl": format!("{}/123456789012/crm-export.fifo", sqs.url),
        "Entries": [entry("0", "handle-1"), entry("1", "handle-2")],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_queue_that_refuses_harms_nothing() {
    let denied = json!({"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"});
    let sqs = Server::start(move |_| Some(Answer::json(403, &denied))).await;
    redelivery(&sqs.url).soon(&[delivery(1)]).await;
    redelivery(&sqs.url).soon(&[]).await;
    redelivery(&sqs.url).soon(&[Delivery { queue: "arn:aws:kinesis:x".to_owned(), ..delivery(1) }]).await;
    assert_eq!(sqs.requests("/").len(), 1, "nothing is asked for no message, and of no queue");
}
