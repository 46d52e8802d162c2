//! With git itself, and with scripts in place of the program that the hooks call.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

use snapbox::{assert_data_eq, str};
use tempfile::TempDir;

use super::*;

const NOWHERE: &str = "/nowhere/pushlive";

/// A folder with spaces and quotes in its name, where a team works.
struct Team {
    folder: TempDir,
}

impl Team {
    fn new() -> Self {
        Team { folder: tempfile::Builder::new().prefix("the team's \"folder\" ").tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `init` prints, with this folder's name taken out.
    fn init(&self, name: &str) -> String {
        self.shown(init(&self.path(name), None, Path::new(NOWHERE)))
    }

    fn shown(&self, result: Result<String, Failure>) -> String {
        let text = result.unwrap_or_else(|failure| failure.to_string());
        let folder = self.folder.path().to_str().unwrap();
        text.replace(&quote(folder)[..quote(folder).len() - 1], "'<team>").replace(folder, "<team>")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        // The search path holds git and a shell, and no pushlive: what is installed here must not be called.
        Command::new(program)
            .current_dir(self.folder.path())
            .args(arguments)
            .env("PATH", "/usr/bin:/bin")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("PUSHLIVE_BIN")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Team")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "team@example.com")))
            .output()
            .unwrap()
    }

    fn sh(&self, script: &str) -> Output {
        self.run("sh", &["-c", script])
    }

    /// What git prints to standard output.
    fn git(&self, arguments: &[&str]) -> String {
        let git = self.run("git", arguments);
        assert!(git.status.success(), "git {arguments:?}: {}", stderr(&git));
        String::from_utf8(git.stdout).unwrap()
    }

    /// A push of a new commit to `app.git`, from a clone that is made for it.
    fn push(&self) -> Output {
        self.sh("test -d work || git clone -q app.git work; cd work && git commit -q --allow-empty -m x && git push")
    }

    fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn install(&self, binary: &Path) {
        init(&self.path("app.git"), None, binary).unwrap();
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_new_repository_is_made_and_said() {
    let team = Team::new();
    assert_data_eq!(
        team.init("app.git"),
        str![[r#"
made the bare repository <team>/app.git
wrote releases.toml, README.md and .gitignore to the branch main, commit [..]
installed <team>/app.git/hooks/pre-receive
installed <team>/app.git/hooks/post-receive

Next, name your app, push, and serve:

  git clone '<team>/app.git' app-work && cd app-work
  printf '[..]' >> releases.toml
  git commit -am 'Add the app' && git push
  [..] serve '<team>/app.git'

README.md in the clone says how to release.

"#]]
    );
    assert_eq!(
        team.git(&["--git-dir=app.git", "ls-tree", "--name-only", "main"]),
        ".gitignore\nREADME.md\nreleases.toml\n"
    );
    assert_eq!(team.git(&["--git-dir=app.git", "show", "main:releases.toml"]), RELEASES);
}

#[test]
fn the_next_steps_work_as_they_are_typed() {
    let team = Team::new();
    let printed = init(&team.path("app.git"), None, Path::new(NOWHERE)).unwrap();
    let steps: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let (serve, before) = steps.split_last().unwrap();
    assert!(serve.contains(" serve "));
    let done = team.sh(&format!("set -e\n{}", before.join("\n")));
    assert!(done.status.success(), "{}", stderr(&done));
    let pushed = team.git(&["--git-dir=app.git", "show", "main:releases.toml"]);
    let apps = toml::de::DeTable::parse(&pushed).unwrap();
    assert!(format!("{apps:?}").contains("com.example.app"));
}

#[test]
fn run_again_it_changes_nothing() {
    let team = Team::new();
    team.init("app.git");
    let state =
        || team.sh("ls -lR --time-style=full-iso app.git; cat app.git/HEAD app.git/config app.git/hooks/*").stdout;
    let before = state();
    assert_eq!(team.init("app.git"), "<team>/app.git is as it should be; nothing to do\n");
    assert_eq!(state(), before);
}

#[test]
fn broken_hooks_are_repaired_and_nothing_else() {
    let team = Team::new();
    team.init("app.git");
    let hooks = team.path("app.git/hooks");
    fs::set_permissions(hooks.join("pre-receive"), fs::Permissions::from_mode(0o644)).unwrap();
    let old = team.read("app.git/hooks/post-receive").replace(NOWHERE, "/somewhere/else");
    fs::write(hooks.join("post-receive"), old).unwrap();
    assert_data_eq!(
        team.init("app.git"),
        str![[r#"
made <team>/app.git/hooks/pre-receive executable
renewed <team>/app.git/hooks/post-receive

"#]]
    );
    fs::remove_file(hooks.join("pre-receive")).unwrap();
    assert_eq!(team.init("app.git"), "installed <team>/app.git/hooks/pre-receive\n");
    assert_eq!(fs::metadata(hooks.join("pre-receive")).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(team.git(&["--git-dir=app.git", "rev-list", "--count", "main"]), "1\n");
}

#[test]
fn a_repository_that_git_made_gets_its_first_commit_and_a_head_that_clones() {
    let team = Team::new();
    team.git(&["init", "-q", "--bare", "--initial-branch=trunk", "app.git"]);
    assert!(
        team.init("app.git").starts_with("wrote releases.toml, README.md and .gitignore to the branch main, commit ")
    );
    assert_eq!(team.git(&["--git-dir=app.git", "symbolic-ref", "HEAD"]), "refs/heads/main\n");
}

#[test]
fn a_repository_with_another_branch_gets_no_second_root() {
    let team = Team::new();
    team.sh("git init -q --bare -b trunk app.git; git clone -q app.git work 2>&1; cd work; git commit -q --allow-empty -m x; git push -q origin HEAD:trunk");
    let said = team.init("app.git");
    assert!(said.starts_with("wrote no releases.toml: there is no branch `main`, but trunk."), "{said}");
    assert_eq!(team.git(&["--git-dir=app.git", "for-each-ref", "--format=%(refname)"]), "refs/heads/trunk\n");
    fs::write(team.path("app.git/pushlive.toml"), "branch = \"trunk\"\n").unwrap();
    assert_data_eq!(
        team.init("app.git"),
        str![[r#"
left `trunk` as it is, where no releases.toml says what to serve: commit one at its root; the line `[apps."com.example.app"]` with your app's id is enough

"#]]
    );
    team.sh("cd work; echo '[apps.\"com.example.app\"]' > releases.toml; git add .; git commit -qm x; git push -q origin HEAD:trunk");
    assert_eq!(team.init("app.git"), "<team>/app.git is as it should be; nothing to do\n", "the settings file says it");
}

#[test]
fn a_work_tree_gets_hooks_and_no_commit() {
    let team = Team::new();
    team.git(&["init", "-q", "-b", "main", "app"]);
    assert_data_eq!(
        team.init("app"),
        str![[r#"
left `main` to you: commit a releases.toml there, since this repository has a work tree
installed <team>/app/.git/hooks/pre-receive
installed <team>/app/.git/hooks/post-receive

"#]]
    );
    assert_eq!(team.git(&["-C", "app", "for-each-ref"]), "");
}

#[test]
fn hooks_go_where_git_looks_for_them() {
    let team = Team::new();
    team.git(&["init", "-q", "--bare", "-b", "main", "app.git"]);
    team.git(&["--git-dir=app.git", "config", "core.hooksPath", "own hooks"]);
    let said = team.init("app.git");
    assert!(said.contains("went to <team>/app.git/own hooks for the hooks, as core.hooksPath says\n"), "{said}");
    assert!(stderr(&team.push()).contains("pushlive is neither at PUSHLIVE_BIN"), "git runs them there");
}

#[test]
fn what_is_no_repository_is_left_alone() {
    let team = Team::new();
    fs::create_dir(team.path("photos")).unwrap();
    fs::write(team.path("photos/cat.jpg"), "").unwrap();
    assert_data_eq!(
        team.init("photos"),
        str![[r#"
error: <team>/photos is there already, and it is not a git repository
help: give a path that does not exist yet, or an empty folder

"#]]
    );
    assert_eq!(fs::read_dir(team.path("photos")).unwrap().count(), 1);
}

#[test]
fn a_push_works_where_the_program_is_found_nowhere_and_says_so_in_a_sentence() {
    let team = Team::new();
    team.init("app.git");
    let push = team.push();
    assert!(push.status.success());
    let sentence =
        "pushlive is neither at PUSHLIVE_BIN, nor at /nowhere/pushlive, nor on the PATH: this push is not looked at.";
    assert_eq!(stderr(&push).matches(sentence).count(), 2, "once a hook: {}", stderr(&push));
}

#[test]
fn a_push_is_given_to_the_program_that_installed_the_hooks() {
    let team = Team::new();
    let log = team.path("log");
    let body = format!("printf '%s %s: ' \"$1\" \"$2\" >> {0}; cat >> {0}", quote(log.to_str().unwrap()));
    team.install(&team.script("it's \"pushlive\"", &body));
    let before = team.git(&["--git-dir=app.git", "rev-parse", "main"]);
    let push = team.push();
    assert!(push.status.success(), "{}", stderr(&push));
    let after = team.git(&["--git-dir=app.git", "rev-parse", "main"]);
    let line = format!("{} {} refs/heads/main\n", before.trim(), after.trim());
    assert_eq!(team.read("log"), format!("hook pre-receive: {line}hook post-receive: {line}"));
}

#[test]
fn the_environment_names_another_program() {
    let team = Team::new();
    team.install(&team.script("installed", "echo from the installed one >&2"));
    let other = team.script("other", "echo from the other one >&2");
    let script = format!(
        "export PUSHLIVE_BIN={}; git clone -q app.git work; cd work; git commit -q --allow-empty -m x; git push",
        quote(other.to_str().unwrap())
    );
    let push = stderr(&team.sh(&script));
    assert!(push.contains("from the other one") && !push.contains("from the installed one"), "{push}");
}

#[test]
fn the_program_refuses_by_one_and_anything_else_lets_the_push_through() {
    let team = Team::new();
    team.install(&team.script("refuses", "exit 1"));
    assert!(!team.push().status.success());
    team.install(&team.script("too old", "exit 2"));
    let push = team.push();
    assert!(push.status.success());
    assert!(stderr(&push).contains("ended with code 2: this push is not looked at."), "{}", stderr(&push));
}

#[test]
fn hooks_of_the_team_are_kept_and_called_first_and_respected() {
    let team = Team::new();
    team.init("app.git");
    for name in hooks::NAMES {
        team.script(&format!("app.git/hooks/{name}"), &format!("cat > {name}.seen; test ! -e refuse"));
    }
    assert_data_eq!(
        team.init("app.git"),
        str![[r#"
installed <team>/app.git/hooks/pre-receive; your own hook is pre-receive.team now, and is called first
installed <team>/app.git/hooks/post-receive; your own hook is post-receive.team now, and is called first

"#]]
    );
    assert!(team.push().status.success());
    for name in hooks::NAMES {
        assert!(team.read(&format!("app.git/{name}.seen")).ends_with(" refs/heads/main\n"), "{name}");
    }
    fs::write(team.path("app.git/refuse"), "").unwrap();
    assert!(!team.push().status.success(), "what the team's hook refuses is refused");
}

#[test]
fn a_team_s_hook_is_never_written_over() {
    let team = Team::new();
    team.init("app.git");
    team.script("app.git/hooks/pre-receive.team", "echo one");
    team.script("app.git/hooks/pre-receive", "echo two");
    assert_data_eq!(
        team.init("app.git"),
        str![[r#"
error: <team>/app.git/hooks/pre-receive is a hook of your own, and <team>/app.git/hooks/pre-receive.team is another one
help: put what both do into <team>/app.git/hooks/pre-receive.team, remove <team>/app.git/hooks/pre-receive, and run this again

"#]]
    );
    assert_eq!(team.read("app.git/hooks/pre-receive"), "#!/bin/sh\necho two\n");
    assert_eq!(team.read("app.git/hooks/pre-receive.team"), "#!/bin/sh\necho one\n");
}

#[test]
fn a_team_s_hook_that_is_a_link_to_nothing_is_kept() {
    let team = Team::new();
    team.init("app.git");
    let hook = team.path("app.git/hooks/pre-receive");
    fs::remove_file(&hook).unwrap();
    symlink("not there yet", &hook).unwrap();
    assert_data_eq!(
        team.init("app.git"),
        str![[r#"
installed <team>/app.git/hooks/pre-receive; your own hook is pre-receive.team now, and is called first once there is something at not there yet, where it leads

"#]]
    );
    let aside = team.path("app.git/hooks/pre-receive.team");
    assert_eq!(fs::read_link(&aside).unwrap(), Path::new("not there yet"));
    assert!(team.push().status.success());
    team.script("app.git/hooks/not there yet", "exit 1");
    assert!(!team.push().status.success(), "it is called, and refuses");

    fs::remove_file(team.path("app.git/hooks/not there yet")).unwrap();
    team.script("app.git/hooks/pre-receive", "echo another");
    let said = team.init("app.git");
    assert!(said.contains("pre-receive.team is another one"), "{said}");
    assert_eq!(fs::read_link(&aside).unwrap(), Path::new("not there yet"), "a link is not written over either");
}

#[test]
fn a_file_is_left_alone_too() {
    let team = Team::new();
    fs::write(team.path("notes"), "mine").unwrap();
    assert!(team.init("notes").starts_with("error: <team>/notes is there already"), "{}", team.init("notes"));
    assert_eq!(team.read("notes"), "mine");
}

#[test]
fn a_name_that_looks_like_an_option_is_none_in_the_next_steps() {
    let steps = next_steps(Path::new("/srv/-x.git"));
    assert!(steps.contains("git clone /srv/-x.git ./-x-work && cd ./-x-work\n"), "{steps}");
}
