use std::fs;

use clap::Parser;
use snapbox::{assert_data_eq, str};
use tempfile::TempDir;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    settings: SettingsArgs,
}

fn args(flags: &[&str]) -> SettingsArgs {
    Command::try_parse_from(["pushlive"].iter().chain(flags)).unwrap().settings
}

fn load(flags: &[&str], file: &str) -> (TempDir, Result<Settings, Vec<Fault>>) {
    let git_dir = TempDir::new().unwrap();
    fs::write(git_dir.path().join(FILE_NAME), file).unwrap();
    let settings = Settings::load(&args(flags), git_dir.path());
    (git_dir, settings)
}

/// What a person would read, with the folder's name taken out.
fn faults(flags: &[&str], file: &str) -> String {
    let (git_dir, settings) = load(flags, file);
    let faults = settings.unwrap_err();
    let lines = faults.iter().map(|fault| format!("{}\n  {}\n", fault.message, fault.help));
    lines.collect::<String>().replace(git_dir.path().to_str().unwrap(), "<git dir>")
}

fn given(text: &str, origin: given::Origin) -> Option<Given> {
    Some(Given { written: given::Written::Text(text.to_owned()), origin })
}

fn variable(text: &str) -> Option<Given> {
    given(text, given::Origin::Variable("PUSHLIVE_POLL".to_owned()))
}

#[test]
fn without_any_setting_the_defaults_hold() {
    let git_dir = TempDir::new().unwrap();
    let settings = Settings::load(&SettingsArgs::default(), git_dir.path()).unwrap();
    assert_eq!(settings.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(settings.operator_listen, Some("127.0.0.1:8081".parse().unwrap()));
    assert_eq!((settings.public_url, settings.artefact_url), (None, None));
    assert_eq!(settings.trusted_proxies, [Network::LOOPBACK_V4, Network::LOOPBACK_V6]);
    assert_eq!(settings.branch, "main");
    assert_eq!(settings.poll, Duration::from_secs(10));
    assert_eq!(settings.data, git_dir.path().join("pushlive"));
    assert_eq!((settings.max_bundle, settings.max_entries, settings.max_unpacked), (512 << 20, 20_000, 2 << 30));
    assert_eq!((settings.max_connections, settings.shutdown_grace), (10_000, Duration::from_secs(30)));
    assert_eq!((settings.log, settings.log_format), (LevelFilter::INFO, None));
    assert!(settings.not_yet.is_empty());
}

#[test]
fn every_setting_can_be_given_in_all_three_places_under_one_name() {
    let command = <Raw as clap::Args>::augment_args(clap::Command::new("settings"));
    let names = Raw::names();
    assert_eq!(names.len(), 19);
    for arg in command.get_arguments() {
        let name = arg.get_id().as_str();
        assert_eq!(arg.get_long().unwrap(), name.replace('_', "-"));
        assert_eq!(arg.get_env().unwrap().to_str().unwrap(), format!("PUSHLIVE_{}", name.to_uppercase()));
    }
    // The file takes the same names: none of them is unknown there.
    let file: String = names.iter().map(|name| format!("{name} = []\n")).collect();
    assert!(!faults(&[], &file).contains("there is no setting"));
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let file = Raw { poll: given("3s", given::Origin::File(0..1)), branch: variable("live"), ..Raw::default() };
    let variables = Raw { poll: variable("2s"), ..Raw::default() };
    let flags = Raw { poll: given("1s", given::Origin::Flag("--poll".to_owned())), ..Raw::default() };
    assert_eq!(variables.clone().or(file.clone()).poll, variable("2s"));
    assert_eq!(flags.clone().or(variables.or(file.clone())).poll, flags.poll);
    assert_eq!(flags.or(file).branch, variable("live"));
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let file = Raw { poll: given("3s", given::Origin::File(0..1)), ..Raw::default() };
    let variables = Raw { poll: variable(""), ..Raw::default() };
    assert_eq!(variables.or(file.clone()).poll, file.poll);
}

#[test]
fn the_file_is_read_with_lists_numbers_and_strings() {
    let file = r#"
        listen = "0.0.0.0:80"
        public_url = "https://updates.example.com/"
        trusted_proxies = ["10.0.0.0/8", "::1"]
        max_bundle = 1_000_000
        max_unpacked = "1 GiB"
        data = "state"
        log_format = "json"
    "#;
    let (git_dir, settings) = load(&["--listen", "127.0.0.1:0"], file);
    let settings = settings.unwrap();
    assert_eq!(settings.listen, "127.0.0.1:0".parse().unwrap(), "the flag wins");
    assert_eq!(settings.public_url.as_deref(), Some("https://updates.example.com"));
    assert_eq!(settings.artefact_url, settings.public_url, "where nobody set it");
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), Network::LOOPBACK_V6]);
    assert_eq!((settings.max_bundle, settings.max_unpacked), (1_000_000, 1 << 30));
    assert_eq!(settings.data, git_dir.path().join("state"), "relative to the file");
    assert_eq!(settings.log_format, Some(LogFormat::Json));
}

#[test]
fn nobody_and_several_are_both_lists() {
    for nobody in ["none", " none "] {
        assert_eq!(load(&["--trusted-proxies", nobody], "").1.unwrap().trusted_proxies, []);
    }
    assert_eq!(load(&[], "trusted_proxies = []").1.unwrap().trusted_proxies, []);
    assert_eq!(load(&["--trusted-proxies", "10.0.0.1, ::1"], "").1.unwrap().trusted_proxies.len(), 2);
    assert_eq!(load(&["--allow", "tag-moved, bundle-changed"], "").1.unwrap().allow, ["tag-moved", "bundle-changed"]);
    assert_eq!(load(&["--allow", "none"], "").1.unwrap().allow, [""; 0]);
    assert!(faults(&["--allow", "everything"], "").contains("which is no rule that can be let pass"));
    assert_eq!(load(&["--allowed-signers", "a,b"], "").1.unwrap().allowed_signers, [Path::new("a"), Path::new("b")]);
}

#[test]
fn every_bad_value_is_said_with_its_place_and_what_is_accepted() {
    let file = "poll = \"10 parsecs\"\n# é\nmax_bundle = [\"1\", \"2\"]\ntrusted_proxies = [\"::1\", \"proxy\"]\n";
    assert_data_eq!(
        faults(&["--listen", "80", "--log", "loud"], file),
        str![[r#"
`--listen` is `80`, which is not an address with a port
  write an address of this machine and a port, like `127.0.0.1:8080`, `0.0.0.0:80` or `[::1]:8080`
<git dir>/pushlive.toml:4:19: `trusted_proxies` is `proxy`, which is not an IP address or network
  write IP addresses or networks, like `10.0.0.0/8, ::1`, or `none`
<git dir>/pushlive.toml:1:8: `poll` is `10 parsecs`, where `parsecs` is not a unit of time
  write a whole number and ms, s, m, h or d, like `250ms` or `10s`
<git dir>/pushlive.toml:3:14: `max_bundle` is `1, 2`, which are several values
  write one value, not an array
`--log` is `loud`, which is not a level
  write error, warn, info, debug, trace or off

"#]]
    );
}

#[test]
fn a_bad_variable_is_named() {
    let raw = Raw { poll: variable("often"), ..Raw::default() };
    let faults = Settings::load(&SettingsArgs { config: None, raw }, Path::new("nowhere")).unwrap_err();
    assert_data_eq!(&faults[0].message, str!["`PUSHLIVE_POLL` is `often`, which is not a length of time"]);
}

#[test]
fn unknown_keys_are_said_in_the_order_of_the_file_with_the_nearest_known_one() {
    assert_data_eq!(
        faults(&[], "zzz = 1\npublic-url = \"https://a.example\"\n\n  brnach = \"main\"\n"),
        str![[r#"
<git dir>/pushlive.toml:1:1: there is no setting `zzz`
  the settings are listen, operator_listen, operator_token, public_url, artefact_url, trusted_proxies, branch, allow, allowed_signers, upstream, poll, data, max_bundle, max_entries, max_unpacked, max_connections, shutdown_grace, log, log_format
<git dir>/pushlive.toml:2:1: there is no setting `public-url`
  did you mean `public_url`?
<git dir>/pushlive.toml:4:3: there is no setting `brnach`
  did you mean `branch`?

"#]]
    );
}

#[test]
fn a_file_that_is_no_toml_says_where() {
    assert_data_eq!(
        faults(&[], "poll = 10s\n"),
        str![[r#"
<git dir>/pushlive.toml:1:8: string values must be quoted, expected literal string
  write one `name = "value"` a line

"#]]
    );
    assert_data_eq!(
        faults(&[], "branch = true\n"),
        str![[r#"
<git dir>/pushlive.toml:1:10: invalid type: boolean `true`, expected a string, a whole number, or an array of strings
  write one `name = "value"` a line

"#]]
    );
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let faults = Settings::load(&args(&["--config", "/nowhere/p.toml"]), Path::new("/nowhere")).unwrap_err();
    assert_data_eq!(
        &faults[0].message,
        str!["cannot read the settings file /nowhere/p.toml: No such file or directory (os error 2)"]
    );
}

#[test]
fn of_no_repository_no_file_is_read_that_nobody_named() {
    let git_dir = TempDir::new().unwrap();
    let token = |flags: &[&str]| {
        let settings = Settings::load_for_no_repository(&args(flags)).unwrap();
        settings.operator_token.map(|token| token.reveal().to_owned())
    };
    assert_eq!(token(&[]), None);
    assert_eq!(token(&["--operator-token", "x"]).as_deref(), Some("x"));
    fs::write(git_dir.path().join(FILE_NAME), "operator_token = \"y\"").unwrap();
    let file = git_dir.path().join(FILE_NAME);
    assert_eq!(token(&["--config", file.to_str().unwrap()]).as_deref(), Some("y"));
}

#[test]
fn an_operator_listener_that_others_reach_needs_a_token() {
    assert_data_eq!(
        faults(&["--operator-listen", "0.0.0.0:8081"], ""),
        str![[r#"
`--operator-listen` is `0.0.0.0:8081`, which others than this machine can reach, and there is no `operator_token`
  set `operator_token` (PUSHLIVE_OPERATOR_TOKEN keeps it out of the list of processes), or listen on 127.0.0.1

"#]]
    );
    let fine: [&[&str]; 4] = [
        &["--operator-listen", "0.0.0.0:8081", "--operator-token", "s3cret"],
        &["--operator-listen", "[::1]:8081"],
        &["--operator-listen", "localhost:8081"],
        &["--operator-listen", "off"],
    ];
    for flags in fine {
        assert!(load(flags, "").1.is_ok(), "{flags:?}");
    }
}

#[test]
fn a_wrong_token_is_not_shown() {
    let faults = faults(&["--operator-token", "my secret"], "");
    assert_data_eq!(
        faults,
        str![[r#"
`--operator-token` is set to something, which an HTTP header cannot carry
  write visible ASCII characters without spaces, like what `openssl rand -hex 32` prints

"#]]
    );
}

#[test]
fn a_setting_whose_part_is_not_there_yet_says_so() {
    let (_git_dir, settings) = load(&["--upstream", "https://git.example/app", "--allowed-signers", "team"], "");
    let notes = settings.unwrap().not_yet;
    assert_eq!(notes.len(), 2);
    assert!(notes.iter().all(|note| note.contains("not available yet")), "{notes:?}");
    assert!(load(&["--operator-listen", "127.0.0.1:9", "--operator-token", "x"], "").1.unwrap().not_yet.is_empty());
}
