//! The recipes for hosted servers, as README has them: what is commented on a pull request, and whether it passes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Output;
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::world::{Team, World, is_installed, pushlive};

const README: &str = include_str!("../../README.md");
const APP: &str = "com.example.app";

/// What a pull request describes its release with, how the step ends, and what is commented.
const PULLS: [(&str, i32, &str); 2] = [
    ("comment = \"Faster\"\n", 0, "everyone gets 1.0.1 instead of 1.0.0;"),
    ("platfroms = [\"ios\"]\n", 1, "help: did you mean `platforms`?"),
];

/// The recipe of that name.
fn recipe(name: &str) -> &'static str {
    let mark = format!("<!-- recipe: {name} -->\n```yaml\n");
    let (_, after) = README.split_once(&mark).unwrap_or_else(|| panic!("no recipe {name:?} in README.md"));
    after.split_once("\n```\n").expect("its end").0
}

/// The lines behind a key, as the shell gets them.
fn lines_of(recipe: &str, key: &str) -> String {
    let (_, lines) = recipe.split_once(&format!("{key}\n")).expect("the key");
    lines.lines().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n")
}

/// The items of `script:`, each a line of the shell.
fn script(recipe: &str) -> String {
    let items = lines_of(recipe, "script:");
    let lines = items.lines().filter_map(|line| line.strip_prefix("- "));
    lines
        .map(|line| line.strip_prefix('\'').and_then(|line| line.strip_suffix('\'')).unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A request as the server of the comments got it.
struct Comment {
    head: String,
    body: String,
}

/// Takes one comment, as the API of a hosted server would.
fn comments() -> (SocketAddr, JoinHandle<Comment>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let taking = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).expect("a head"), 0, "it ends early: {head}");
        }
        let length = head.to_ascii_lowercase();
        let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let mut body = vec![0; length.and_then(|length| length.parse().ok()).expect("a length")];
        stream.read_exact(&mut body).expect("a body");
        stream.get_mut().write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}").expect("an answer");
        Comment { head, body: String::from_utf8(body).expect("text") }
    });
    (address, taking)
}

fn run(world: &World, folder: &Path, shell: &[&str], script: &str, variables: &[(&str, &str)]) -> Output {
    let bin = Path::new(pushlive()).parent().expect("its folder").to_str().expect("a path");
    let path = format!("{bin}:{}", std::env::var("PATH").expect("a path"));
    let mut command = world.command(shell[0]);
    command.current_dir(folder).env("PATH", path).args(&shell[1..]).arg(script).envs(variables.iter().copied());
    command.output().expect("a shell")
}

/// A hosted repository with two releases, and a branch with a third that is to be merged.
fn pull_request<'w>(world: &'w World, descriptor: &str) -> Team<'w> {
    let team = world.team(&world.init_without_hooks("hosted.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.0");
    team.publish("Release 1.0.0");
    team.git(&["checkout", "--quiet", "-b", "next"]).success();
    team.add_release(APP, "1.0.1");
    team.write(&format!("{APP}/1.0.1/release.toml"), descriptor);
    team.commit("Release 1.0.1");
    team.git(&["push", "--quiet", "origin", "next"]).success();
    // others go on meanwhile
    team.git(&["checkout", "--quiet", "main"]).success();
    team.write("notes.txt", "for ourselves");
    team.publish("Notes");
    team
}

/// What is there to run the recipes with; said where something is missing.
fn is_here(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| !is_installed(program)).collect();
    if !missing.is_empty() {
        eprintln!("{missing:?} is not installed, so a recipe that uses it was not run");
    }
    missing.is_empty()
}

#[test]
fn github_and_gitea_comment_what_merging_does_and_refuse_what_a_push_would_be_refused_for() {
    if !is_here(&["bash", "curl", "node"]) {
        return;
    }
    for (descriptor, code, said) in PULLS {
        let world = World::new();
        let team = pull_request(&world, descriptor);
        // what the server checks out: the merge, with the branch as its first parent
        team.git(&["checkout", "--quiet", "--detach", "origin/main"]).success();
        team.git(&["merge", "--quiet", "--no-ff", "-m", "merged", "origin/next"]).success();
        let (api, comment) = comments();
        let variables = [
            ("GITHUB_BASE_REF", "main"),
            ("GITHUB_API_URL", &*format!("http://{api}")),
            ("GITHUB_REPOSITORY", "team/releases"),
            ("NUMBER", "7"),
            ("TOKEN", "secret"),
        ];
        let shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"];
        let ran = run(&world, team.folder(), &shell, &lines_of(recipe("github"), "run: |"), &variables);
        assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stderr));
        let comment = comment.join().expect("a comment");
        assert!(
            comment.head.starts_with("POST /repos/team/releases/issues/7/comments HTTP/1.1\r\n"),
            "{}",
            comment.head
        );
        assert!(comment.head.contains("Authorization: Bearer secret\r\n"), "{}", comment.head);
        let body: Value = serde_json::from_str(&comment.body).expect("JSON");
        let body = body["body"].as_str().expect("a text");
        assert!(body.starts_with("```\n") && body.ends_with("\n```") && body.contains(said), "{body}");
    }
}

#[test]
fn gitlab_comments_the_same() {
    if !is_here(&["curl"]) {
        return;
    }
    for (descriptor, code, said) in PULLS {
        let world = World::new();
        let team = pull_request(&world, descriptor);
        let source = team.git(&["rev-parse", "origin/next"]).success();
        team.git(&["checkout", "--quiet", "--detach", source.trim()]).success();
        team.git(&["branch", "--quiet", "-D", "main"]).success();
        let (api, comment) = comments();
        let variables = [
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_COMMIT_SHA", source.trim()),
            ("CI_API_V4_URL", &*format!("http://{api}/api/v4")),
            ("CI_PROJECT_ID", "12"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("RELEASES_TOKEN", "secret"),
        ];
        let ran = run(&world, team.folder(), &["sh", "-e", "-c"], &script(recipe("gitlab")), &variables);
        assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stderr));
        let Comment { head, body } = comment.join().expect("a comment");
        assert!(head.starts_with("POST /api/v4/projects/12/merge_requests/7/notes HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("PRIVATE-TOKEN: secret\r\n"), "{head}");
        assert!(body.contains("name=\"body\"") && body.contains("\r\n\r\n```\n") && body.contains(said), "{body}");
    }
}
