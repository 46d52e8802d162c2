//! The first rule: which channel a device is in.

use super::*;

#[test]
fn an_app_that_is_not_there_is_unknown() {
    assert_eq!(app(["1.1.0"]).tells(&Check { app: "com.example.other", ..device() }), "UnknownApp");
}

#[test]
fn the_first_override_that_matches_wins() {
    let app = app(["1.1.0"])
        .channel("beta", |c| c.pin = Some(Pin::Version("1.2.0".into())))
        .channel("internal", |c| c.pin = Some(Pin::Version("1.3.0".into())))
        .release("1.2.0", |_| ())
        .release("1.3.0", |_| ())
        .override_for(Who::Device("d-2".into()), only("1.1.0"))
        .override_for(Who::CustomId("qa-1".into()), What::Channel("beta".into()))
        .override_for(named_device(), What::Channel("internal".into()));
    assert_eq!(app.tells(&device()), "offer 1.2.0");
    assert_eq!(app.tells(&Check { custom_id: "", ..device() }), "offer 1.3.0");
}

#[test]
fn an_override_wins_over_the_channel_that_the_device_names_and_leads_to_private_ones() {
    let app = app(["1.1.0"])
        .channel("internal", |c| (c.public, c.pin) = (false, Some(Pin::Builtin)))
        .override_for(named_device(), What::Channel("internal".into()));
    assert_eq!(app.tells(&Check { running: Some("1.0.5".into()), ..naming("production") }), "builtin");
}

#[test]
fn an_override_names_a_device_by_the_hash_of_its_id_too() {
    let d_1 = "9f1a7e5bcd2f2f1f";
    let hash = <sha2::Sha256 as sha2::Digest>::digest(d_1).into();
    let app = app(["1.1.0", "1.2.0"]).override_for(Who::DeviceSha256(hash), only("1.1.0"));
    assert_eq!(app.tells(&Check { id: d_1, ..device() }), "offer 1.1.0");
    assert_eq!(app.tells(&device()), "offer 1.2.0");
}

#[test]
fn custom_ids_are_compared_as_they_are() {
    let app = app(["1.1.0", "1.2.0"]).override_for(Who::CustomId("QA-1".into()), only("1.1.0"));
    assert_eq!(app.tells(&Check { custom_id: "qa-1", ..device() }), "offer 1.2.0");
    assert_eq!(app.tells(&Check { custom_id: "QA-1", ..device() }), "offer 1.1.0");
}

#[test]
fn an_empty_id_matches_nothing() {
    let hash = <sha2::Sha256 as sha2::Digest>::digest("").into();
    let app = app(["1.1.0", "1.2.0"])
        .override_for(Who::Device("".into()), only("1.1.0"))
        .override_for(Who::DeviceSha256(hash), only("1.1.0"))
        .override_for(Who::CustomId("".into()), only("1.1.0"));
    assert_eq!(app.tells(&Check { id: "", custom_id: "", ..device() }), "offer 1.2.0");
}

#[test]
fn a_device_may_name_a_channel_that_is_public_or_self_assignable() {
    let app = app(["1.1.0"])
        .channel("public", |_| ())
        .channel("chosen", |c| (c.public, c.self_assign) = (false, true))
        .channel("private", |c| c.public = false);
    assert_eq!(app.tells(&naming("public")), "offer 1.1.0");
    assert_eq!(app.tells(&naming("chosen")), "offer 1.1.0");
    assert_eq!(app.tells(&naming("private")), "PrivateChannel");
    assert_eq!(app.tells(&naming("unheard-of")), "UnknownChannel");
}

#[test]
fn a_device_that_names_none_gets_the_default_even_where_that_is_private() {
    let app = app(["1.1.0"]).production(|c| c.public = false);
    assert_eq!(app.tells(&device()), "offer 1.1.0");
    assert_eq!(app.tells(&naming("production")), "PrivateChannel");
}

#[test]
fn then_the_channels_own_switches_platforms_builds_hardware() {
    let app = app(["1.1.0"]).production(|c| {
        c.platforms = [Platform::Ios].into_iter().collect();
        c.builds = Builds { prod: true, dev: false };
        c.hardware = Hardware { device: true, emulator: false };
    });
    let wrong = Check { platform: Some(Platform::Android), is_prod: false, is_emulator: true, ..device() };
    assert_eq!(app.tells(&wrong), "Platform(Some(Android))");
    assert_eq!(app.tells(&Check { platform: None, ..wrong.clone() }), "Platform(None)");
    assert_eq!(app.tells(&Check { platform: Some(Platform::Ios), ..wrong.clone() }), "DevBuild");
    assert_eq!(app.tells(&Check { platform: Some(Platform::Ios), is_prod: true, ..wrong }), "Emulator");
    assert_eq!(app.tells(&device()), "offer 1.1.0");

    let app = app.production(|c| c.hardware = Hardware { device: false, emulator: true });
    assert_eq!(app.tells(&device()), "RealDevice");
    let app = app.production(|c| c.builds = Builds { prod: false, dev: true });
    assert_eq!(app.tells(&device()), "ProdBuild");
}

#[test]
fn an_override_with_version_takes_the_channel_that_the_device_would_have_had_otherwise() {
    let app = app(["1.1.0"])
        .channel("private", |c| c.public = false)
        .channel("android", |c| c.platforms = [Platform::Android].into_iter().collect())
        .override_for(Who::Device("d-1".into()), only("1.1.0"))
        .override_for(Who::CustomId("qa-1".into()), What::Channel("android".into()));
    assert_eq!(app.tells(&device()), "Platform(Some(Ios))");
    let unnamed = Check { custom_id: "", ..device() };
    assert_eq!(app.tells(&unnamed), "offer 1.1.0");
    assert_eq!(app.tells(&Check { default_channel: "private", ..unnamed }), "PrivateChannel");
}

#[test]
fn an_override_with_version_lists_that_release_alone_whatever_the_channel_would_list() {
    let app = app(["1.1.0"])
        .release("3.0.0-rc.1", |d| (d.channels, d.not_before) = (Some([].into()), Some(Timestamp(2000))))
        .production(|c| (c.pin, c.stay_within) = (Some(Pin::Builtin), StayWithin::Patch))
        .override_for(named_device(), only("3.0.0-rc.1"));
    assert_eq!(app.tells(&device()), "offer 3.0.0-rc.1");
    assert_eq!(app.tells(&native("4.0.0")), "offer 3.0.0-rc.1");
    assert_eq!(app.tells(&native("unreadable")), "offer 3.0.0-rc.1");
}

#[test]
fn native_and_platforms_hold_for_an_override_with_version() {
    let app = app(["1.1.0"])
        .release("1.2.0", requires(">=2"))
        .release("1.3.0", |d| d.platforms = [Platform::Android].into_iter().collect())
        .override_for(Who::CustomId("native".into()), only("1.2.0"))
        .override_for(Who::CustomId("platform".into()), only("1.3.0"));
    assert_eq!(app.tells(&Check { custom_id: "native", ..device() }), "Native withholds 1.2.0");
    assert_eq!(app.tells(&Check { custom_id: "platform", ..device() }), "NothingListed");
}

#[test]
fn an_override_whose_version_is_yanked_or_not_there_is_passed_over() {
    let app = app(["1.1.0", "1.2.0"])
        .release("1.3.0", yanked)
        .override_for(named_device(), only("1.3.0"))
        .override_for(named_device(), only("7.0.0"))
        .override_for(named_device(), only("1.1.0"));
    assert_eq!(app.tells(&device()), "offer 1.1.0");
}
