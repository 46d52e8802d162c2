//! Which merge is named.

use git2::{Oid, Repository, Signature};

use super::*;

fn commit(repository: &Repository, message: &str, parents: &[Oid]) -> Oid {
    let who = Signature::now("Team", "team@example.com").unwrap();
    let tree = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let parents: Vec<_> = parents.iter().map(|id| repository.find_commit(*id).unwrap()).collect();
    repository.commit(None, &who, &who, message, &tree, &parents.iter().collect::<Vec<_>>()).unwrap()
}

#[test]
fn the_oldest_merge_of_the_old_tip_is_named_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(folder.path()).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    let id = |oid: Oid| CommitId(ObjectId::new(oid.as_bytes().try_into().unwrap()));
    let base = commit(&repository, "Begin", &[]);
    let old = commit(&repository, "The old tip", &[base]);
    let aside = commit(&repository, "A feature", &[base]);
    for below in 0..5 {
        for above in 0..6 {
            let mut tip = base;
            for at in 0..below {
                let merged: &[Oid] = if at == 1 { &[tip, aside] } else { &[tip] };
                tip = commit(&repository, &format!("Below {at}"), merged);
            }
            let merge = commit(&repository, "Merge", &[tip, old]);
            tip = merge;
            for at in 0..above {
                // the second merges the old tip once more, and the fourth a commit on top of it
                let merged = match at {
                    1 => vec![tip, old],
                    3 => vec![tip, commit(&repository, "On top", &[old])],
                    _ => vec![tip],
                };
                tip = commit(&repository, &format!("Above {at}"), &merged);
            }
            assert_eq!(merge_of(&reader, id(old), id(tip)).unwrap(), id(merge), "{below} below, {above} above");
        }
    }
}
