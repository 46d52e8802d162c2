//! The rooms of the crate and the arrows between them: nothing but a test stops a `use` that goes up, or a file that grows.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use self::paths::paths;

/// Lines that a file may have at most, and one of tests.
const MOST: usize = 450;
const MOST_OF_TESTS: usize = 550;

/// Each room with the rooms that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("cli", &["serve", "documents", "repository", "release", "settings", "store", "protocol"]),
    ("serve", &["http", "documents", "protocol", "release", "repository", "settings", "store", "telemetry", "watch"]),
    ("documents", &["protocol", "release", "repository"]),
    ("http", &["protocol", "release", "store", "telemetry"]),
    ("protocol", &["release"]),
    ("repository", &["release", "store"]),
    ("telemetry", &["release"]),
    ("settings", &[]),
    ("release", &[]),
    ("store", &[]),
    ("watch", &[]),
];

#[test]
fn arrows_go_down_only() {
    let mut wrong = BTreeSet::new();
    for (file, from, rooms) in rooms_by_file() {
        let allowed = ARROWS.iter().find(|(room, _)| *room == from).map(|(_, rooms)| *rooms);
        let allowed = allowed.unwrap_or_else(|| panic!("the room {from} is not in the list of arrows"));
        let up = rooms.iter().filter(|to| !allowed.contains(&to.as_str()));
        wrong.extend(up.map(|to| format!("{from} -> {to} in {file}")));
    }
    assert!(wrong.is_empty(), "arrows that go the wrong way:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn two_flows_meet_in_one_snapshot() {
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, from, rooms) in rooms_by_file() {
        arrows.entry(from).or_default().extend(rooms);
    }
    let reach = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut next = vec![from.to_owned()];
        while let Some(room) = next.pop() {
            next.extend(arrows[&room].iter().filter(|to| reached.insert((*to).clone())).cloned());
        }
        reached
    };
    assert!(!reach("http").contains("repository"), "what answers waits for nothing that reads");
    assert!(!reach("repository").contains("http"), "what reads knows nobody who asks");
    let both = |rooms: &BTreeSet<String>| rooms.contains("http") && rooms.contains("repository");
    let both: Vec<_> = arrows.iter().filter(|(_, rooms)| both(rooms)).map(|(room, _)| room.as_str()).collect();
    assert_eq!(both, ["serve"], "who wires both");
    assert_eq!(files_with("ArcSwap"), ["http/live.rs"], "what both meet in");
    assert_eq!(files_with("state.publish("), ["serve/publisher/shown.rs"], "who puts a table there");
}

#[test]
fn no_file_becomes_the_place_where_everything_goes() {
    for file in rust_files(&source()).into_iter().chain(rust_files(&source().with_file_name("tests"))) {
        let lines = read(&file).lines().count();
        let most = if is_test(&file) { MOST_OF_TESTS } else { MOST };
        assert!(lines <= most, "{} has {lines} lines: take it apart by its subjects", file.display());
    }
}

#[test]
fn only_the_reader_and_the_writer_of_repositories_know_libgit2() {
    let files = files_with("git2::");
    for name in &files {
        let is_reader = name == "repository/reader.rs" || name.starts_with("repository/reader/");
        assert!(is_reader || name == "repository/create.rs", "{name} names git2");
    }
    assert!(files.len() >= 2);
}

#[test]
fn every_journey_is_in_the_list() {
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journeys");
    let list = fs::read_to_string(journeys.join("main.rs")).expect("the list");
    for entry in fs::read_dir(journeys).expect("the folder") {
        let name = entry.expect("an entry").path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(name == "main" || list.contains(&format!("mod {name};")), "tests/journeys/{name} never runs");
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("a source file")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn is_test(file: &Path) -> bool {
    let below = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("a file of this crate");
    below.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"))
}

/// Its path below the source, as modules: `serve/publisher/mod.rs` is `serve`, `publisher`.
fn module_of(file: &Path) -> Vec<String> {
    let below = file.strip_prefix(source()).expect("a source file").with_extension("");
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

/// The source files with a text in them, but for tests.
fn files_with(text: &str) -> Vec<String> {
    let source = source();
    let files = rust_files(&source).into_iter().filter(|file| !is_test(file) && read(file).contains(text));
    let mut names: Vec<_> =
        files.map(|file| file.strip_prefix(&source).expect("a source file").to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Each file with its room and the other rooms that it names.
fn rooms_by_file() -> Vec<(String, String, BTreeSet<String>)> {
    let rooms: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    let mut files = Vec::new();
    for file in rust_files(&source()) {
        let module = module_of(&file);
        let from = module.first().expect("a room").clone();
        if from == "main" || from == "lib" {
            continue;
        }
        let first = |path: Vec<String>| path.into_iter().next();
        let used = paths(&read(&file), &module).into_iter().filter_map(first);
        let used = used.filter(|to| *to != from && rooms.contains(&to.as_str())).collect();
        files.push((file.display().to_string(), from, used));
    }
    files
}
