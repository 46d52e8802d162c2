//! What the line means, worked out the slow and obvious way: from the files of every commit, with nothing kept.

use std::collections::{BTreeMap, BTreeSet};

use super::histories::{APPS, DESCRIPTORS, Files, SETTINGS, VERSIONS, content};
use crate::release::platform::Platform;
use crate::release::policy::Descriptor;
use crate::release::table::Table;
use crate::repository::descriptor::read_release;

/// What is said of an app: its releases, each with its descriptor and the bytes of each platform, and what is withdrawn.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    releases: BTreeMap<String, (Descriptor, Vec<Option<usize>>)>,
    withdrawn: BTreeSet<String>,
}

/// What a table says of each app, with bytes named by the number of their content.
pub fn said(table: &Table) -> BTreeMap<String, Said> {
    let number = |sha256: [u8; 32]| (0..5).find(|of| super::sha256(&content(*of)) == sha256);
    let apps = APPS.iter().filter_map(|id| table.app(id)).map(|app| {
        let releases = app.releases().map(|release| {
            let bytes = |p: Platform| release.bundles.get(p).as_ref().and_then(|bundle| number(bundle.sha256));
            let told = ((*release.descriptor).clone(), Platform::ALL.map(bytes).to_vec());
            (release.name.to_string(), told)
        });
        let withdrawn = VERSIONS.iter().filter(|v| app.is_withdrawn(v)).map(|v| v.to_string());
        (app.policy.id.to_string(), Said { releases: releases.collect(), withdrawn: withdrawn.collect() })
    });
    apps.collect()
}

/// What the table of a line must say, from the files of its commits, oldest first. `None`: there is no table.
pub fn expected(line: &[&Files]) -> Option<BTreeMap<String, Said>> {
    let standing = (0..line.len()).rev().find(|at| !parts(line[*at]).is_empty())?;
    let at = |app: &str| {
        let counting = (0..=standing).rev().filter(|at| !parts(line[*at]).is_empty());
        let with_app = counting.map(|at| (at, parts(line[at]))).map_while(|(at, parts)| Some((at, *parts.get(app)?)));
        with_app.filter(|(_, valid)| *valid).map(|(at, _)| at).next()
    };
    let apps =
        parts(line[standing]).into_keys().filter_map(|app| Some((app.to_owned(), app_at(&line[..=at(app)?], app))));
    Some(apps.collect())
}

/// The apps that a commit's settings name, and whether their parts are valid; none where the settings do not count.
fn parts(files: &Files) -> BTreeMap<&'static str, bool> {
    let text = files.get("releases.toml");
    let which = text.and_then(|text| SETTINGS.iter().position(|one| one.as_bytes() == text));
    let parts: &[(usize, bool)] = match which {
        Some(0 | 1) => &[(0, true), (1, true)],
        Some(2) => &[(0, false), (1, true)],
        Some(3) => &[(1, true)],
        Some(4) => &[(0, true), (1, false)],
        Some(5) => &[(0, true)],
        _ => &[],
    };
    parts.iter().map(|(app, valid)| (APPS[*app], *valid)).collect()
}

fn app_at(line: &[&Files], app: &str) -> Said {
    let mut said = Said::default();
    for version in VERSIONS {
        let forms: Vec<Form> = line.iter().map(|files| Form::of(files, &format!("{app}/{version}/"))).collect();
        let present = forms.last().is_some_and(|form| !form.0.is_empty());
        if !present && forms.iter().any(|form| !form.0.is_empty()) {
            said.withdrawn.insert(version.to_owned());
        }
        if let Some(release) = present.then(|| release(&forms)).flatten().filter(|_| !is_later_twin(line, app, version))
        {
            said.releases.insert(version.to_owned(), release);
        }
    }
    said
}

/// The files of a version in one commit.
struct Form(BTreeMap<String, Vec<u8>>);

impl Form {
    fn of(files: &Files, prefix: &str) -> Form {
        Form(files.iter().filter_map(|(path, b)| Some((path.strip_prefix(prefix)?.to_owned(), b.clone()))).collect())
    }

    fn zip(&self, name: &str) -> Option<usize> {
        (0..5).find(|of| self.0.get(name).is_some_and(|bytes| *bytes == content(*of)))
    }

    /// The zip that a platform would be given.
    fn given(&self, platform: Platform) -> Option<usize> {
        let own = format!("bundle.{platform}.zip");
        self.zip(if self.0.contains_key(&own) { &own } else { "bundle.zip" })
    }

    /// Whether it has a zip for platforms that never had any, and nobody can install it.
    fn adds_nothing_usable(&self, firsts: &[Option<usize>]) -> bool {
        let names = Platform::ALL.map(|platform| {
            let own = format!("bundle.{platform}.zip");
            if self.0.contains_key(&own) { own } else { "bundle.zip".to_owned() }
        });
        let of_name = |name: &String| (0..3).filter(|at| names[*at] == *name).collect::<Vec<_>>();
        names.iter().any(|name| {
            let is_added = of_name(name).iter().all(|at| firsts[*at].is_none());
            is_added && matches!(self.zip(name), Some(3..))
        })
    }

    fn descriptor(&self) -> Option<Descriptor> {
        match self.0.get("release.toml") {
            None => Some(Descriptor::default()),
            Some(text) => read_release("a/b/release.toml", &String::from_utf8_lossy(text).into()).descriptor,
        }
    }

    fn declares_a_hash(&self) -> bool {
        self.0.get("release.toml").is_some_and(|text| text == DESCRIPTORS[5].as_bytes())
    }

    fn is_valid(&self) -> bool {
        let zips = || self.0.keys().filter(|name| name.ends_with(".zip")).map(|name| self.zip(name));
        let can_be_installed = |zip: Option<usize>| matches!(zip, Some(0..=2));
        // No content has the hash that is declared.
        self.descriptor().is_some()
            && !self.declares_a_hash()
            && zips().all(can_be_installed)
            && Platform::ALL.into_iter().any(|platform| takes(self.given(platform), platform).is_some())
    }
}

/// The zip, where clients of the platform can install it: the third is one that Electron cannot.
fn takes(zip: Option<usize>, platform: Platform) -> Option<usize> {
    zip.filter(|zip| *zip < 2 || *zip == 2 && platform != Platform::Electron)
}

fn release(forms: &[Form]) -> Option<(Descriptor, Vec<Option<usize>>)> {
    let valid = || forms.iter().filter(|form| form.is_valid());
    let first = |platform: Platform| valid().find_map(|form| takes(form.given(platform), platform));
    let firsts = Platform::ALL.map(first).to_vec();
    let since = forms.iter().position(Form::is_valid)?;
    let here = |form: &Form| !form.0.is_empty();
    let present = forms.iter().enumerate().rev().take_while(|(_, form)| here(form));
    let counts = |form: &Form| {
        let shared = form.zip("bundle.zip");
        let contradicts = form.declares_a_hash() && shared.is_some() && firsts.contains(&shared);
        !contradicts && !form.adds_nothing_usable(&firsts)
    };
    let mut usable = present.filter(|(at, form)| *at >= since && counts(form));
    let descriptor = usable.find_map(|(_, form)| form.descriptor())?;
    Some((descriptor, firsts))
}

/// Whether another version with other build metadata was there before.
fn is_later_twin(line: &[&Files], app: &str, version: &str) -> bool {
    let base = |version: &str| version.split('+').next().map(str::to_owned);
    let came = |version: &str| {
        let prefix = format!("{app}/{version}/");
        let absent = line.iter().rposition(|files| Form::of(files, &prefix).0.is_empty());
        absent.map_or(0, |at| at + 1)
    };
    let key = |version: &str| (came(version), version.to_owned());
    let twins = VERSIONS.iter().filter(|one| base(one) == base(version) && came(one) < line.len());
    twins.into_iter().any(|one| key(one) < key(version))
}
