//! The laws of the builder, whatever the history went through: a build from the previous one equals a build from nothing,
//! and both say what the history means.

use std::collections::BTreeMap;

use git2::{Oid, Repository, Signature, Time};
use proptest::prelude::*;

use super::{oracle, *};
use crate::repository::refs::Refs;

pub const APPS: [&str; 2] = [APP, "org.other"];
pub const VERSIONS: [&str; 4] = ["1.0.0", "1.0.0+b", "1.1.0", "2.0.0-rc.1"];
const FILES: [&str; 3] = ["bundle.zip", "bundle.ios.zip", "bundle.electron.zip"];
pub const DESCRIPTORS: [&str; 6] = [
    "comment = \"one\"",
    "comment = \"two\"",
    "nope = 1",
    "channels = [\"beta\"]\nrollout = { beta = [\"10%\"], nightly = [\"1% for 1h\", \"5%\"] }",
    "platforms = [\"ios\", \"electron\"]",
    "[bundle]\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"",
];
pub const SETTINGS: [&str; 8] = [
    "[apps.\"com.example.app\"]\n[apps.\"org.other\"]\n",
    "[apps.\"com.example.app\"]\n[apps.\"org.other\"]\n",
    "[apps.\"com.example.app\"]\nname = 1\n[apps.\"org.other\"]\n",
    "[apps.\"org.other\"]\n",
    "[apps.\"com.example.app\"]\nname = \"x\"\nchannels.production.pin = \"1.1.0\"\n[apps.\"org.other\"]\nname = 2\n",
    "[apps.\"com.example.app\"]\nchannels.production = { tags = true }\nchannels.beta = {}\n",
    "# none\n",
    "[apps\n",
];

const TAGS: [&str; 8] = [
    "production/1.0.0",
    "production/1.0.0@10%",
    "production/1.0.0@halt",
    "com.example.app/production/1.1.0",
    "org.other/beta/1.0.0",
    "org.unknown/production/1.0.0",
    "production/1.1.0@200%",
    "beta/1.0.0+b",
];

/// One thing that happens to the repository.
#[derive(Clone, Debug)]
enum Event {
    /// A commit with these changes.
    Commit(Vec<Edit>),
    /// A merge with an earlier commit, which comes first or second, with the files of the one or the other.
    Merge { with: usize, first: bool, ours: bool },
    /// The branch is set to an earlier commit.
    Force(usize),
    /// A tag is set to an earlier commit, lightweight or annotated, or deleted.
    Tag { tag: usize, to: Option<usize>, annotated: bool },
    /// The daemon starts anew.
    Restart,
}

#[derive(Clone, Debug)]
enum Edit {
    Settings(Option<usize>),
    Zip { release: (usize, usize), file: usize, content: Option<usize> },
    Descriptor { release: (usize, usize), content: Option<usize> },
    Remove((usize, usize)),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => proptest::collection::vec(edit(), 1..4).prop_map(Event::Commit),
        1 => (0..20usize, any::<bool>(), any::<bool>()).prop_map(|(with, first, ours)| Event::Merge { with, first, ours }),
        1 => (0..20usize).prop_map(Event::Force),
        4 => (0..TAGS.len(), proptest::option::weighted(0.8, 0..20usize), any::<bool>())
            .prop_map(|(tag, to, annotated)| Event::Tag { tag, to, annotated }),
        1 => Just(Event::Restart),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let release = || (0..APPS.len(), 0..VERSIONS.len());
    let zip = (release(), 0..FILES.len(), proptest::option::weighted(0.8, 0..5usize));
    let descriptor = (release(), proptest::option::weighted(0.8, 0..DESCRIPTORS.len()));
    prop_oneof![
        2 => proptest::option::weighted(0.9, 0..SETTINGS.len()).prop_map(Edit::Settings),
        5 => zip.prop_map(|(release, file, content)| Edit::Zip { release, file, content }),
        3 => descriptor.prop_map(|(release, content)| Edit::Descriptor { release, content }),
        2 => release().prop_map(Edit::Remove),
    ]
}

pub fn content(of: usize) -> Vec<u8> {
    match of {
        0 => zip("zero"),
        1 => zip("one"),
        2 => wrapped_zip("two"),
        3 => b"no zip".to_vec(),
        _ => b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
    }
}

/// The files of a commit.
pub type Files = BTreeMap<String, Vec<u8>>;

fn apply(files: &mut Files, edit: &Edit) {
    let dir = |(app, version): (usize, usize)| format!("{}/{}", APPS[app], VERSIONS[version]);
    let (path, bytes) = match edit {
        Edit::Settings(of) => ("releases.toml".to_owned(), of.map(|of| SETTINGS[of].into())),
        Edit::Zip { release, file, content: of } => (format!("{}/{}", dir(*release), FILES[*file]), of.map(content)),
        Edit::Descriptor { release, content } => {
            (format!("{}/release.toml", dir(*release)), content.map(|of| DESCRIPTORS[of].into()))
        }
        Edit::Remove(release) => {
            let prefix = format!("{}/", dir(*release));
            return files.retain(|path, _| !path.starts_with(&prefix));
        }
    };
    match bytes {
        Some(bytes) => files.insert(path, bytes),
        None => files.remove(&path),
    };
}

/// A commit of the history.
#[derive(Clone)]
struct Made {
    id: Oid,
    files: Files,
    first_parent: Option<usize>,
}

/// A repository written by libgit2, which is faster than a process for each commit.
struct History {
    dir: TempDir,
    repository: Repository,
    commits: Vec<Made>,
    tip: usize,
    tags: BTreeMap<&'static str, Oid>,
}

impl History {
    fn new() -> History {
        let dir = TempDir::new().unwrap();
        let repository = Repository::init_bare(dir.path()).unwrap();
        let mut history = History { dir, repository, commits: Vec::new(), tip: 0, tags: BTreeMap::new() };
        history.commit(Files::from([("releases.toml".into(), SETTINGS[0].into())]), &[]);
        history
    }

    fn tip(&self) -> &Made {
        &self.commits[self.tip]
    }

    /// The files of the tip and its first parents, oldest first.
    fn line(&self) -> Vec<&Files> {
        let parents = std::iter::successors(Some(self.tip()), |made| Some(&self.commits[made.first_parent?]));
        let mut line: Vec<&Files> = parents.map(|made| &made.files).collect();
        line.reverse();
        line
    }

    fn refs(&self) -> Refs {
        let id = |oid: &Oid| ObjectId::new(oid.as_bytes().try_into().unwrap());
        let tags = self.tags.iter().map(|(name, oid)| ((*name).into(), id(oid)));
        Refs::at("main", Some(CommitId(id(&self.tip().id)))).with_tags(tags)
    }

    fn tag(&mut self, name: &'static str, to: usize, annotated: bool) {
        let commit = self.commits[to % self.commits.len()].id;
        let object = self.repository.find_object(commit, None).unwrap();
        let ann = Signature::new("Ann", "ann@example.com", &Time::new(1_800_000_000, 0)).unwrap();
        let annotate = || self.repository.tag_annotation_create(name, &object, &ann, "Go").unwrap();
        let oid = if annotated { annotate() } else { commit };
        drop(object);
        self.tags.insert(name, oid);
    }

    fn commit(&mut self, files: Files, parents: &[usize]) {
        let tree = self.tree(&files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect());
        let tree = self.repository.find_tree(tree).unwrap();
        let ann = Signature::new("Ann", "ann@example.com", &Time::new(1_800_000_000, 0)).unwrap();
        let first_parent = parents.first().copied();
        let find = |at: &usize| self.repository.find_commit(self.commits[*at].id).unwrap();
        let parents: Vec<_> = parents.iter().map(find).collect();
        // A number in the message keeps equal trees apart.
        let message = self.commits.len().to_string();
        let id =
            self.repository.commit(None, &ann, &ann, &message, &tree, &parents.iter().collect::<Vec<_>>()).unwrap();
        drop(parents);
        drop(tree);
        self.tip = self.commits.len();
        self.commits.push(Made { id, files, first_parent });
    }

    fn tree(&self, files: &BTreeMap<&str, &[u8]>) -> Oid {
        let mut builder = self.repository.treebuilder(None).unwrap();
        let mut folders: BTreeMap<&str, BTreeMap<&str, &[u8]>> = BTreeMap::new();
        for (path, bytes) in files {
            match path.split_once('/') {
                Some((folder, rest)) => drop(folders.entry(folder).or_default().insert(rest, bytes)),
                None => drop(builder.insert(path, self.repository.blob(bytes).unwrap(), 0o100_644).unwrap()),
            }
        }
        for (folder, files) in folders {
            builder.insert(folder, self.tree(&files), 0o040_000).unwrap();
        }
        builder.write().unwrap()
    }

    fn happen(&mut self, event: &Event) {
        let (ours, mut files) = (self.tip, self.tip().files.clone());
        match event {
            Event::Commit(edits) => {
                edits.iter().for_each(|edit| apply(&mut files, edit));
                self.commit(files, &[ours]);
            }
            Event::Merge { with, first, ours: keep } => {
                let theirs = with % self.commits.len();
                let their_files = self.commits[theirs].files.clone();
                let parents = if *first { [ours, theirs] } else { [theirs, ours] };
                self.commit(if *keep { files } else { their_files }, &parents);
            }
            Event::Force(to) => self.tip = to % self.commits.len(),
            Event::Tag { tag, to: Some(to), annotated } => self.tag(TAGS[*tag], *to, *annotated),
            Event::Tag { tag, to: None, .. } => drop(self.tags.remove(TAGS[*tag])),
            Event::Restart => {}
        }
    }
}

/// Everything that a build says, in one order.
fn told(build: &Build) -> String {
    let table = build.table.as_ref().map(|table| {
        let apps = APPS.iter().filter_map(|id| table.app(id)).map(|app| {
            let mut releases: Vec<_> = app.releases().collect();
            releases.sort_by_key(|release| &release.name);
            let withdrawn: Vec<_> = VERSIONS.iter().filter(|version| app.is_withdrawn(version)).collect();
            format!("{:#?}\n{releases:#?}\n{withdrawn:?}\n{:#?}", app.policy, app.tags())
        });
        format!("{} {}\n{}", table.commit, table.digest, apps.collect::<Vec<_>>().join("\n"))
    });
    let problems: Vec<_> = build.problems.iter().map(|problem| format!("{problem:#?}")).collect();
    format!("{}\n{}", table.unwrap_or_default(), problems.join("\n"))
}

fn start(data: &Path) -> Builder {
    Builder::new(Limits::default(), Shelf::keeping(open_store(data)))
}

proptest! {
    // A case builds some twenty tables; `PROPTEST_CASES` says how many there are, times eight.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]

    #[test]
    fn a_build_from_the_previous_one_equals_a_build_from_nothing_and_says_what_the_line_means(events in proptest::collection::vec(event(), 1..16)) {
        let mut history = History::new();
        let data = TempDir::new().unwrap();
        let mut long = Some(start(data.path()));
        for event in &events {
            history.happen(event);
            if matches!(event, Event::Restart) {
                drop(long.take());
            }
            let daemon = long.get_or_insert_with(|| start(data.path()));
            let reader = Reader::open(history.dir.path()).unwrap();
            let here = daemon.build(&reader, &history.refs()).unwrap();
            daemon.remember().unwrap();
            let fresh = builder().build(&reader, &history.refs()).unwrap();
            prop_assert_eq!(told(&here), told(&fresh));
            prop_assert_eq!(fresh.table.as_deref().map(oracle::said), oracle::expected(&history.line()));
        }
    }
}
