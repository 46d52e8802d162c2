//! What can be wrong with a zip: a rule, where, whom it stops, and the mend.

use serde::{Deserialize, Serialize};

use crate::release::platform::Platform;

/// Faults of one zip that are told one by one.
const SHOWN: usize = 20;
/// Characters of a name that are shown.
const SHOWN_OF_NAME: usize = 200;

/// One thing wrong with a zip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZipFault {
    /// Which rule it breaks.
    pub rule: ZipRule,
    /// The file or folder in the zip, in a form that is safe to print.
    pub entry: Option<String>,
    /// What is wrong and why it matters, in a sentence that starts in lower case and has no full stop.
    pub message: String,
    /// How to mend it, in the same form.
    pub help: String,
    /// Whose clients cannot install the zip because of it. Empty: worth a warning only.
    #[serde(with = "names")]
    pub refuses: Vec<Platform>,
}

impl ZipFault {
    /// A fault that stops every client.
    pub(super) fn new(rule: ZipRule, message: impl Into<String>) -> Self {
        let (message, help) = (message.into(), rule.help().to_owned());
        ZipFault { rule, entry: None, message, help, refuses: Platform::ALL.to_vec() }
    }

    /// A fault that stops these only.
    pub(super) fn refusing(mut self, platforms: impl IntoIterator<Item = Platform>) -> Self {
        self.refuses = platforms.into_iter().collect();
        self
    }

    /// A fault of that file or folder.
    pub(super) fn of(mut self, name: &[u8]) -> Self {
        self.entry = Some(printable(name));
        self
    }
}

/// A name as people can read it, whatever its bytes are: it ends up on terminals and in logs.
pub(super) fn printable(name: &[u8]) -> String {
    let shown: String = String::from_utf8_lossy(name).chars().take(SHOWN_OF_NAME).collect();
    shown.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    shown: Vec<ZipFault>,
    more: usize,
    /// The first name that Windows cannot hold, and how many there are. They come in folders, and would hide what is worse.
    windows: Option<(ZipFault, usize)>,
    refused: Vec<Platform>,
    refused_by_more: Vec<Platform>,
}

impl Faults {
    pub(super) fn add(&mut self, fault: ZipFault) {
        if fault.rule == ZipRule::WindowsName {
            self.windows.get_or_insert((fault, 0)).1 += 1;
            return;
        }
        add_missing(&mut self.refused, &fault.refuses);
        if self.shown.len() < SHOWN {
            self.shown.push(fault);
        } else {
            add_missing(&mut self.refused_by_more, &fault.refuses);
            self.more += 1;
        }
    }

    /// Whose clients no fault stops.
    pub(super) fn spared(&self) -> Vec<Platform> {
        Platform::ALL.into_iter().filter(|platform| !self.refused.contains(platform)).collect()
    }

    pub(super) fn refuse_everyone(&self) -> bool {
        self.spared().is_empty()
    }

    pub(super) fn into_list(mut self) -> Vec<ZipFault> {
        if self.more > 0 {
            let more = ZipFault::new(ZipRule::MoreFaults, format!("and {} more", self.more));
            self.shown.push(more.refusing(self.refused_by_more));
        }
        if let Some((mut first, count)) = self.windows {
            if let more @ 1.. = count - 1 {
                let names = if more == 1 { "name" } else { "names" };
                first.message += &format!("; and {more} more such {names}");
            }
            self.shown.push(first);
        }
        self.shown
    }
}

fn add_missing(platforms: &mut Vec<Platform>, new: &[Platform]) {
    for platform in new {
        if !platforms.contains(platform) {
            platforms.push(*platform);
        }
    }
}

/// A rule that a zip may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZipRule {
    /// The bytes are no zip, or not a whole one.
    NotAZip,
    /// A zip without files.
    EmptyZip,
    /// More bytes than the limit.
    ZipTooLarge,
    /// More files and folders than the limit.
    TooManyEntries,
    /// More bytes than the limit once unpacked.
    UnpacksTooLarge,
    /// Part of a zip of several files.
    SplitZip,
    /// The form of zip for more than 4 GiB.
    Zip64,
    /// Bytes that belong to no file, or to two.
    HiddenData,
    /// What stands in front of a file is not what the directory says.
    HeaderMismatch,
    /// A file that does not unpack to what the zip says of it.
    Damaged,
    /// A file that needs a password.
    Encrypted,
    /// Neither stored nor deflated.
    CompressionMethod,
    /// A stored file whose size comes after it.
    StoredWithDescriptor,
    /// A name that leads elsewhere, or not to the same place for all.
    UnsafeName,
    /// A name that is not UTF-8.
    NotUtf8,
    /// A name that is UTF-8, in a zip that does not say so.
    UnmarkedUtf8,
    /// A name longer than file systems allow.
    LongName,
    /// A name that no file can have on Windows.
    WindowsName,
    /// A symlink, a device, or a folder that is a file as well.
    SpecialFile,
    /// Two entries of one name.
    DuplicateName,
    /// Two names that differ in upper and lower case only, or in how accents are written.
    CaseClash,
    /// A file with the name of a folder.
    FileAndFolder,
    /// No `index.html` where a client looks for it.
    IndexMissing,
    /// `index.html` in a folder that not every client takes away.
    WrapperFolder,
    /// Files that macOS added.
    MacMetadata,
    /// More faults than are shown.
    MoreFaults,
}

impl ZipRule {
    /// The stable code that people search for.
    pub const fn code(self) -> &'static str {
        match self {
            ZipRule::NotAZip => "not-a-zip",
            ZipRule::EmptyZip => "empty-zip",
            ZipRule::ZipTooLarge => "zip-too-large",
            ZipRule::TooManyEntries => "too-many-entries",
            ZipRule::UnpacksTooLarge => "unpacks-too-large",
            ZipRule::SplitZip => "split-zip",
            ZipRule::Zip64 => "zip64",
            ZipRule::HiddenData => "hidden-data",
            ZipRule::HeaderMismatch => "header-mismatch",
            ZipRule::Damaged => "damaged",
            ZipRule::Encrypted => "encrypted",
            ZipRule::CompressionMethod => "compression-method",
            ZipRule::StoredWithDescriptor => "stored-with-descriptor",
            ZipRule::UnsafeName => "unsafe-name",
            ZipRule::NotUtf8 => "not-utf8",
            ZipRule::UnmarkedUtf8 => "unmarked-utf8",
            ZipRule::LongName => "long-name",
            ZipRule::WindowsName => "windows-name",
            ZipRule::SpecialFile => "special-file",
            ZipRule::DuplicateName => "duplicate-name",
            ZipRule::CaseClash => "case-clash",
            ZipRule::FileAndFolder => "file-and-folder",
            ZipRule::IndexMissing => "index-missing",
            ZipRule::WrapperFolder => "wrapper-folder",
            ZipRule::MacMetadata => "mac-metadata",
            ZipRule::MoreFaults => "more-faults",
        }
    }

    /// Whose clients it is about.
    pub fn concerns(self) -> &'static [Platform] {
        match self {
            ZipRule::WindowsName => &[Platform::Electron],
            _ => &Platform::ALL,
        }
    }

    const fn help(self) -> &'static str {
        match self {
            ZipRule::NotAZip | ZipRule::HiddenData | ZipRule::HeaderMismatch | ZipRule::Damaged => {
                "make the zip anew from the built web app, and commit it as it is (no text conversion)"
            }
            ZipRule::EmptyZip | ZipRule::IndexMissing | ZipRule::WrapperFolder => {
                "zip what is in the folder that holds `index.html`, not the folder itself: `cd dist && zip -r ../bundle.zip .`"
            }
            ZipRule::ZipTooLarge | ZipRule::TooManyEntries | ZipRule::UnpacksTooLarge => {
                "leave out what devices do not need (source maps, videos), or raise the limit in the daemon's settings"
            }
            ZipRule::SplitZip | ZipRule::Zip64 => {
                "make the zip as one ordinary file; `zip -r bundle.zip .` does, a zip written to a pipe often does not"
            }
            ZipRule::Encrypted => "make the zip without a password",
            ZipRule::CompressionMethod => "compress with deflate, the default of `zip`, or not at all",
            ZipRule::StoredWithDescriptor => "compress the file, or write the zip to a file instead of a pipe",
            ZipRule::UnsafeName => {
                "make the zip inside the folder of the web app, with `/` between folders: `zip -r bundle.zip .`"
            }
            ZipRule::NotUtf8 | ZipRule::UnmarkedUtf8 => {
                "use ASCII names, or a tool that marks names as UTF-8: `7z` and Python's `zipfile` do, `zip` often does not"
            }
            ZipRule::LongName => "shorten the name",
            ZipRule::WindowsName => "rename it in the web app, unless no Electron app for Windows gets the bundle",
            ZipRule::SpecialFile => "put plain files and folders into the zip; `zip` without `-y` follows symlinks",
            ZipRule::DuplicateName | ZipRule::CaseClash | ZipRule::FileAndFolder => {
                "rename or leave out one of the two, and make the zip anew"
            }
            ZipRule::MacMetadata => "make the zip with `zip -r bundle.zip . -x '.DS_Store' -x '__MACOSX/*'`",
            ZipRule::MoreFaults => "mend those that are shown first",
        }
    }
}

/// Platforms as a list of their names.
pub(super) mod names {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::release::platform::Platform;

    pub(in super::super) fn serialize<S: Serializer>(platforms: &[Platform], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(platforms.iter().map(|platform| platform.name()))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Platform>, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        let platform = |name: &String| Platform::from_name(name).ok_or_else(|| D::Error::custom("no platform"));
        names.iter().map(platform).collect()
    }
}
