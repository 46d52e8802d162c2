//! The fourth and fifth rule: the target, and what a device is told of it.

use super::*;

#[test]
fn the_highest_eligible_version_by_precedence() {
    assert_eq!(app(["1.9.0", "1.10.0", "1.2.0"]).tells(&device()), "offer 1.10.0");
}

#[test]
fn an_old_native_version_goes_on_getting_the_newest_release_that_fits_it() {
    let app =
        app([]).release("1.1.0", requires("<2")).release("1.2.0", requires("<2")).release("2.1.0", requires(">=2"));
    assert_eq!(app.tells(&native("1.0.0")), "offer 1.2.0");
    assert_eq!(app.tells(&native("2.0.0")), "offer 2.1.0");
}

#[test]
fn the_target_is_what_the_device_runs() {
    assert_eq!(app(["1.1.0"]).tells(&running("1.1.0")), "up to date");
}

#[test]
fn names_are_compared_as_strings() {
    assert_eq!(app(["1.1.0+7"]).tells(&running("1.1.0")), "offer 1.1.0+7");
}

#[test]
fn a_device_on_builtin_whose_version_build_equals_the_target_is_up_to_date() {
    let app = app(["1.1.0"]);
    assert_eq!(app.tells(&native("1.1.0")), "up to date");
    assert_eq!(app.tells(&native("v1.1.0")), "offer 1.1.0");
    assert_eq!(app.tells(&Check { running: Some("1.0.0".into()), ..native("1.1.0") }), "offer 1.1.0");
}

#[test]
fn a_target_lower_than_the_current_one_is_offered_too() {
    assert_eq!(app(["1.1.0"]).withdrawn("1.2.0").tells(&running("1.2.0")), "offer 1.1.0");
    assert_eq!(app(["1.1.0"]).tells(&running("7.0.0")), "offer 1.1.0");
}

#[test]
fn a_device_that_changes_channel_gets_its_channels_target_lower_or_not() {
    let app = app(["1.1.0", "1.2.0-rc.1"]).channel("beta", |_| ());
    assert_eq!(app.tells(&running("1.2.0-rc.1")), "offer 1.1.0");
}

#[test]
fn a_pin_to_builtin_sends_devices_back_and_leaves_those_that_are() {
    let app = app(["1.1.0"]).production(|c| c.pin = Some(Pin::Builtin));
    assert_eq!(app.tells(&running("1.1.0")), "builtin");
    assert_eq!(app.tells(&running("7.0.0")), "builtin");
    assert_eq!(app.tells(&device()), "up to date");
}

#[test]
fn nothing_is_eligible_and_what_the_device_runs_is_withdrawn_or_yanked() {
    let app = app([]).withdrawn("1.1.0").release("1.2.0", yanked);
    assert_eq!(app.tells(&running("1.1.0")), "builtin");
    assert_eq!(app.tells(&running("1.2.0")), "builtin");
}

#[test]
fn nothing_is_eligible_and_what_the_device_runs_refuses_it() {
    let android = [Platform::Android].into_iter().collect::<PlatformSet>();
    let app = app([]).release("1.1.0", requires(">=2")).release("1.2.0", |d| d.platforms = android);
    assert_eq!(app.tells(&running("1.1.0")), "builtin");
    assert_eq!(app.tells(&running("1.2.0")), "builtin");
}

#[test]
fn a_native_version_that_cannot_be_read_is_refused_by_no_native() {
    let app = app([]).release("1.1.0", requires(">=2"));
    let unreadable = Check { running: Some("1.1.0".into()), ..native("beta") };
    assert_eq!(app.tells(&unreadable), "NativeUnreadable withholds 1.1.0");
}

#[test]
fn a_version_never_seen_and_a_release_not_open_here_are_left_alone() {
    let app = app([]).release("1.2.0", |d| d.channels = Some([].into()));
    assert_eq!(app.tells(&running("7.0.0")), "NothingListed");
    assert_eq!(app.tells(&running("1.2.0")), "NothingListed");
}

#[test]
fn a_device_on_builtin_runs_no_release_so_a_yank_does_not_reset_it() {
    assert_eq!(app([]).release("1.0.0", yanked).tells(&native("1.0.0")), "NothingListed");
}

#[test]
fn otherwise_the_code_of_the_first_rule_that_refused_the_highest_listed_release() {
    let app = app(["1.1.0"]).release("3.0.0", |d| {
        requires(">=3")(d);
        d.not_before = Some(Timestamp(2000));
    });
    assert_eq!(app.tells(&native("2.0.0")), "Native withholds 3.0.0");
    let app = app.production(|c| c.stay_within = StayWithin::Minor);
    assert_eq!(app.tells(&native("3.1.0")), "StayWithin(Minor) withholds 3.0.0");
    let app = app.production(|c| c.stay_within = StayWithin::Major);
    assert_eq!(app.tells(&native("3.1.0")), "BelowNative withholds 3.0.0");
    assert_eq!(app.tells(&native("3.0.0")), "NotYet(Timestamp(2000)) withholds 3.0.0");
}

#[test]
fn who_runs_the_best_it_may_have_is_up_to_date_whatever_it_is_not_in_yet() {
    let app = app(["1.1.0"]).release("1.2.0", |d| d.not_before = Some(Timestamp(2000)));
    assert_eq!(app.tells(&running("1.1.0")), "up to date");
}
