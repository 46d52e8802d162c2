//! With git itself as the one who changes things.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tempfile::TempDir;

use super::pace::GAP;
use super::*;

/// Long enough for any event; what comes later came by the poll.
const SOON: Duration = Duration::from_secs(20);
/// So long a quiet repository must stay quiet.
const A_WHILE: Duration = Duration::from_millis(700);

struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = World { folder: TempDir::new().unwrap() };
        world.git(".", &["init", "-q", "--bare", "--initial-branch=main", "app.git"]);
        world.git(".", &["init", "-q", "--initial-branch=main", "work"]);
        world.commit();
        world
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("app.git")
    }

    fn git(&self, folder: &str, arguments: &[&str]) {
        let git = Command::new("git")
            .current_dir(self.folder.path().join(folder))
            .args(["-c", "user.name=Team", "-c", "user.email=team@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(git.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&git.stderr));
    }

    fn commit(&self) {
        self.git("work", &["commit", "-q", "--allow-empty", "-m", "A commit"]);
    }

    fn push(&self) {
        self.git("work", &["push", "-q", "../app.git", "main"]);
    }

    /// A watch that has nothing more to say about what happened so far.
    fn watch(&self) -> Watch {
        let mut watch = Watch::new(&self.repository());
        rest(&mut watch);
        watch
    }
}

/// Waits until nothing is left of earlier changes.
fn rest(watch: &mut Watch) {
    let end = Instant::now() + SOON;
    while watch.woken(QUIET * 4, || ()) == Woken::Hint {
        assert!(Instant::now() < end, "the watch never rests");
    }
}

#[test]
fn a_push_is_one_look() {
    let world = World::new();
    let mut watch = world.watch();
    world.push();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
    assert_eq!(watch.woken(A_WHILE, || ()), Woken::Poll, "one push is one look");
}

#[test]
fn tags_deleted_branches_and_packed_refs_are_looks() {
    let world = World::new();
    world.push();
    let changes: [&[&str]; 4] = [
        &["tag", "com.example.app/production/1.4.2", "main"],
        &["pack-refs", "--all", "--prune"],
        &["tag", "-d", "com.example.app/production/1.4.2"],
        &["update-ref", "-d", "refs/heads/main"],
    ];
    let mut watch = world.watch();
    for change in changes {
        world.git("app.git", change);
        assert_eq!(watch.woken(SOON, || ()), Woken::Hint, "{change:?}");
        rest(&mut watch);
    }
}

#[test]
fn reading_is_no_look() {
    let world = World::new();
    world.push();
    let mut watch = world.watch();
    world.git("app.git", &["for-each-ref"]);
    world.git("app.git", &["log", "--stat", "main"]);
    let repository = git2::Repository::open(world.repository()).unwrap();
    assert_eq!(repository.references().unwrap().count(), 1);
    repository.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap();
    assert_eq!(watch.woken(A_WHILE, || ()), Woken::Poll);
}

#[test]
fn what_changes_no_ref_is_no_look() {
    let world = World::new();
    world.push();
    let mut watch = world.watch();
    fs::create_dir_all(world.repository().join("pushlive/store")).unwrap();
    fs::write(world.repository().join("pushlive/lock"), "1").unwrap();
    fs::write(world.repository().join("objects/noise"), "").unwrap();
    assert_eq!(watch.woken(A_WHILE, || ()), Woken::Poll);
}

#[test]
fn a_look_after_gc_and_a_push_after_it_are_seen() {
    let world = World::new();
    world.push();
    let mut watch = world.watch();
    world.git("app.git", &["gc", "-q", "--prune=now"]);
    rest(&mut watch);
    world.commit();
    world.push();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
}

#[test]
fn a_repository_that_was_deleted_and_made_again_is_watched_again() {
    let world = World::new();
    world.push();
    let mut watch = world.watch();
    fs::remove_dir_all(world.repository()).unwrap();
    rest(&mut watch);
    world.git(".", &["init", "-q", "--bare", "--initial-branch=main", "app.git"]);
    assert_eq!(watch.woken(QUIET, || ()), Woken::Poll, "nobody could see it come: the poll finds it");
    rest(&mut watch);
    world.push();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
}

#[test]
fn another_repository_in_its_place_is_watched() {
    let world = World::new();
    world.git(".", &["clone", "-q", "--bare", "work", "other.git"]);
    let mut watch = world.watch();
    fs::rename(world.repository(), world.folder.path().join("old.git")).unwrap();
    fs::rename(world.folder.path().join("other.git"), world.repository()).unwrap();
    rest(&mut watch);
    world.commit();
    world.push();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
}

#[test]
fn refs_that_were_replaced_are_watched() {
    let world = World::new();
    world.push();
    let mut watch = world.watch();
    let refs = world.repository().join("refs");
    fs::rename(&refs, world.folder.path().join("aside")).unwrap();
    rest(&mut watch);
    fs::create_dir_all(refs.join("heads")).unwrap();
    rest(&mut watch);
    fs::write(refs.join("heads/main"), "0".repeat(40)).unwrap();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
}

#[test]
fn a_work_tree_s_git_directory_is_watched_too() {
    let world = World::new();
    let mut watch = Watch::new(&world.folder.path().join("work/.git"));
    rest(&mut watch);
    world.commit();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
}

#[test]
fn a_path_that_is_not_there_yet_is_polled() {
    let folder = TempDir::new().unwrap();
    let mut watch = Watch::new(&folder.path().join("later.git"));
    assert_eq!(watch.wait(QUIET, || ()), Wake::Look);
    assert!(watch.said && watch.watcher.is_none(), "the failure was said");
    git2::Repository::init_bare(folder.path().join("later.git")).unwrap();
    assert_eq!(watch.wait(QUIET, || ()), Wake::Look);
    assert!(!watch.said && watch.watcher.is_some(), "a later one is said again");
}

#[test]
fn a_full_table_of_watches_names_the_limit() {
    assert!(mend(&ErrorKind::MaxFilesWatch).contains("fs.inotify.max_user_watches"));
}

#[test]
fn many_hints_are_one_look_and_a_stop_is_the_last_word() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    let waker = hints.clone();
    std::thread::spawn(move || (0..100).for_each(|_| waker.look())).join().unwrap();
    assert_eq!(watch.woken(SOON, || ()), Woken::Hint);
    assert_eq!(watch.woken(QUIET, || ()), Woken::Poll);
    hints.look();
    hints.stop();
    assert_eq!(watch.wait(SOON, || ()), Wake::Stop);
    assert_eq!(watch.wait(SOON, || ()), Wake::Stop, "and stays so");
}

#[test]
fn work_is_done_while_it_settles_and_not_after_it() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    hints.look();
    let mut worked = None;
    let woken = watch.woken(SOON, || {
        std::thread::sleep(QUIET * 2);
        worked = Some(Instant::now());
    });
    assert_eq!(woken, Woken::Hint);
    assert!(worked.unwrap().elapsed() < QUIET, "it was quiet for long enough when the work was done");
    assert_eq!(watch.woken(QUIET, || panic!("nothing happened")), Woken::Poll);
}

#[test]
fn who_says_that_a_push_is_in_is_not_kept_waiting() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    hints.pushed(b"one");
    hints.pushed(b"two");
    assert_eq!(watch.woken(SOON, || panic!("work that may be for nothing")), Woken::Hint);
    assert_eq!(hints.take_pushed(Duration::ZERO).as_deref(), Some(&b"one\ntwo\n"[..]));
    assert_eq!(hints.take_pushed(Duration::ZERO), None, "it is told once");
    let waker = hints.clone();
    let told = std::thread::spawn(move || hints.take_pushed(SOON));
    waker.pushed(b"");
    assert_eq!(told.join().unwrap().as_deref(), Some(&b"\n"[..]), "who waits for it is woken");
}

/// Somebody speaks all the time until this ends.
fn while_somebody_speaks<T>(hints: &Hints, work: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    let end = Instant::now() + SOON;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) && Instant::now() < end {
                hints.pushed(b"");
                std::thread::yield_now();
            }
        });
        let worked = work();
        is_done.store(true, Ordering::Relaxed);
        worked
    })
}

#[test]
fn who_speaks_again_and_again_for_nothing_is_heard_now_and_then() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    const LOOKS: u32 = 4;
    let took = while_somebody_speaks(&hints, || {
        let start = Instant::now();
        for _ in 0..=LOOKS {
            assert_eq!(watch.woken(SOON, || panic!("nothing changed")), Woken::Hint);
            while hints.take_pushed(Duration::ZERO).is_none() {}
        }
        start.elapsed()
    });
    assert!(took >= GAP * LOOKS, "{took:?}");
    // nor is a reading in between
    while_somebody_speaks(&hints, || {
        while hints.take_pushed(Duration::ZERO).is_none() {}
        let start = Instant::now();
        assert!(hints.take_pushed(SOON).is_some());
        assert!(start.elapsed() >= GAP, "{:?}", start.elapsed());
    });
    hints.pushed(b"");
    assert!(hints.take_pushed(QUIET).is_some(), "who reads by itself hears all");
}

#[test]
fn who_speaks_for_nothing_holds_up_no_change() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    hints.pushed(b"");
    assert!(hints.take_pushed(Duration::ZERO).is_some());
    // as if the next were heard after a long time only
    hints.flags.pushed.rest(Instant::now() + SOON);
    while_somebody_speaks(&hints, || {
        hints.look();
        let mut worked = 0;
        assert_eq!(watch.woken(SOON, || worked += 1), Woken::Hint);
        assert_eq!(worked, 1, "who speaks causes no work");
        assert!(!hints.flags.pushed.held(Instant::now()).is_zero(), "the change waited for who speaks");
    });
}

#[test]
fn who_speaks_after_something_new_is_heard_at_once() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    for is_new in [true, false] {
        hints.pushed(b"");
        assert_eq!(watch.woken(SOON, || panic!("nothing changed")), Woken::Hint);
        assert!(hints.take_pushed(Duration::ZERO).is_some());
        if is_new {
            hints.came_true();
        }
        let now = Instant::now();
        hints.flags.pushed.rest(now);
        assert_eq!(hints.flags.pushed.held(now).is_zero(), is_new);
    }
}

#[test]
fn a_repository_that_never_rests_is_looked_at_all_the_same() {
    let world = World::new();
    let mut watch = world.watch();
    let hints = watch.hints();
    let done = Arc::new(AtomicBool::new(false));
    let noise = std::thread::spawn({
        let done = Arc::clone(&done);
        let end = Instant::now() + SOON;
        move || {
            while !done.load(Ordering::Relaxed) && Instant::now() < end {
                hints.look();
                std::thread::yield_now();
            }
        }
    });
    let start = Instant::now();
    let woken = watch.woken(SOON, || ());
    done.store(true, Ordering::Relaxed);
    noise.join().unwrap();
    assert_eq!(woken, Woken::Hint);
    assert!(start.elapsed() >= QUIET, "it did not wait for quiet");
    assert!(start.elapsed() < SOON / 2, "it waited for the noise to end");
}
