//! What people read on a terminal: no line is broken by the terminal itself, however narrow it is.

use std::fs::File;
use std::io::Read;

use nix::pty::{OpenptyResult, Winsize, openpty};

use crate::explain::{APP, DEVICE, publish};
use crate::world::{Daemon, Ran, World, pushlive};

/// What a command prints on a terminal of so many columns, without colours.
fn on_terminal(world: &World, columns: u16, args: &[&str]) -> String {
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(&size, None).expect("a terminal");
    let mut command = world.command(pushlive());
    let mut child = command.args(args).stdout(slave).spawn().expect("pushlive");
    // this side of it is closed with the command
    drop(command);
    let (mut printed, mut part, mut master) = (Vec::new(), [0; 4096], File::from(master));
    while let Ok(count @ 1..) = master.read(&mut part) {
        printed.extend(part.iter().take(count));
    }
    child.wait().expect("its end");
    let printed = String::from_utf8(printed).expect("text").replace("\r\n", "\n");
    let mut plain = String::new();
    for (at, piece) in printed.split("\u{1b}[").enumerate() {
        plain += if at == 0 { piece } else { piece.split_once('m').expect("a colour").1 };
    }
    plain
}

/// The same with the lines as they are where nobody's terminal is in the way.
fn in_a_file(world: &World, args: &[&str]) -> String {
    let mut command = world.command(pushlive());
    command.args(args);
    Ran::of(command).stdout()
}

/// Nothing is left out, and no line is wider but where a word or an answer is.
fn fits(world: &World, args: &[&str]) {
    let whole = in_a_file(world, args);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for columns in [72, 80] {
        let text = on_terminal(world, columns, args);
        assert_eq!(words(&text), words(&whole), "{text}");
        for line in text.lines().filter(|line| !line.starts_with('{')) {
            assert!(line.chars().count() <= usize::from(columns), "{} columns: {line}\n{text}", line.chars().count());
        }
    }
    let wide = on_terminal(world, 200, args);
    let widest = wide.lines().filter(|line| !line.starts_with('{')).map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 100), "long lines read badly: {wide}");
    assert!(widest > Some(60) && whole.lines().any(|line| line.len() > 80), "nothing to lay out in {wide}");
}

#[test]
fn an_explanation_a_plan_a_log_and_a_check_fit_a_narrow_terminal() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    let daemon = Daemon::start(&world, &repo, &[]);
    publish(&team);
    daemon.wait_for_commit(&team.head());
    let device = ["--platform", "ios", "--device-id", DEVICE, "--version-build", "1.0.0", "--plugin-version", "8.43.0"];
    let at = ["--time", "2026-02-03T04:05:06Z"];
    fits(&world, &[&["explain", "releases.git"][..], &device, &at].concat());

    team.add_release(APP, "1.4.1");
    team.write(&format!("{APP}/1.4.1/release.toml"), "rollout = [\"1% for 2h\", \"10% for 1d\", \"100%\"]\n");
    team.add_release(APP, "1.4.2");
    let tip = team.publish("More");
    daemon.wait_for_commit(&tip);
    for tag in ["1.4.1", "1.4.1@halt", "1.4.2@25%"] {
        team.tag(&format!("{APP}/production/{tag}"), &tip);
    }
    let planned =
        ["plan", "releases.git", "--tag", "com.example.app/production/1.4.2", "--untag", "production/1.2.0@10%"];
    fits(&world, &[&planned[..], &at].concat());
    fits(&world, &["log", "releases.git"]);
    let text = on_terminal(&world, 60, &["check", "releases.git"]);
    let (_, steps) = text.split_once("tags at their steps\n").unwrap_or_else(|| panic!("no steps in {text}"));
    assert!(steps.lines().all(|line| line.len() <= 60), "{text}");
    assert!(steps.starts_with(&format!("  {APP}/production/1.4.1 is halted;")), "{text}");
}
