//! The third rule: which of the listed a device may have.

use super::*;

#[test]
fn those_whose_native_holds() {
    let app = app(["1.1.0"]).release("1.2.0", requires(">=1.1.0, <2.0.0"));
    assert_eq!(app.tells(&native("1.0.0")), "offer 1.1.0");
    assert_eq!(app.tells(&native("1.1.0")), "offer 1.2.0");
}

#[test]
fn a_platform_that_native_does_not_name_is_not_restricted() {
    let app = app([]).release("1.2.0", requires(">=7"));
    assert_eq!(app.tells(&device()), "Native withholds 1.2.0");
    assert_eq!(app.tells(&Check { platform: Some(Platform::Android), ..device() }), "offer 1.2.0");
}

#[test]
fn a_bare_version_in_a_requirement_means_caret() {
    let app = app([]).production(|c| c.below_native = true).release("1.9.0", requires("1.2.0"));
    assert_eq!(app.tells(&native("1.3.0")), "offer 1.9.0");
    assert_eq!(app.tells(&native("2.0.0")), "Native withholds 1.9.0");
}

#[test]
fn a_requirement_sees_the_native_version_without_its_build_and_pre_release_parts() {
    let app = app([]).release("1.9.0", requires(">=1.2.0"));
    assert_eq!(app.tells(&native("1.2.0-beta.1+77")), "offer 1.9.0");
}

#[test]
fn a_requirement_that_names_a_pre_release_of_the_same_version_sees_the_native_ones() {
    let app = app([]).release("1.9.0", requires(">=1.2.0-beta.2"));
    assert_eq!(app.tells(&native("1.2.0-beta.1")), "Native withholds 1.9.0");
    assert_eq!(app.tells(&native("1.2.0-beta.2")), "offer 1.9.0");
    assert_eq!(app.tells(&native("1.3.0-beta.1")), "offer 1.9.0");
}

#[test]
fn stay_within_keeps_near_the_native_version() {
    let staying = |level| app(["1.2.3"]).production(|c| (c.stay_within, c.below_native) = (level, true));
    let told = |level, version_build| staying(level).tells(&native(version_build));
    // not above its major; its major and minor; its major, minor and patch
    assert_eq!(told(StayWithin::Major, "0.9.0"), "StayWithin(Major) withholds 1.2.3");
    assert_eq!(told(StayWithin::Major, "2.0.0"), "offer 1.2.3");
    assert_eq!(told(StayWithin::Minor, "1.1.0"), "StayWithin(Minor) withholds 1.2.3");
    assert_eq!(told(StayWithin::Minor, "1.3.0"), "StayWithin(Minor) withholds 1.2.3");
    assert_eq!(told(StayWithin::Minor, "1.2.9"), "offer 1.2.3");
    assert_eq!(told(StayWithin::Patch, "1.2.9"), "StayWithin(Patch) withholds 1.2.3");
    assert_eq!(told(StayWithin::Patch, "1.2.3-beta"), "offer 1.2.3");
    assert_eq!(told(StayWithin::Any, "0.1.0"), "offer 1.2.3");
}

#[test]
fn those_that_are_not_below_native_unless_below_native() {
    let app = app(["1.1.0"]);
    assert_eq!(app.tells(&native("1.1.1")), "BelowNative withholds 1.1.0");
    assert_eq!(app.tells(&native("1.1.0-beta.1")), "offer 1.1.0");
    assert_eq!(app.production(|c| c.below_native = true).tells(&native("1.1.1")), "offer 1.1.0");
}

#[test]
fn a_native_version_is_compared_with_a_release_with_its_pre_release_part() {
    let app = app(["1.1.0-beta.2"]).production(|c| c.prereleases = Some(true));
    assert_eq!(app.tells(&native("1.1.0-beta.1")), "offer 1.1.0-beta.2");
    assert_eq!(app.tells(&native("1.1.0-beta.10")), "BelowNative withholds 1.1.0-beta.2");
}

#[test]
fn nobody_enters_before_not_before_and_who_has_it_keeps_it() {
    let app = app(["1.1.0"]).release("1.2.0", |d| d.not_before = Some(Timestamp(1000)));
    assert_eq!(app.tells(&Check { now: Timestamp(999), ..device() }), "offer 1.1.0");
    assert_eq!(app.tells(&Check { now: Timestamp(1000), ..device() }), "offer 1.2.0");
    assert_eq!(app.tells(&Check { now: Timestamp(999), ..running("1.2.0") }), "up to date");
}

#[test]
fn an_unreadable_native_version_meets_no_native_and_no_stay_within_but_any() {
    let any = |app: World| app.production(|c| c.stay_within = StayWithin::Any);
    assert_eq!(app(["1.1.0"]).tells(&native("beta")), "NativeUnreadable withholds 1.1.0");
    assert_eq!(any(app(["1.1.0"])).tells(&native("beta")), "offer 1.1.0");
    assert_eq!(any(app(["1.1.0"])).release("1.2.0", requires("*")).tells(&native("beta")), "offer 1.1.0");
}
