use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;

fn data() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(data: &TempDir) -> Store {
    Store::open(data.path(), "pid 1").unwrap()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The one artefact of a store.
fn only_artefact(data: &TempDir) -> PathBuf {
    let files = files_below(&data.path().join("store/sha256"));
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// What damages a file in place, as the store itself never does.
fn damage(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_kept_is_there_by_its_hash_and_read_only() {
    let data = data();
    let store = open(&data);
    let sha256 = hash(b"zip");
    assert!(!store.has(&sha256, 3));
    assert!(store.map(&sha256).unwrap().is_none());
    store.keep(&sha256, b"zip").unwrap();
    store.keep(&sha256, b"zip").unwrap();
    store.sync().unwrap();
    assert!(store.has(&sha256, 3));
    assert!(!store.has(&sha256, 4));
    assert_eq!(store.map(&sha256).unwrap().unwrap(), "zip");
    store.will_need(&sha256);
    let file = only_artefact(&data);
    assert!(file.to_string_lossy().len() > 62 && file.parent().unwrap().ends_with(format!("{:02x}", sha256[0])));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o444);
    assert_eq!(fs::metadata(data.path().join("store")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(files_below(&data.path().join("store/tmp")), Vec::<PathBuf>::new());
}

#[test]
fn a_data_directory_that_is_made_is_for_its_owner_alone() {
    let parent = data();
    let path = parent.path().join("deep/data");
    let _store = Store::open(&path, "").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn no_bytes_can_be_kept_too() {
    let data = data();
    let store = open(&data);
    store.keep(&hash(b""), b"").unwrap();
    store.will_need(&hash(b""));
    assert_eq!(store.map(&hash(b"")).unwrap().unwrap(), "");
}

#[test]
fn bytes_of_another_hash_are_not_kept() {
    let data = data();
    let store = open(&data);
    assert_eq!(store.keep(&hash(b"one"), b"two").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(files_below(&data.path().join("store")), Vec::<PathBuf>::new());
}

#[test]
fn a_second_daemon_is_told_who_holds_the_directory() {
    let data = data();
    let first = Store::open(data.path(), "pid 4711, serving on 127.0.0.1:8080").unwrap();
    for _ in 0..2 {
        let OpenError::Held { by } = Store::open(data.path(), "me").unwrap_err() else { panic!("opened twice") };
        assert_eq!(by, "pid 4711, serving on 127.0.0.1:8080");
    }
    drop(first);
    let _second = Store::open(data.path(), "me").unwrap();
    assert_eq!(fs::read_to_string(data.path().join("lock")).unwrap(), "me");
}

#[test]
fn a_directory_that_cannot_be_made_is_named_in_the_error() {
    let data = data();
    fs::write(data.path().join("file"), "").unwrap();
    let error = Store::open(&data.path().join("file"), "").unwrap_err();
    assert!(error.to_string().contains(&format!("{}", data.path().join("file").display())), "{error}");
}

#[test]
fn leftovers_of_a_crash_are_removed_at_the_next_start() {
    let data = data();
    let store = open(&data);
    store.keep(&hash(b"whole"), b"whole").unwrap();
    drop(store);
    fs::write(data.path().join("store/tmp/.tmpAbCdEf"), "ha").unwrap();
    let store = open(&data);
    assert_eq!(files_below(&data.path().join("store/tmp")), Vec::<PathBuf>::new());
    assert!(store.has(&hash(b"whole"), 5));
}

#[test]
fn a_damaged_artefact_is_replaced_and_what_has_mapped_it_lives_on() {
    let data = data();
    let store = open(&data);
    let sha256 = hash(b"the right bytes");
    store.keep(&sha256, b"the right bytes").unwrap();
    damage(&only_artefact(&data), b"short");
    let mapped = store.map(&sha256).unwrap().unwrap();
    assert!(!store.has(&sha256, 15));
    store.keep(&sha256, b"the right bytes").unwrap();
    assert!(store.has(&sha256, 15));
    assert_eq!(store.map(&sha256).unwrap().unwrap(), "the right bytes");
    assert_eq!(mapped, "short");
}

#[test]
fn many_may_keep_the_same_bytes_at_once() {
    let data = data();
    let store = Arc::new(open(&data));
    let bytes = vec![7; 100_000];
    let keep = |store: Arc<Store>, bytes: Vec<u8>| move || store.keep(&hash(&bytes), &bytes).unwrap();
    let threads: Vec<_> = (0..8).map(|_| thread::spawn(keep(Arc::clone(&store), bytes.clone()))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(store.map(&hash(&bytes)).unwrap().unwrap(), bytes);
    assert_eq!(files_below(&data.path().join("store")).len(), 1);
}

#[test]
fn a_write_that_fails_names_the_path_and_leaves_nothing() {
    let data = data();
    let store = open(&data);
    let sha256 = hash(b"zip");
    let folder = data.path().join("store/sha256").join(format!("{:02x}", sha256[0]));
    fs::write(&folder, "in the way").unwrap();
    let error = store.keep(&sha256, b"zip").unwrap_err();
    assert!(error.to_string().contains(&folder.display().to_string()), "{error}");
    assert_eq!(files_below(&data.path().join("store")), vec![folder.clone()]);
    fs::remove_file(&folder).unwrap();
    store.keep(&sha256, b"zip").unwrap();
    assert!(store.has(&sha256, 3));
}

#[test]
fn collecting_deletes_what_is_refused_and_nothing_that_is_mapped_changes() {
    let data = data();
    let store = open(&data);
    for bytes in [b"one", b"two"] {
        store.keep(&hash(bytes), bytes).unwrap();
    }
    store.write_record("zips", "abcdef", b"record").unwrap();
    fs::write(data.path().join("store/sha256/README"), "not ours").unwrap();
    let mapped = store.map(&hash(b"two")).unwrap().unwrap();
    let collected = store.collect(&|sha256| *sha256 == hash(b"one")).unwrap();
    assert_eq!(collected, Collected { files: 1, bytes: 3 });
    assert!(store.has(&hash(b"one"), 3));
    assert!(!store.has(&hash(b"two"), 3));
    assert_eq!(mapped, "two");
    assert_eq!(store.record("zips", "abcdef").unwrap(), b"record");
    assert!(data.path().join("store/sha256/README").exists());
}

#[test]
fn a_record_is_replaced_whole() {
    let data = data();
    let store = open(&data);
    assert_eq!(store.record("zips", "0a1b2c"), None);
    store.write_record("zips", "0a1b2c", b"first").unwrap();
    store.write_record("zips", "0a1b2c", b"").unwrap();
    assert_eq!(store.record("zips", "0a1b2c").unwrap(), b"");
    assert_eq!(store.record("lines", "0a1b2c"), None);
    drop(store);
    assert_eq!(Store::read_only(data.path()).record("zips", "0a1b2c").unwrap(), b"");
}

#[test]
fn a_torn_record_is_none() {
    let data = data();
    let store = open(&data);
    store.write_record("zips", "0a1b2c", b"what was learned").unwrap();
    let path = data.path().join("store/zips/0a/1b2c");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        damage(&path, &whole[..length]);
        assert_eq!(store.record("zips", "0a1b2c"), None, "cut to {length}");
    }
}

#[test]
fn a_store_that_was_moved_away_leaves_its_place_free() {
    let data = data();
    let (place, away) = (data.path().join("place"), data.path().join("away"));
    let store = Store::open(&place, "").unwrap();
    fs::rename(&place, &away).unwrap();
    store.keep(&hash(b"zip"), b"zip").unwrap_err();
    store.write_record("zips", "0a1b2c", b"").unwrap_err();
    assert!(!place.exists());
    fs::rename(&away, &place).unwrap();
    store.keep(&hash(b"zip"), b"zip").unwrap();
}

#[test]
fn no_key_leads_out_of_the_store() {
    let data = data();
    let store = open(&data);
    let bad = [
        ("zips", "ab"),
        ("zips", ""),
        ("zips", "../../x"),
        ("..", "abc"),
        ("", "abc"),
        ("sha256", "abc"),
        ("tmp", "abc"),
    ];
    for (kind, key) in bad {
        assert_eq!(store.write_record(kind, key, b"").unwrap_err().kind(), io::ErrorKind::InvalidInput, "{kind} {key}");
        assert_eq!(store.record(kind, key), None);
    }
    assert_eq!(store.record("zips", "aéz"), None);
}

#[test]
fn a_store_for_reading_makes_nothing_takes_no_lock_and_sees_what_is_written() {
    let data = data();
    let path = data.path().join("none");
    let reader = Store::read_only(&path);
    assert!(!reader.has(&hash(b"zip"), 3));
    assert!(reader.map(&hash(b"zip")).unwrap().is_none());
    assert_eq!(reader.collect(&|_| false).unwrap(), Collected::default());
    reader.keep(&hash(b"zip"), b"zip").unwrap_err();
    reader.write_record("zips", "abc", b"").unwrap_err();
    assert!(!path.exists());
    let writer = Store::open(&path, "").unwrap();
    writer.keep(&hash(b"zip"), b"zip").unwrap();
    assert!(reader.has(&hash(b"zip"), 3));
}

/// `cargo test --release --lib store::tests::ten_thousand_records -- --ignored --nocapture`
#[test]
#[ignore = "prints a measurement"]
fn ten_thousand_records_are_read_in_time() {
    let data = data();
    let store = open(&data);
    let keys: Vec<String> =
        (0..10_000u32).map(|n| format!("{:064x}", u128::from(n) << 100 | u128::from(n * 7919))).collect();
    let keys: Vec<String> = keys.iter().map(|key| key.chars().rev().collect()).collect();
    let started = std::time::Instant::now();
    keys.iter().for_each(|key| store.write_record("zips", key, &[b'x'; 250]).unwrap());
    println!("written in {:?}", started.elapsed());
    for _ in 0..3 {
        let started = std::time::Instant::now();
        assert!(keys.iter().all(|key| store.record("zips", key).is_some()));
        println!("read in {:?}", started.elapsed());
    }
}

/// `FULL_DISK=<a small file system of its own> cargo test --lib store::tests::a_full_disk -- --ignored`
#[test]
#[ignore = "needs a small file system that it may fill"]
fn a_full_disk_is_said_and_mends_itself() {
    let disk = PathBuf::from(std::env::var_os("FULL_DISK").unwrap());
    let data = disk.join("data");
    let store = Store::open(&data, "").unwrap();
    store.keep(&hash(b"before"), b"before").unwrap();
    let filling = vec![0; 64 << 20];
    let error = store.keep(&hash(&filling), &filling).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(error.to_string().contains(&data.display().to_string()), "{error}");
    assert_eq!(files_below(&data.join("store")).len(), 1);
    store.keep(&hash(b"after"), b"after").unwrap();
    store.sync().unwrap();
    assert!(store.has(&hash(b"before"), 6) && store.has(&hash(b"after"), 5));
    drop(store);
    fs::remove_dir_all(data).unwrap();
}

#[test]
fn downloads_of_one_artefact_share_a_mapping() {
    let data = data();
    let store = open(&data);
    let (small, large) = (vec![1; 1000], vec![2; 17 << 20]);
    for bytes in [&small, &large] {
        store.keep(&hash(bytes), bytes).unwrap();
    }
    let mapped = |bytes: &[u8]| store.map(&hash(bytes)).unwrap().unwrap();
    let downloads = [mapped(&large), mapped(&large)];
    assert_eq!(downloads[0].as_ptr(), downloads[1].as_ptr());
    let place = mapped(&small).as_ptr();
    assert_eq!(mapped(&small).as_ptr(), place, "a small one outlives its download");
    let others: Vec<Vec<u8>> = (0..20).map(|n| vec![n; 1 << 20]).collect();
    others.iter().for_each(|bytes| store.keep(&hash(bytes), bytes).unwrap());
    let sum: usize = others.iter().map(|bytes| mapped(bytes).len()).sum();
    assert!(sum > 16 << 20 && downloads[0] == large && mapped(&small) == small);
}

#[test]
fn a_mapping_that_outlives_its_download_does_not_outlive_its_artefact() {
    let data = data();
    let store = open(&data);
    store.keep(&hash(b"old"), b"old").unwrap();
    let download = store.map(&hash(b"old")).unwrap().unwrap();
    store.collect(&|_| false).unwrap();
    assert!(store.map(&hash(b"old")).unwrap().is_none());
    assert_eq!(download, "old", "a download that runs goes on");
}

#[test]
fn where_operators_are_answered_is_told_as_long_as_somebody_is_there() {
    let data = data();
    let store = open(&data);
    let told = || Store::read_only(data.path()).operator();
    assert_eq!(told(), None);
    let address = "127.0.0.1:8081".parse().unwrap();
    store.leave_operator(Some(address)).unwrap();
    assert_eq!(told(), Some(address));
    store.leave_operator(None).unwrap();
    store.leave_operator(None).unwrap();
    assert!(!data.path().join("operator").exists());
    store.leave_operator(Some(address)).unwrap();
    drop(store);
    assert_eq!(told(), None, "a daemon that was killed left it");
    assert!(Store::read_only(data.path()).leave_operator(Some(address)).is_err(), "only the daemon says so");
}

#[test]
fn a_directory_is_held_as_long_as_it_is_locked_whoever_has_the_number_of_the_process_by_now() {
    let data = data();
    let seen = Store::read_only(data.path());
    assert!(!seen.is_held());
    let store = Store::open(data.path(), &format!("{PROCESS}{}", std::process::id())).unwrap();
    assert!(seen.is_held());
    drop(store);
    assert!(!seen.is_held(), "this process runs, and holds nothing");
}

#[test]
fn who_looks_whether_it_is_held_keeps_nobody_from_taking_it() {
    let data = data();
    drop(open(&data));
    let looking = File::open(data.path().join("lock")).unwrap();
    looking.lock_shared().unwrap();
    let (taking, taken) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        let path = data.path();
        scope.spawn(move || {
            taking.send(()).unwrap();
            drop(Store::open(path, "").unwrap());
        });
        taken.recv().unwrap();
        drop(looking);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn why_the_journal_could_not_be_written_is_told_also_where_it_cannot_be_cut_back() {
    let data = data();
    let store = open(&data);
    std::os::unix::fs::symlink("/dev/full", data.path().join("journal")).unwrap();
    let error = store.add_to_journal("a line\n").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
}
