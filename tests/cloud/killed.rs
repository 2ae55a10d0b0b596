//! The function `export` ended by SIGKILL in the middle of what it does, many times. Whatever it had done by then: nothing
//! is lost, nothing overtakes, and in the end the CRM has what a run without a kill leaves there.

use std::time::Duration;

use tests::cloud::{LocalCrm, eventually};
use tests::sample::{mend_everything, record_files};

use crate::world::World;

/// How often it is killed while it works.
const KILLS: usize = 12;

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    let world = World::start();
    mend_everything(&world.crm.org);
    let files = record_files();
    world.stack.send(&files.each_ref().map(String::as_str));
    let mut pause = 40;
    let mut killed = 0;
    for _ in 0..400 {
        // Between 40 and 740 ms, always the same series: which moment that is the machine decides.
        pause = (pause * 421 + 54) % 700 + 40;
        std::thread::sleep(Duration::from_millis(pause));
        killed += world.cloud.kill_function(world.stack.output("ExportFunction"));
        world.ten_minutes_pass();
        if killed >= KILLS || world.cloud.aws().queue_length(world.stack.output("QueueUrl")) == 0 {
            break;
        }
    }
    assert!(killed >= 3, "it was killed {killed} times only");
    let url = world.stack.output("QueueUrl");
    let left = || {
        world.ten_minutes_pass();
        world.cloud.aws().queue_length(url)
    };
    eventually("the queue is empty", left, |left| *left == 0);
    let reference = LocalCrm::after_a_local_run(&files);
    for object in ["Account", "Contact", "Touchpoint__c"] {
        let expected = reference.records(object, &["Ext__c".to_owned()]);
        let ids: Vec<String> =
            expected.iter().filter_map(|record| record["Ext__c"].as_str().map(str::to_owned)).collect();
        world.nothing_is_lost(object, &ids);
        world.drain(object);
    }
    for object in ["Account", "Contact", "Touchpoint__c"] {
        assert_eq!(world.crm.whole(object), reference.whole(object), "{object}, after {killed} kills");
    }
    assert_eq!(world.cloud.aws().queue_length(world.stack.output("DeadLettersUrl")), 0);
}
