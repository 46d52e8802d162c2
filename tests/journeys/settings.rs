//! Settings as an operator gives them: from three places, with words on what is wrong, and on who is in the way.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::world::{Daemon, Ran, World, pushlive};

/// A command on a repository, with words that follow.
fn command(world: &World, name: &str, repository: &Path, args: &[&str]) -> Command {
    let mut command = world.command(pushlive());
    command.arg(name).arg(repository).args(args);
    command
}

/// What `serve` says as it refuses to start.
fn refusal(command: Command) -> String {
    let ran = Ran::of(command);
    assert_eq!(ran.code(), 2, "{}", ran.stderr());
    assert_eq!(ran.stdout(), "");
    ran.stderr()
}

/// The messages of a daemon's log from its start until it listens.
fn said_at_start(world: &World, args: &[&str]) -> String {
    let mut command = command(world, "serve", &world.init("releases.git"), args);
    command.args(["--listen", "127.0.0.1:0", "--operator-listen", "off"]);
    Daemon::spawn_as_it_is(command).log().join("\n")
}

#[test]
fn a_flag_beats_a_variable_which_beats_the_file() {
    let world = World::new();
    let repository = world.init("releases.git");
    // ports that are taken: who wants one is refused, and names it
    let taken = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let [of_file, of_variable] = taken.each_ref().map(|port| port.local_addr().expect("its address").to_string());
    fs::write(repository.join("pushlive.toml"), format!("listen = \"{of_file}\"\n")).expect("settings");
    assert!(refusal(command(&world, "serve", &repository, &[])).contains(&of_file));

    let with_variable = |flag: &[&str]| {
        let mut command = command(&world, "serve", &repository, flag);
        command.env("PUSHLIVE_LISTEN", &of_variable);
        command
    };
    assert!(refusal(with_variable(&[])).contains(&of_variable));
    Daemon::spawn_as_it_is(with_variable(&["--listen", "127.0.0.1:0", "--operator-listen", "off"]));
}

#[test]
fn every_command_reads_the_same_settings() {
    let world = World::new();
    let repository = world.init("releases.git");
    let reads = |variable: Option<&str>, flag: &[&str]| {
        let mut command = command(&world, "check", &repository, flag);
        command.envs(variable.map(|branch| ("PUSHLIVE_BRANCH", branch)));
        let said = Ran::of(command).success();
        said.split('`').nth(1).map(str::to_owned).unwrap_or(said)
    };
    fs::write(repository.join("pushlive.toml"), "branch = \"of-the-file\"\n").expect("settings");
    assert_eq!(reads(None, &[]), "of-the-file");
    assert_eq!(reads(Some("of-the-variable"), &[]), "of-the-variable");
    assert_eq!(reads(Some("of-the-variable"), &["--branch", "of-the-flag"]), "of-the-flag");

    fs::write(world.path("other.toml"), "branch = \"of-another-file\"\n").expect("settings");
    assert_eq!(reads(None, &["--config", "other.toml"]), "of-another-file");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let world = World::new();
    let repository = world.init("releases.git");
    fs::write(repository.join("pushlive.toml"), "branch = \"of-the-file\"\n").expect("settings");
    let check = |flag: &[&str]| {
        let mut command = command(&world, "check", &repository, flag);
        command.env("PUSHLIVE_CONFIG", "").env("PUSHLIVE_BRANCH", "").env("PUSHLIVE_POLL", " ");
        Ran::of(command)
    };
    assert!(check(&[]).success().contains("`of-the-file`"));
    assert_eq!(check(&["--config", ""]).code(), 2, "a flag with nothing is a slip");
}

#[test]
fn init_writes_down_another_branch_for_all_that_read_the_repository() {
    let world = World::new();
    let repository = world.path("releases.git");
    let init = |args: &[&str]| Ran::of(command(&world, "init", &repository, args)).success();
    let settings = repository.join("pushlive.toml");
    let said = init(&["--branch", "live"]);
    let wrote = format!("wrote `branch = \"live\"` to {}, for serve, check and the hooks\n", settings.display());
    assert!(said.contains(&wrote), "{said}");
    assert!(said.contains("to the branch live, commit "), "{said}");
    let nothing = format!("{} is as it should be; nothing to do\n", repository.display());
    assert_eq!(init(&[]), nothing);
    assert_eq!(init(&["--branch", "live"]), nothing);

    let team = world.team(&repository);
    team.write("releases.toml", "[apps.\"com.example.app\"]\n");
    team.add_release("com.example.app", "1.0.1");
    let commit = team.commit("Release 1.0.1");
    let pushed = team.git(&["push", "-q"]);
    assert!(pushed.stderr().contains("pushlive: live is at "), "{}", pushed.stderr());
    let daemon = Daemon::start(&world, &repository, &[]);
    daemon.wait_for_commit(&commit);
    assert_eq!(daemon.check("com.example.app", "builtin")["version"], "1.0.1");

    team.git(&["push", "-q", "origin", "HEAD:trunk"]).success();
    let said = init(&["--branch", "trunk"]);
    assert_eq!(
        said,
        format!(
            "serve, check and the hooks read the branch `live`: to have them read `trunk`, say `branch = \"trunk\"` in {}\n",
            settings.display()
        )
    );
    assert_eq!(fs::read_to_string(&settings).expect("settings"), "branch = \"live\"\n");
}

#[test]
fn any_branch_that_git_allows_can_be_written_down() {
    let world = World::new();
    let repository = world.path("releases.git");
    let init = |args: &[&str]| Ran::of(command(&world, "init", &repository, args)).success();
    init(&["--branch", "the\"quoted'é"]);
    assert!(init(&[]).ends_with("is as it should be; nothing to do\n"));
}

#[test]
fn a_base_in_cleartext_is_said_with_the_setting_that_makes_it() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = world.team(&repository);
    team.write("releases.toml", "[apps.\"com.example.app\"]\n");
    team.add_release("com.example.app", "1.0.1");
    team.publish("Release 1.0.1");
    for (args, setting) in [
        (&["--public-url", "https://a.example", "--artefact-url", "http://cdn.example"][..], "artefact_url says so"),
        (&["--public-url", "http://a.example"], "public_url says so"),
        (&["--trusted-proxies", " none "], "set public_url to the https address"),
    ] {
        let daemon = Daemon::start(&world, &repository, args);
        daemon.wait_for_line("its table", |line| line["message"] == "published");
        let asked = daemon.check_by(&["X-Forwarded-Proto: https"], "com.example.app", serde_json::json!({}));
        assert_eq!(asked.json()["version"], "1.0.1");
        let warned = daemon.wait_for_line("a warning", |line| line["level"] == "WARN");
        assert!(warned["message"].as_str().expect("words").contains(setting), "{args:?}: {warned}");
    }
}

#[test]
fn a_bad_value_names_where_it_was_written() {
    let world = World::new();
    let repository = world.init("releases.git");
    let file = repository.join("pushlive.toml");
    let mut by_variable = command(&world, "serve", &repository, &[]);
    by_variable.env("PUSHLIVE_POLL", "5");
    let said = refusal(by_variable);
    assert!(
        said.starts_with("error: `PUSHLIVE_POLL` is `5`, which lacks a unit\nhelp: write a whole number"),
        "{said}"
    );

    let said = refusal(command(&world, "serve", &repository, &["--poll", "often"]));
    assert!(said.starts_with("error: `--poll` is `often`, which is not a length of time\nhelp: "), "{said}");

    fs::write(&file, "branch = \"main\"\npoll = \"1ms\"\n").expect("settings");
    let said = refusal(command(&world, "serve", &repository, &[]));
    let place = format!("error: {}:2:8: `poll` is `1ms`, which would keep the machine busy", file.display());
    assert!(said.starts_with(&place), "{said}");

    fs::write(&file, "lsiten = \"127.0.0.1:0\"\n").expect("settings");
    let said = refusal(command(&world, "serve", &repository, &[]));
    let place = format!("error: {}:1:1: there is no setting `lsiten`\nhelp: did you mean `listen`?", file.display());
    assert!(said.starts_with(&place), "{said}");
}

#[test]
fn what_is_no_repository_is_told_what_to_do() {
    let world = World::new();
    fs::create_dir(world.path("photos")).expect("a folder");
    for path in ["photos", "nowhere"] {
        assert_eq!(
            refusal(command(&world, "serve", &world.path(path), &[])),
            format!(
                "error: {} is not a git repository\nhelp: name one, or make one with `pushlive init <repo>`\n",
                world.path(path).display()
            )
        );
    }
    let mut here = world.command(pushlive());
    here.current_dir(world.path("photos")).arg("serve");
    assert!(refusal(here).contains("photos is not a git repository\nhelp: name one"));
}

#[test]
fn a_second_daemon_is_told_who_has_the_data_directory() {
    let world = World::new();
    let repository = world.init("releases.git");
    let first = Daemon::start(&world, &repository, &[]);
    let second = command(&world, "serve", &repository, &["--listen", "127.0.0.1:0"]);
    assert_eq!(
        refusal(second),
        format!(
            "error: the data directory {} cannot be used: it is in use by process {}, which listens on {}\n\
             help: give this daemon a directory of its own with --data\n",
            repository.join("pushlive").display(),
            first.id(),
            first.address(),
        )
    );
    let own = world.path("own");
    Daemon::start(&world, &repository, &["--data", own.to_str().expect("a name")]);
    assert!(own.is_dir(), "a directory of its own is one");

    first.kill();
    Daemon::start(&world, &repository, &[]);
}

#[test]
fn a_taken_port_is_said_with_a_way_out() {
    let world = World::new();
    let repository = world.init("releases.git");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let said = refusal(command(&world, "serve", &repository, &["--listen", &address]));
    let begins = format!("error: cannot listen on {address}: Address already in use");
    assert!(said.starts_with(&begins) && said.contains("\nhelp: stop what has the port, or take another"), "{said}");
}

#[test]
fn a_setting_whose_part_is_not_there_yet_is_said_in_the_log() {
    let world = World::new();
    let plain = said_at_start(&world, &["--operator-token", "s3cret"]);
    assert!(!plain.contains("not available yet"), "{plain}");
    assert!(!plain.contains("s3cret"), "a secret stays one: {plain}");
    for (args, told) in [
        (["--upstream", "https://example.com/releases.git"], "mirroring is not available yet: nothing is fetched"),
        (["--allowed-signers", "signers"], "signatures are not available yet: no tag is verified"),
    ] {
        let log = said_at_start(&world, &args);
        assert!(log.contains("\"WARN\"") && log.contains(told), "{args:?}: {log}");
    }
}

#[test]
fn a_file_where_a_folder_is_wanted_is_left_alone() {
    let world = World::new();
    fs::write(world.path("notes"), "mine").expect("a file");
    for name in ["init", "demo"] {
        let refused = world.run(pushlive(), [OsStr::new(name), world.path("notes").as_os_str()]);
        assert_eq!(refused.code(), 2, "{name}");
        assert!(refused.stderr().starts_with("error: "), "{}", refused.stderr());
    }
    assert_eq!(fs::read_to_string(world.path("notes")).expect("the file"), "mine");
}
