//! Mends that are typed as they are printed: the push passes then.

use std::fs;
use std::path::PathBuf;

use crate::world::{Ran, Team, World, pushlive, web_app};

const APP: &str = "com.example.app";
const TAGGED: &str = "[apps.\"com.example.app\".channels.production]\ntags = true\n";

struct Mending<'w> {
    world: &'w World,
    repo: PathBuf,
    team: Team<'w>,
}

impl<'w> Mending<'w> {
    /// With a release that is pushed.
    fn begin(world: &'w World, settings: &str) -> Mending<'w> {
        let repo = world.init("releases.git");
        let team = world.team(&repo);
        team.write("releases.toml", settings);
        team.add_release(APP, "1.0.0");
        team.publish("Release 1.0.0");
        Mending { world, repo, team }
    }

    fn push(&self, what: &str) -> Ran {
        self.team.git(&["push", "--quiet", "origin", what])
    }

    fn is_refused(&self, what: &str) -> String {
        let pushed = self.push(what);
        assert_ne!(pushed.code(), 0, "{}", pushed.stderr());
        pushed.stderr()
    }

    /// Pushes past the hook.
    fn slip(&self, what: &str) {
        fs::rename(self.repo.join("hooks"), self.repo.join("off")).expect("no hooks");
        self.push(what).success();
        fs::rename(self.repo.join("off"), self.repo.join("hooks")).expect("hooks");
    }

    fn check(&self) -> Ran {
        self.world.run(pushlive(), ["check", "releases.git"])
    }

    /// Types a command.
    fn types(&self, command: &str) {
        let mut shell = self.world.command("sh");
        shell.current_dir(self.team.folder()).args(["-c", command]).env("GIT_EDITOR", "echo Go >");
        Ran::of(shell).success();
    }

    /// Types each command of a report that begins with `git`, in their order.
    fn mends(&self, report: &str) {
        for command in commands(report) {
            self.types(&command);
        }
    }
}

/// What stands in backticks and is for git.
fn commands(report: &str) -> Vec<String> {
    let report = report.replace("remote: ", "").replace("remote:", "");
    let found: Vec<String> =
        report.split('`').skip(1).step_by(2).filter(|code| code.starts_with("git ")).map(str::to_owned).collect();
    assert!(!found.is_empty(), "{report}");
    found
}

#[test]
fn a_bundle_that_hides_the_first_one_is_taken_out() {
    let world = World::new();
    let mending = Mending::begin(&world, "[apps.\"com.example.app\"]\n");
    let team = &mending.team;
    team.write(&format!("{APP}/1.0.0/bundle.ios.zip"), web_app("ios"));
    team.commit("One for iOS");
    let said = mending.is_refused("HEAD:main");
    assert_eq!(commands(&said), [format!("git rm {APP}/1.0.0/bundle.ios.zip")]);
    mending.mends(&said);
    team.git(&["commit", "--quiet", "--message", "Take it out"]).success();
    mending.push("HEAD:main").success();
}

#[test]
fn bundles_that_are_changed_and_hidden_come_back() {
    let world = World::new();
    let mending = Mending::begin(&world, "[apps.\"com.example.app\"]\n");
    let team = &mending.team;
    team.write(&format!("{APP}/1.1.0/bundle.ios.zip"), web_app("ios"));
    team.write(&format!("{APP}/1.1.0/bundle.zip"), web_app("others"));
    team.publish("Release 1.1.0");
    team.write(&format!("{APP}/1.1.0/bundle.zip"), web_app("all"));
    team.write(&format!("{APP}/1.1.0/bundle.android.zip"), web_app("android"));
    team.git(&["rm", "--quiet", &format!("{APP}/1.1.0/bundle.ios.zip")]).success();
    team.commit("One slip after the other");
    mending.mends(&mending.is_refused("HEAD:main"));
    team.git(&["commit", "--quiet", "--message", "Bring them back"]).success();
    mending.push("HEAD:main").success();
    assert_eq!(mending.check().code(), 0);
}

#[test]
fn a_tag_at_the_wrong_commit_is_made_at_the_right_one() {
    let world = World::new();
    let mending = Mending::begin(&world, TAGGED);
    let team = &mending.team;
    let before = team.head();
    team.add_release(APP, "1.1.0");
    team.publish("Release 1.1.0");
    let (light, annotated) = ("production/1.1.0@5%", "production/1.1.0");
    team.git(&["tag", light, &before]).success();
    team.git(&["tag", "--annotate", "--message", "Go", annotated, &before]).success();
    for tag in [light, annotated] {
        let said = mending.is_refused(tag);
        assert!(said.contains("error[tag-other-bytes]") && !said.contains(&format!("origin :{tag}")), "{said}");
        mending.mends(&said);
        assert_eq!(mending.check().code(), 0, "{}", mending.check().stdout());
    }
    // where it is on the server it goes from there first
    team.git(&["push", "--quiet", "origin", &format!(":{light}")]).success();
    team.git(&["tag", "--force", light, &before]).success();
    mending.slip(light);
    let checked = mending.check();
    assert_eq!(checked.code(), 1);
    mending.mends(&checked.stdout());
    assert_eq!(mending.check().code(), 0);
}

#[test]
fn a_tag_without_a_date_gets_one() {
    let world = World::new();
    let mending = Mending::begin(&world, TAGGED);
    let team = &mending.team;
    team.add_release(APP, "1.1.0");
    team.write(&format!("{APP}/1.1.0/release.toml"), "rollout = [\"1% for 1h\", \"100%\"]\n");
    team.publish("Release 1.1.0");
    let tag = "production/1.1.0";
    team.git(&["tag", tag]).success();
    let said = mending.is_refused(tag);
    assert!(said.contains("error[tag-without-date]") && said.contains("lightweight"), "{said}");
    mending.mends(&said);
    assert_eq!(mending.check().code(), 0);

    // made by other means than git's, and on the server
    team.git(&["push", "--quiet", "origin", &format!(":{tag}")]).success();
    let object = format!("object {}\ntype commit\ntag {tag}\n\nFrom before there were taggers\n", team.head());
    team.write("../object", object);
    mending.types(&format!("git update-ref refs/tags/{tag} $(git hash-object -t tag -w --literally ../object)"));
    mending.slip(tag);
    let checked = mending.check();
    assert_eq!(checked.code(), 1);
    assert!(!checked.stdout().contains("lightweight"), "{}", checked.stdout());
    mending.mends(&checked.stdout());
    assert_eq!(mending.check().code(), 0);

    // a lightweight one on the server is replaced where it is
    team.git(&["push", "--quiet", "origin", &format!(":{tag}")]).success();
    team.git(&["tag", "--force", tag, "HEAD"]).success();
    mending.slip(tag);
    mending.mends(&mending.check().stdout());
    assert_eq!(mending.check().code(), 0);
}

#[test]
fn what_is_wrong_with_a_release_is_why_its_tag_is_refused() {
    let world = World::new();
    let mending = Mending::begin(&world, TAGGED);
    let team = &mending.team;
    team.write(&format!("{APP}/1.1.0/bundle.zip"), "no zip");
    team.add_release(APP, "v1.2.0");
    team.commit("Two faults");
    mending.slip("HEAD:main");
    team.git(&["tag", "production/1.1.0"]).success();
    let said = mending.is_refused("production/1.1.0");
    let place = |what: &str| said.find(what).unwrap_or_else(|| panic!("no `{what}` in {said}"));
    assert!(place("error[tag-unknown-release]") < place("What is wrong there:"), "{said}");
    assert!(place("What is wrong there:") < place("error[not-a-zip]"), "{said}");
    assert!(place("error[not-a-zip]") < place("These are not why it is refused:"), "{said}");
    assert!(place("These are not why it is refused:") < place("error[not-a-version]"), "{said}");
}

#[test]
fn a_tag_of_a_pre_release_that_the_branch_does_not_open_is_told_so() {
    let world = World::new();
    let settings = "[apps.\"com.example.app\".channels.production]\n";
    let mending = Mending::begin(&world, &format!("{settings}[apps.\"com.example.app\".channels.beta]\n"));
    let team = &mending.team;
    team.add_release(APP, "2.0.0-rc.1");
    team.publish("Release 2.0.0-rc.1");
    team.tag("production/2.0.0-rc.1", "HEAD");
    let words = |ran: Ran| ran.success().split_whitespace().collect::<Vec<_>>().join(" ");
    let said = words(mending.check());
    assert!(said.contains("the branch opens no pre-releases there, so the tag opens nothing"), "{said}");
    assert!(said.contains("say `prereleases = true` in that channel"), "{said}");
    let status = || mending.world.run(pushlive(), ["status", "releases.git"]).success();
    assert!(!status().split("beta").next().expect("production").contains("2.0.0-rc.1"));
    team.write("releases.toml", format!("{settings}prereleases = true\n[apps.\"com.example.app\".channels.beta]\n"));
    team.publish("Open pre-releases");
    assert!(status().split("beta").next().expect("production").contains("2.0.0-rc.1"));
}

#[test]
fn a_tag_of_an_app_that_was_taken_out_is_to_go_too() {
    let world = World::new();
    let mending = Mending::begin(&world, &format!("{TAGGED}[apps.\"com.example.ap\"]\n"));
    let team = &mending.team;
    team.tag(&format!("{APP}/production/1.0.0"), "HEAD");
    team.write("releases.toml", "[apps.\"com.example.ap\"]\n");
    team.git(&["rm", "--quiet", "-r", APP]).success();
    team.commit("Take the app out");
    let pushed = mending.push("HEAD:main");
    assert_eq!(pushed.code(), 0, "{}", pushed.stderr());
    let said = pushed.stderr();
    assert!(said.contains("error[tag-unknown-app]") && !said.contains("did you mean"), "{said}");
    mending.mends(&said);
    assert_eq!(mending.check().code(), 0);
}
