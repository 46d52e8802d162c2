//! The rooms of the crate and the arrows between them: nothing but a test stops a `use` that goes up.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = BTreeSet::new();
    for file in rust_files(&source) {
        let text = fs::read_to_string(&file).expect("a source file");
        let from = room_of(&file, &source);
        if from == "main" || from == "lib" {
            continue;
        }
        let allowed = ARROWS.iter().find(|(room, _)| *room == from).map(|(_, rooms)| *rooms);
        let allowed = allowed.unwrap_or_else(|| panic!("the room {from} is not in the list of arrows"));
        for to in used_rooms(&text) {
            if to != from && !allowed.contains(&to.as_str()) {
                wrong.insert(format!("{from} -> {to} in {}", file.strip_prefix(&source).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that go the wrong way:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn only_the_reader_and_the_writer_of_repositories_know_libgit2() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_test = |file: &Path| file.components().any(|part| part.as_os_str().to_str().unwrap().starts_with("tests"));
    let knows = |file: &PathBuf| fs::read_to_string(file).expect("a source file").contains("git2::");
    let files: Vec<_> = rust_files(&source).into_iter().filter(|file| !is_test(file) && knows(file)).collect();
    for file in &files {
        let name = file.strip_prefix(&source).unwrap().to_str().unwrap();
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

fn room_of(file: &Path, source: &Path) -> String {
    let first = file.strip_prefix(source).unwrap().components().next().expect("a room");
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The rooms that a text names after `crate::`, also in braces right behind it.
fn used_rooms(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let name = |rest: &str| rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut rooms = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(group.split('}').next().unwrap_or("").split(',').map(name)),
            None => drop(rooms.insert(name(rest))),
        }
    }
    rooms.remove("");
    rooms
}
