//! Release tags: what they open, and what is said of those that open nothing.

use super::*;
use crate::release::platform::PlatformSet;
use crate::release::rollout::Percent;
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;
use crate::repository::builder::ReadCounts;

const TAGGED: &str = "[apps.\"com.example.app\"]\nchannels.production.tags = true\nchannels.beta = {}\n";

/// An app whose production channel takes tags, with one release.
fn repo() -> Repo {
    let repo = Repo::empty();
    repo.write("releases.toml", TAGGED).release("1.0.0", "one").commit();
    repo
}

impl Repo {
    fn tag(&self, name: &str) -> &Repo {
        self.git(&["tag", name]);
        self
    }

    fn annotate(&self, name: &str) -> &Repo {
        self.git(&["tag", "-a", "-m", "Go", name]);
        self
    }

    /// As many annotated tags of a commit as that, each for a hundredth of a percent more, and each object in a file of
    /// its own.
    fn annotate_by_hundredths(&self, name: &str, count: usize, commit: &str) {
        let tag = |at: usize| {
            let percent = format!("{}.{:02}", at / 100, at % 100);
            format!("tag {name}@{percent}%\nfrom {commit}\ntagger Ann <ann@example.com> 1767225600 +0000\ndata 0\n")
        };
        let (_keeps, path) = tempfile::NamedTempFile::new().unwrap().into_parts();
        std::fs::write(&path, (1..=count).map(tag).collect::<String>()).unwrap();
        let import = ["-c", "fastimport.unpackLimit=1000000", "fast-import", "--quiet"];
        let mut command = command(self.path(), &import);
        assert!(command.stdin(std::fs::File::open(&path).unwrap()).status().unwrap().success());
    }

    /// Loses the objects of a type and an id that is wanted.
    fn lose(&self, wanted: impl Fn(&str, &str) -> bool) {
        let objects = self.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]);
        for (_, id) in objects.lines().filter_map(|line| line.split_once(' ')).filter(|(kind, id)| wanted(kind, id)) {
            std::fs::remove_file(self.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        }
    }
}

impl Build {
    fn tag(&self, name: &str) -> &ReleaseTag {
        self.app().unwrap().tags().iter().find(|tag| *tag.name == *name).unwrap_or_else(|| panic!("no {name}"))
    }

    /// What production lists for iOS.
    fn listed(&self) -> Vec<String> {
        let channel = self.app().unwrap().channel("production").unwrap();
        channel.listed(Platform::Ios).iter().map(|listing| listing.release.name.to_string()).collect()
    }

    fn tag_problems(&self) -> Vec<String> {
        let of_tags = self.problems.iter().filter(|problem| problem.tag.is_some());
        of_tags.map(|p| format!("{} {}", p.rule, if p.is_error() { "error" } else { "warning" })).collect()
    }
}

#[test]
fn a_channel_that_takes_tags_lists_what_is_tagged_for_it() {
    let repo = repo();
    repo.release("1.1.0", "two").commit();
    assert_eq!(repo.build().listed(), [""; 0]);
    repo.tag("production/1.0.0");
    assert_eq!(repo.build().listed(), ["1.0.0"]);
    repo.annotate("com.example.app/production/1.1.0@10%");
    let build = repo.build();
    assert_eq!(build.listed(), ["1.1.0", "1.0.0"]);
    assert_eq!(
        build.tag("com.example.app/production/1.1.0@10%").says,
        Says::Percent(Percent::from_hundredths(1000).unwrap())
    );
    assert_eq!(build.problems, []);
    repo.git(&["tag", "-d", "production/1.0.0"]);
    assert_eq!(repo.build().listed(), ["1.1.0"]);
}

#[test]
fn the_date_is_that_of_the_annotated_tag() {
    let repo = repo();
    repo.annotate("production/1.0.0").tag("production/1.0.0@5%");
    let build = repo.build();
    assert_eq!(build.tag("production/1.0.0").date, Some(Timestamp(1_793_534_400_000)));
    assert_eq!(build.tag("production/1.0.0@5%").date, None);
    // a tag of a tag names the same commit
    repo.git(&["tag", "-a", "-m", "Again", "com.example.app/production/1.0.0", "production/1.0.0"]);
    assert_eq!(repo.build().tag_problems(), [""; 0]);
}

#[test]
fn a_tag_approves_the_bytes_of_its_commit_on_each_platform() {
    let repo = repo();
    repo.file("1.1.0", "bundle.ios.zip", zip("ios")).commit();
    repo.tag("production/1.1.0@1%");
    repo.file("1.1.0", "bundle.android.zip", zip("android")).commit();
    repo.tag("production/1.1.0");
    let build = repo.build();
    assert_eq!(build.tag("production/1.1.0@1%").platforms, [Platform::Ios].into_iter().collect());
    assert_eq!(build.tag("production/1.1.0").platforms, [Platform::Ios, Platform::Android].into_iter().collect());
    assert_eq!(build.tag_problems(), [""; 0]);
}

#[test]
fn a_tag_at_a_commit_without_the_bytes_opens_nothing_and_names_the_one_that_has_them() {
    let repo = repo();
    let before = repo.tip();
    let brought = repo.release("1.1.0", "two").commit();
    repo.git(&["tag", "production/1.1.0", &before.to_string()]);
    let build = repo.build();
    assert_eq!((build.listed(), build.tag_problems()), (vec![], vec!["tag-other-bytes error".to_owned()]));
    let problem = build.problem("tag-other-bytes");
    assert_eq!(problem.tag.as_deref(), Some("production/1.1.0"));
    let mend = format!("git tag -f production/1.1.0 {} && git push origin production/1.1.0`", brought.short());
    assert!(problem.help.ends_with(&mend), "{}", problem.help);
    // other bytes under the name, on a branch that is not read
    repo.git(&["checkout", "-q", "-b", "side", &before.to_string()]);
    repo.release("1.1.0", "other").commit();
    repo.git(&["tag", "-f", "production/1.1.0"]);
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.build().tag_problems(), ["tag-other-bytes error"]);
    // the same bytes there are approved
    repo.git(&["checkout", "-q", "side"]);
    repo.release("1.1.0", "two").commit();
    repo.git(&["tag", "-f", "production/1.1.0"]);
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.build().listed(), ["1.1.0"]);
}

#[test]
fn a_halt_holds_whatever_it_points_at() {
    let repo = repo();
    let blob = repo.git(&["hash-object", "-w", "releases.toml"]);
    repo.tag("production/1.0.0");
    repo.git(&["tag", "production/1.0.0@halt", &blob]);
    repo.git(&["tag", "beta/1.0.0@halt", &blob]);
    let build = repo.build();
    assert_eq!(build.tag_problems(), [""; 0]);
    assert_eq!(build.tag("production/1.0.0@halt").platforms, PlatformSet::ALL);
    let gate = &build.app().unwrap().channel("production").unwrap().listed(Platform::Ios)[0].gate;
    assert!(gate.halted, "it is listed, and lets nobody in");
    // where there are two apps, a short one that names no commit is nobody's
    repo.write("releases.toml", format!("{TAGGED}[apps.\"org.other\"]\n")).commit();
    let build = repo.build();
    assert_eq!(build.tag_problems(), ["tag-app-unclear error"; 2]);
    assert_eq!(build.problem("tag-app-unclear").help, "tag a commit: one of the branch that has the release");
}

#[test]
fn a_short_tag_means_the_app_of_its_commit_for_ever() {
    let repo = repo();
    repo.tag("production/1.0.0");
    repo.write("releases.toml", format!("{TAGGED}[apps.\"org.other\"]\n")).commit();
    assert_eq!(repo.build().listed(), ["1.0.0"]);
    repo.release("1.1.0", "two").commit();
    repo.tag("production/1.1.0");
    let build = repo.build();
    assert_eq!(build.tag_problems(), ["tag-app-unclear error"]);
    let help = &build.problem("tag-app-unclear").help;
    assert_eq!(help, "write the app into it: `com.example.app/production/1.1.0`");
    // the app that has it, not the first
    repo.write("releases.toml", format!("{TAGGED}[apps.\"a.first\"]\n")).commit();
    repo.git(&["tag", "-f", "production/1.1.0"]);
    let help = repo.build().problem("tag-app-unclear").help.clone();
    assert_eq!(help, "write the app into it: `com.example.app/production/1.1.0`");
    repo.git(&["tag", "production/9.9.9"]);
    let build = repo.build();
    let none = "none of them has 9.9.9 in that commit: tag one that has it, and write the app into the tag: \
                `<app>/production/9.9.9`";
    assert!(build.problems.iter().any(|problem| problem.help == none), "{:?}", build.problems);
    repo.git(&["tag", "-d", "production/9.9.9"]);
    // broken settings count as those before, on the commit's own line
    repo.git(&["checkout", "-q", "-b", "side", "production/1.0.0"]);
    repo.write("releases.toml", "[apps").commit();
    repo.git(&["tag", "-f", "production/1.0.0"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["tag", "-d", "production/1.1.0"]);
    assert_eq!(repo.build().tag_problems(), [""; 0]);
}

#[test]
fn tags_that_name_nothing_known_are_errors() {
    let repo = repo();
    for (tag, rule, mend) in [
        ("production/1.0.0@101%", "tag-suffix", "`@10%`"),
        ("production/1.0.0@stop", "tag-suffix", "`@halt`"),
        ("prodution/1.0.0", "tag-unknown-channel", "did you mean `production`?"),
        ("nightly/1.0.0", "tag-unknown-channel", "its channels are"),
        ("com.exmaple.app/production/1.0.0", "tag-unknown-app", "did you mean `com.example.app`?"),
        ("production/1.0.1", "tag-unknown-release", "did you mean 1.0.0?"),
        ("production/7.7.7@10%", "tag-unknown-release", "push the branch"),
    ] {
        repo.tag(tag);
        let build = repo.build();
        assert_eq!(build.tag_problems(), [format!("{rule} error")], "{tag}");
        let problem = build.problem(rule);
        assert!(problem.help.contains(mend), "{tag}: {}", problem.help);
        assert_eq!(problem.tag.as_deref(), Some(tag));
        assert_eq!(problem.app.as_deref(), (rule != "tag-unknown-app").then_some(APP), "{tag}");
        repo.git(&["tag", "-d", tag]);
    }
    repo.release("1.2.3+b1", "built").commit();
    repo.tag("production/1.2.3");
    let help = repo.build().problem("tag-unknown-release").help.clone();
    assert!(help.starts_with("did you mean 1.2.3+b1?"), "{help}");
    repo.git(&["tag", "-d", "production/1.2.3"]);
    for foreign in ["v1.0.0", "1.0.0", "releases/latest", "production/v1.0.0", "a/b/c/1.0.0"] {
        repo.tag(foreign);
    }
    assert_eq!(repo.build().problems, []);
}

#[test]
fn what_was_taken_back_is_no_fault_of_its_tag() {
    let repo = repo();
    repo.release("1.1.0", "two").commit();
    repo.tag("production/1.0.0").tag("production/1.1.0");
    repo.file("1.0.0", "release.toml", "yanked = true").withdraw("1.1.0").commit();
    let build = repo.build();
    assert_eq!((build.problems.len(), build.listed()), (0, vec![]), "{:?}", build.problems);
}

#[test]
fn where_the_branch_opens_everything_only_a_halt_has_an_effect() {
    let repo = repo();
    repo.tag("beta/1.0.0@10%").tag("beta/1.0.0@halt");
    let build = repo.build();
    assert_eq!(build.tag_problems(), ["tag-without-effect warning"]);
    let gate = &build.app().unwrap().channel("beta").unwrap().listed(Platform::Ios)[0].gate;
    assert!(gate.halted && gate.rollout.is_none());
}

#[test]
fn a_release_goes_where_its_descriptor_says_whatever_is_tagged() {
    let repo = repo();
    repo.file("1.0.0", "release.toml", "channels = [\"beta\"]").commit();
    repo.tag("production/1.0.0");
    let build = repo.build();
    assert_eq!((build.listed(), build.tag_problems()), (vec![], vec!["tag-elsewhere error".to_owned()]));
}

#[test]
fn steps_need_a_date_or_a_start() {
    let repo = repo();
    let steps = "rollout = [\"1% for 1h\", \"100%\"]\n";
    repo.file("1.0.0", "release.toml", steps).commit();
    repo.tag("production/1.0.0");
    let build = repo.build();
    assert_eq!(build.tag_problems(), ["tag-without-date error"]);
    assert!(build.problem("tag-without-date").help.contains("`git tag -a -f production/1.0.0 production/1.0.0 && "));
    let percent = |build: &Build| {
        let listed = build.app().unwrap().channel("production").unwrap().listed(Platform::Ios);
        listed[0].gate.rollout.as_ref().map(|rollout| rollout.percent(Timestamp(i64::MAX)).to_string())
    };
    assert_eq!(percent(&build).as_deref(), Some("1%"), "it stays at its first step");
    repo.git(&["tag", "-a", "-m", "Go", "-f", "production/1.0.0", "production/1.0.0"]);
    let build = repo.build();
    assert_eq!((build.tag_problems(), percent(&build).as_deref()), (vec![], Some("100%")));
    repo.git(&["tag", "-f", "production/1.0.0", "production/1.0.0^{}"]);
    repo.file("1.0.0", "release.toml", format!("{steps}rollout_start = 2026-01-01T00:00:00Z")).commit();
    assert_eq!(repo.build().tag_problems(), [""; 0]);
}

#[test]
fn steps_where_no_tag_is_taken_and_nothing_says_when_are_an_error_in_the_default_channel() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", "\nrollout = [\"5% for 1h\", \"100%\"]").commit();
    let build = repo.build();
    assert_eq!(build.errors(), ["rollout-without-start"]);
    assert_eq!(build.problem("rollout-without-start").line, Some(2));
    let started = "rollout = [\"5% for 1h\", \"100%\"]\nrollout_start = 2026-01-01T00:00:00Z";
    repo.file("1.0.0", "release.toml", started).commit();
    assert_eq!(repo.build().problems, []);
    repo.file("1.0.0", "release.toml", "rollout = { beta = [\"5% for 1h\", \"100%\"] }").commit();
    assert_eq!(repo.build().errors(), ["unknown-channel"]);
}

#[test]
fn a_release_for_native_versions_that_no_channel_gives_it_to_is_a_warning() {
    let repo = Repo::new();
    let native = |requirement: &str| format!("comment = \"a\"\nnative = {requirement}");
    repo.release("1.4.2", "one").file("1.4.2", "release.toml", native("\">=2.0.0\"")).commit();
    let build = repo.build();
    assert_eq!((build.errors(), build.warnings()), (vec![], vec!["native-out-of-reach"]));
    assert_eq!(build.problem("native-out-of-reach").line, Some(2));
    for fits in ["\">=1.4.1\"", "{ ios = \">=2\" }"] {
        repo.file("1.4.2", "release.toml", native(fits)).commit();
        assert_eq!(repo.build().problems, [], "{fits}");
    }
    for lacks in ["\">=1.5.0\"", "\">=1.5.0-rc.1\""] {
        repo.file("1.4.2", "release.toml", native(lacks)).commit();
        assert_eq!(repo.build().warnings(), ["native-out-of-reach"], "{lacks}");
    }
    // betas of the native app count by their finished version where none is named, and are not above a release candidate
    repo.write("releases.toml", "[apps.\"com.example.app\".channels.production]\nprereleases = true\n");
    for (requirement, warnings) in [
        (">=1.5.0", &[][..]),
        (">=1.5.0-beta.2", &[]),
        (">=1.5.0-rc.1, <1.5.0", &["named-like-native"]),
        (">1.5.0-rc.1", &["native-out-of-reach"]),
    ] {
        let requirement = native(&format!("\"{requirement}\""));
        repo.release("1.5.0-rc.1", "rc").file("1.5.0-rc.1", "release.toml", &requirement).commit();
        let build = repo.build();
        let own = build.problems.iter().filter(|problem| problem.version.as_deref() == Some("1.5.0-rc.1"));
        assert_eq!(own.map(|problem| problem.rule).collect::<Vec<_>>(), warnings, "{requirement}");
    }
    repo.remove(&format!("{APP}/1.5.0-rc.1")).commit();
    let given =
        "[apps.\"com.example.app\"]\n[[apps.\"com.example.app\".overrides]]\ncustom_id = \"qa\"\nversion = \"1.4.2\"\n";
    repo.write("releases.toml", given).commit();
    assert_eq!(repo.build().problems, [], "an override gives it to anyone");
    repo.write("releases.toml", "[apps.\"com.example.app\".channels.production]\nbelow_native = true\n").commit();
    assert_eq!(repo.build().problems, []);
}

#[test]
fn a_draw_by_the_name_of_what_never_was_is_a_warning() {
    let repo = Repo::new();
    let named = |version: &str| format!("comment = \"a\"\nrollout_as = \"{version}\"");
    repo.release("1.0.0", "one").release("1.1.0", "two").file("1.1.0", "release.toml", named("1.0.1")).commit();
    let build = repo.build();
    let unknown = build.problem("unknown-draw");
    assert_eq!((build.errors(), build.warnings()), (vec![], vec!["unknown-draw"]));
    assert_eq!((unknown.file.as_deref(), unknown.line), (Some("com.example.app/1.1.0/release.toml"), Some(2)));
    repo.file("1.1.0", "release.toml", named("1.0.0")).commit();
    assert_eq!(repo.build().problems, []);
    repo.withdraw("1.0.0").commit();
    assert_eq!(repo.build().problems, [], "what was withdrawn has drawn devices");
}

#[test]
fn tags_of_a_frozen_app_are_reported_as_that() {
    let repo = repo();
    repo.tag("production/1.0.0");
    repo.write("releases.toml", format!("{TAGGED}nmae = 1\n")).release("1.1.0", "two").commit();
    repo.tag("production/1.1.0");
    let build = repo.build();
    assert_eq!(build.tag_problems(), ["tag-of-frozen-app warning"]);
    assert_eq!(build.listed(), ["1.0.0"]);
}

#[test]
fn a_pin_that_is_not_tagged_is_a_warning() {
    let repo = repo();
    repo.write("releases.toml", TAGGED.replace("tags = true", "pin = \"1.0.0\"\nchannels.production.tags = true"))
        .commit();
    assert_eq!(repo.build().warnings(), ["pin-not-open"]);
    repo.tag("production/1.0.0");
    assert_eq!(repo.build().problems, []);
}

#[test]
fn equal_refs_have_an_equal_digest_and_others_another() {
    let repo = repo();
    let digest = || repo.build().table.unwrap().digest.clone();
    let before = digest();
    repo.tag("v1");
    assert_eq!(digest(), before);
    repo.tag("production/1.0.0");
    let tagged = digest();
    assert_ne!(tagged, before);
    repo.git(&["pack-refs", "--all"]);
    assert_eq!(digest(), tagged);
}

#[test]
fn tags_that_did_not_change_cost_nothing() {
    let repo = repo();
    repo.tag("production/1.0.0").annotate("production/1.0.0@50%");
    let mut builder = builder();
    let first = builder.build_tip(&repo);
    repo.write("README.md", "x").commit();
    let second = builder.build_tip(&repo);
    assert!(Arc::ptr_eq(first.app().unwrap(), second.app().unwrap()));
    repo.tag("production/1.0.0@halt");
    let third = builder.build_tip(&repo);
    assert!(!Arc::ptr_eq(first.app().unwrap(), third.app().unwrap()));
    assert_eq!(third.read.descriptors, 0);
}

#[test]
fn thousands_of_tags_that_did_not_change_are_not_read_again() {
    let repo = repo();
    let tagged = repo.git(&["commit-tree", "-m", "beside the line", "HEAD^{tree}"]);
    repo.annotate_by_hundredths("production/1.0.0", 2000, &tagged);
    let mut builder = builder();
    assert_eq!(builder.build_tip(&repo).app().unwrap().tags().iter().count(), 2000);
    // whoever looks for one of these now fails
    repo.lose(|kind, id| kind == "tag" || id == tagged);
    repo.annotate("production/1.0.0@30%").release("1.1.0", "two").commit();
    let build = builder.build_tip(&repo);
    assert_eq!((build.app().unwrap().tags().iter().count(), build.listed()), (2001, vec!["1.0.0".to_owned()]));
    assert_eq!(build.read, ReadCounts { commits: 1, descriptors: 0, zips: 1 });
}

#[test]
fn the_mend_names_the_commit_that_has_the_bytes() {
    let repo = repo();
    let before = repo.file("1.1.0", "release.toml", "comment = \"soon\"").commit();
    let brought = repo.release("1.1.0", "two").commit();
    repo.git(&["tag", "production/1.1.0", &before.to_string()]);
    let help = repo.build().problem("tag-other-bytes").help.clone();
    assert!(help.contains(&format!("git tag -f production/1.1.0 {} ", brought.short())), "{help}");
}

#[test]
fn a_withdrawn_release_is_no_fault_of_its_tag_though_the_channel_went_with_it() {
    let repo = repo();
    repo.write("releases.toml", format!("{TAGGED}channels.old.tags = true\n")).release("1.1.0", "two").commit();
    repo.tag("old/1.1.0").tag("old/1.0.0");
    assert_eq!(repo.build().problems, []);
    repo.write("releases.toml", TAGGED).withdraw("1.1.0").file("1.0.0", "release.toml", "yanked = true").commit();
    assert_eq!(repo.build().problems, []);
}

#[test]
fn a_chain_of_tags_and_a_symbolic_one_name_a_commit() {
    let repo = repo();
    repo.annotate("t0");
    for at in 1..12 {
        repo.git(&["tag", "-a", "-m", "Again", &format!("t{at}"), &format!("t{}", at - 1)]);
    }
    repo.git(&["tag", "-a", "-m", "Go", "production/1.0.0", "t11"]);
    repo.git(&["symbolic-ref", "refs/tags/production/1.0.0@halt", "refs/heads/main"]);
    let build = repo.build();
    assert_eq!((build.listed(), build.tag_problems()), (vec!["1.0.0".to_owned()], vec![]));
    assert!(build.app().unwrap().channel("production").unwrap().listed(Platform::Ios)[0].gate.halted);
}

#[test]
fn a_history_that_is_filled_up_may_mean_another_app() {
    let repo = repo();
    repo.write("releases.toml", "[apps").release("1.1.0", "two").commit();
    repo.tag("production/1.1.0");
    repo.write("releases.toml", format!("{TAGGED}[apps.\"org.other\"]\n")).commit();
    let dir = TempDir::new().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(dir.path(), &["clone", "-q", "--bare", "--depth", "2", &url, "mirror.git"]);
    let mirror = dir.path().join("mirror.git");
    let mut daemon = builder();
    let build = |daemon: &mut Builder| {
        let reader = Reader::open(&mirror).unwrap();
        daemon.build(&reader, &reader.refs("main").unwrap()).unwrap()
    };
    assert_eq!(build(&mut daemon).tag_problems(), ["tag-app-unclear error"]);
    git(dir.path(), &["--git-dir=mirror.git", "fetch", "-q", "--unshallow"]);
    let (here, fresh) = (build(&mut daemon), build(&mut builder()));
    assert_eq!(here.tag_problems(), fresh.tag_problems());
    assert_eq!((here.listed(), fresh.listed()), (vec!["1.1.0".to_owned()], vec!["1.1.0".to_owned()]));
}
