//! With repositories that go away, and journals.

use std::fs;

use super::*;
use crate::repository::id::CommitId;
use crate::repository::journal::{Entry, lines};

const TAG: &str = "a.b/production/1.0.0";

fn id(of: u8) -> ObjectId {
    ObjectId::new([of; 20])
}

fn refs(tag: Option<u8>) -> Refs {
    Refs::at("main", Some(CommitId(id(1)))).with_tags(tag.map(|of| (TAG.into(), id(of))))
}

fn told(moves: &Moves) -> Vec<String> {
    moves.problems(&Sources::default()).into_iter().map(|problem| problem.message).collect()
}

#[test]
fn a_move_is_told_of_also_where_the_repository_is_away_for_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::of(folder.path().join("releases.git"));
    let mut moves = Moves::default();
    moves.take_up(&place, &refs(Some(1)));
    moves.take_up(&place, &refs(Some(2)));
    let expected = format!("the tag was moved from object {} to object {} while it was served", id(1), id(2));
    assert_eq!(told(&moves), std::slice::from_ref(&expected));
    fs::create_dir(folder.path().join("releases.git")).unwrap();
    moves.take_up(&place, &refs(Some(2)));
    assert_eq!(told(&moves), [expected], "it stays there");
    moves.take_up(&place, &refs(Some(1)));
    assert!(told(&moves).is_empty(), "it is back");
}

/// What is told of a journal in which the tag names one after the other, with the refs as it left them.
fn recalled(story: &[Option<u8>]) -> Vec<String> {
    let mut old = None;
    let entries: Vec<Entry> = (0..).zip(story).map(|(time, new)| entry(time, &mut old, *new)).collect();
    let mut moves = Moves::default();
    let refs = refs(story.last().copied().flatten());
    moves.take_up(&Place::of("nowhere".into()), &refs);
    let any = moves.recall(&Place::of("nowhere".into()), &Record::read(&lines(&entries)), &refs);
    assert_eq!(any, !told(&moves).is_empty());
    told(&moves)
}

/// Objects from 10 on are annotated tags of the commit that their last digit says.
fn entry(time: i64, old: &mut Option<u8>, new: Option<u8>) -> Entry {
    let before = std::mem::replace(old, new);
    Entry {
        time,
        name: format!("refs/tags/{TAG}"),
        old: before.map(id),
        new: new.map(id),
        commit: new.map(|of| CommitId(id(of % 10))),
        ..Entry::default()
    }
}

#[test]
fn what_the_journal_tells_of_moves() {
    let short = |of: u8| CommitId(id(of)).short().to_string();
    let moved = |old, new| {
        let (old, new) = (short(old), short(new));
        vec![format!("the tag was moved from commit {old} to commit {new} while it was served")]
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(recalled(&[Some(1)]), none);
    assert_eq!(recalled(&[Some(1), Some(2)]), moved(1, 2));
    assert_eq!(recalled(&[Some(1), Some(2), Some(3)]), moved(1, 3));
    assert_eq!(recalled(&[Some(1), Some(2), Some(1)]), none, "it is back");
    assert_eq!(recalled(&[Some(1), None, Some(2)]), none, "another one");
    assert_eq!(recalled(&[Some(1), Some(2), None]), none, "it is gone");
    assert_eq!(recalled(&[Some(1), Some(11)]), none, "it is annotated now");
    assert_eq!(recalled(&[Some(1), Some(2), Some(12)]), moved(1, 2), "and is there still");
    let rewritten = format!("the tag was replaced by another one of commit {} while it was served", short(1));
    assert_eq!(recalled(&[Some(11), Some(21)]), [rewritten]);
}
