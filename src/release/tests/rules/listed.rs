//! The second rule: what a channel lists.

use super::*;

#[test]
fn pre_releases_are_opened_by_the_branch_in_every_channel_but_the_default_one() {
    let app = app(["1.1.0", "1.2.0-rc.1"]).channel("beta", |_| ());
    assert_eq!(app.tells(&device()), "offer 1.1.0");
    assert_eq!(app.tells(&naming("beta")), "offer 1.2.0-rc.1");
}

#[test]
fn prereleases_says_otherwise() {
    let app = app(["1.1.0", "1.2.0-rc.1"])
        .production(|c| c.prereleases = Some(true))
        .channel("beta", |c| c.prereleases = Some(false));
    assert_eq!(app.tells(&device()), "offer 1.2.0-rc.1");
    assert_eq!(app.tells(&naming("beta")), "offer 1.1.0");
}

#[test]
fn channels_says_where_a_release_may_go_at_all() {
    let app = app(["1.1.0"]).channel("beta", |_| ()).release("1.2.0", |d| d.channels = Some(["beta".into()].into()));
    assert_eq!(app.tells(&device()), "offer 1.1.0");
    assert_eq!(app.tells(&naming("beta")), "offer 1.2.0");
}

#[test]
fn a_yanked_release_is_not_listed() {
    assert_eq!(app(["1.1.0"]).release("1.2.0", yanked).tells(&device()), "offer 1.1.0");
    assert_eq!(app([]).release("1.2.0", yanked).tells(&device()), "NothingListed");
}

#[test]
fn a_release_is_for_its_platforms_with_a_bundle_that_a_client_there_can_install() {
    let mut app = app(["1.1.0"]).release("1.2.0", |d| d.platforms = [Platform::Android].into_iter().collect());
    let mut bare = release("1.3.0", Descriptor::default());
    (bare.bundles.ios, bare.bundles.android) = (None, None);
    app.releases.push(bare.into());
    assert_eq!(app.tells(&device()), "offer 1.1.0");
    assert_eq!(app.tells(&Check { platform: Some(Platform::Android), ..device() }), "offer 1.2.0");
    assert_eq!(app.tells(&Check { platform: Some(Platform::Electron), ..device() }), "offer 1.3.0");
}

#[test]
fn only_the_pin_is_listed() {
    let app = app(["1.1.0", "1.2.0"]).production(|c| c.pin = Some(Pin::Version("1.1.0".into())));
    assert_eq!(app.tells(&device()), "offer 1.1.0");
    assert_eq!(app.tells(&running("1.2.0")), "offer 1.1.0");
}

#[test]
fn a_pin_opens_nothing_and_one_that_names_no_release_lists_nothing() {
    let pinned = |to: &str| app(["1.1.0", "1.2.0-rc.1"]).production(|c| c.pin = Some(Pin::Version(to.into())));
    assert_eq!(pinned("1.2.0-rc.1").tells(&device()), "NothingListed");
    assert_eq!(pinned("7.0.0").tells(&device()), "NothingListed");
}
