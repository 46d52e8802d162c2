//! The hosted servers: what each checks out for a pull request, and how it runs the step that README has for it.

use std::path::{Path, PathBuf};

use crate::world::{Ran, World, pushlive};

const README: &str = include_str!("../../../README.md");
/// A shell as the runners of GitHub and Gitea call it.
const BASH: &[&str] = &["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"];

/// A hosted server.
pub struct Host {
    /// The name of its recipe.
    pub name: &'static str,
    /// What the recipe needs to be there.
    pub programs: &'static [&'static str],
    /// The first line of the request that comments.
    pub comments_at: &'static str,
    /// How that request says who comments.
    pub token: &'static str,
    /// The commit of a pull request that is checked out.
    pub checks_out: &'static str,
    shell: &'static [&'static str],
    script: fn(&str) -> String,
}

pub const GITHUB: Host = Host {
    name: "github",
    programs: &["bash", "curl", "node"],
    comments_at: "POST /repos/team/releases/issues/7/comments HTTP/1.1\r\n",
    token: "Authorization: Bearer secret\r\n",
    checks_out: "refs/pull/7/merge",
    shell: BASH,
    script: run_of,
};

/// It has no commit that merges a pull request.
pub const GITEA: Host =
    Host { name: "gitea", token: "Authorization: token secret\r\n", checks_out: "refs/pull/7/head", ..GITHUB };

pub const GITLAB: Host = Host {
    name: "gitlab",
    programs: &["curl"],
    comments_at: "POST /projects/12/merge_requests/7/notes HTTP/1.1\r\n",
    token: "PRIVATE-TOKEN: secret\r\n",
    checks_out: "refs/pull/7/head",
    shell: &["sh", "-e", "-c"],
    script: script_of,
};

impl Host {
    /// Checks out a pull request as the server does: all branches and tags, and no branch of its own.
    pub fn check_out(&self, world: &World, repo: &Path) -> PathBuf {
        let folder = world.path(self.name);
        let folder_name = folder.to_str().expect("a path");
        let git = |arguments: &[&str]| world.run("git", [&["-C", folder_name], arguments].concat()).success();
        world.run("git", ["init", "--quiet", folder_name]).success();
        git(&["remote", "add", "origin", repo.to_str().expect("a path")]);
        let all = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        git(&[&["fetch", "--quiet", "--no-tags", "origin"][..], &all].concat());
        git(&["fetch", "--quiet", "--no-tags", "origin", self.checks_out]);
        git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        folder
    }

    /// Runs the step, with the variables that the server sets, an API at that address, and nobody's identity in git.
    pub fn run(&self, world: &World, folder: &Path, api: &str) -> Ran {
        let bin = Path::new(pushlive()).parent().expect("its folder").to_str().expect("a path");
        let path = format!("{bin}:{}", std::env::var("PATH").expect("a path"));
        let head = world.run("git", ["-C", folder.to_str().expect("a path"), "rev-parse", "HEAD"]).success();
        let mut command = world.command(self.shell[0]);
        command.current_dir(folder).env("PATH", path).args(&self.shell[1..]).arg((self.script)(recipe(self.name)));
        command.envs([("GITHUB_BASE_REF", "main"), ("GITHUB_API_URL", api), ("GITHUB_REPOSITORY", "team/releases")]);
        command.envs([("NUMBER", "7"), ("TOKEN", "secret"), ("RELEASES_TOKEN", "secret")]);
        command.envs([("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"), ("CI_MERGE_REQUEST_IID", "7")]);
        command.envs([("CI_COMMIT_SHA", head.trim()), ("CI_API_V4_URL", api), ("CI_PROJECT_ID", "12")]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env_remove(format!("GIT_{who}_NAME")).env_remove(format!("GIT_{who}_EMAIL"));
        }
        Ran::of(command)
    }
}

/// The recipe of that name, as README has it.
pub fn recipe(name: &str) -> &'static str {
    let mark = format!("<!-- recipe: {name} -->\n```yaml\n");
    let (_, after) = README.split_once(&mark).unwrap_or_else(|| panic!("no recipe {name:?} in README.md"));
    after.split_once("\n```\n").expect("its end").0
}

/// The lines behind a key, as the shell gets them.
fn lines_of(recipe: &str, key: &str) -> String {
    let (_, lines) = recipe.split_once(&format!("{key}\n")).expect("the key");
    lines.lines().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n")
}

fn run_of(recipe: &str) -> String {
    lines_of(recipe, "run: |")
}

/// The items of `script:`, each a line of the shell.
fn script_of(recipe: &str) -> String {
    let items = lines_of(recipe, "script:");
    let lines = items.lines().filter_map(|line| line.strip_prefix("- "));
    lines
        .map(|line| line.strip_prefix('\'').and_then(|line| line.strip_suffix('\'')).unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}
