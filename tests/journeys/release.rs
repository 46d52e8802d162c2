//! A team releases, and takes it back.

use serde_json::json;

use crate::world::{World, web_app};

const APP: &str = "com.example.app";

#[test]
fn a_push_changes_the_answer_and_a_revert_changes_it_back() {
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    assert_eq!(daemon.check(APP, "builtin")["error"], "no_release");

    team.add_release(APP, "1.0.1");
    daemon.wait_for_commit(&team.publish("Release 1.0.1"));
    let answer = daemon.check(APP, "builtin");
    assert_eq!(answer["version"], "1.0.1");
    assert_eq!(daemon.download(&answer), web_app("1.0.1"));
    assert_eq!(daemon.check(APP, "1.0.1")["error"], "no_new_version_available");

    team.add_release(APP, "1.0.2");
    let second = team.publish("Release 1.0.2");
    daemon.wait_for_commit(&second);
    assert_eq!(daemon.check(APP, "1.0.1")["version"], "1.0.2");

    daemon.wait_for_commit(&team.revert(&second));
    assert_eq!(daemon.check(APP, "1.0.2")["version"], "1.0.1");
    assert_eq!(daemon.check(APP, "builtin")["version"], "1.0.1");
}

#[test]
fn removing_the_only_release_sends_devices_back_to_builtin() {
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    team.add_release(APP, "1.0.1");
    let first = team.publish("Release 1.0.1");
    daemon.wait_for_commit(&first);
    daemon.wait_for_commit(&team.revert(&first));
    assert_eq!(daemon.check(APP, "1.0.1"), json!({"version": "builtin"}));
    assert_eq!(daemon.check(APP, "0.9.0")["error"], "no_release");
}
