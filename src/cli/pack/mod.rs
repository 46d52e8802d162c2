//! `pushlive pack`: from a built web app to a release that can be committed.
//!
//! In the order of the work: `target` finds the place for it, `flags` makes the descriptor, `web_app` walks the folder,
//! `zip` packs and judges it, `folder` looks at the bundles next to it, `place` compares with what is `found` there, `git`
//! looks at what git would make of it, `written` puts it there, `told` says what was made and what to type next. Until it
//! is written nothing is on the disk, so whatever is refused leaves nothing behind.

mod call;
mod flags;
mod folder;
mod found;
mod git;
mod place;
mod progress;
mod target;
mod told;
mod web_app;
mod written;
mod zip;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::failure::Failure;
use super::table::limits;
use crate::release::platform::{Platform, PlatformSet};
use crate::repository::draft::{self, DESCRIPTOR, Judged, Slot};
use crate::repository::problem::Problem;
use crate::settings::{Settings, SettingsArgs};
use flags::Flags;
use git::Advice;
use place::Plan;
use target::Target;
use web_app::WebApp;

/// Make a release from a built web app: a reproducible zip and its descriptor
///
/// Puts <app>/<version>/ into the work tree of the release repository: a bundle.zip that every client can install, with the
/// same bytes for the same files wherever it is made, and a release.toml where one of its flags is given. What `check`
/// would refuse is refused, and then nothing is left behind.
#[derive(Args)]
pub struct Arguments {
    /// The built web app: the folder with index.html in it
    dir: PathBuf,
    /// The version of the release: strict SemVer, without a `v`
    #[arg(long, value_name = "VERSION")]
    version: String,
    /// The app's id [default: the only one that releases.toml names]
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// A folder in the work tree of the release repository [default: the current folder]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Make the bundle of this platform alone: bundle.<platform>.zip, which wins over bundle.zip there
    #[arg(long, value_parser = platform)]
    platform: Option<Platform>,
    /// Replace what lies there, where it is not committed
    #[arg(long)]
    force: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    settings: SettingsArgs,
}

fn platform(name: &str) -> Result<Platform, String> {
    Platform::from_name(name).ok_or_else(|| {
        let names = Platform::ALL.map(Platform::name);
        format!("the platforms are {}", names.join(", "))
    })
}

impl Arguments {
    fn slot(&self) -> Slot {
        self.platform.map_or(Slot::Shared, Slot::Own)
    }

    /// Whose clients must be able to install the bundle, of those that get the release.
    fn wanted(&self, platforms: PlatformSet) -> Result<Vec<Platform>, Failure> {
        let served = self.platform.map_or(Platform::ALL.to_vec(), |platform| vec![platform]);
        let wanted: Vec<_> = served.into_iter().filter(|platform| platforms.contains(*platform)).collect();
        if wanted.is_empty() {
            let file = self.slot().file_name();
            return Err(Failure::usage(format!("the release is for no platform that would get {file}"))
                .hint("name other platforms in `--platforms`, or in the release.toml that is there"));
        }
        Ok(wanted)
    }
}

/// Makes the release and says what was made.
///
/// # Errors
/// What is wrong with the web app, the flags, the repository or the place where the release would go.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let target = Target::find(arguments.into.as_deref(), arguments.app.as_deref(), &arguments.version)?;
    let limits = limits(&Settings::load(&arguments.settings, target.reader.common_dir())?);
    let descriptor = arguments.flags.descriptor()?;
    let text: Arc<str> = match &descriptor {
        Some(text) => text.as_str().into(),
        None => found::text(&target.reader, &format!("{}/{DESCRIPTOR}", target.path()))?.unwrap_or_default().into(),
    };
    let Judged { mut problems, platforms } = flags::judge(&text, descriptor.is_some(), &target)?;
    let wanted = arguments.wanted(platforms)?;
    problems.extend(target.problem());
    folder::refuse_around(&arguments.dir, &target)?;
    let web_app = WebApp::walk(&arguments.dir, &limits)?;
    problems.extend(web_app.problems.iter().cloned());
    if !web_app.problems.is_empty() {
        return told::refused(&problems, arguments.json, out);
    }
    problems.extend(web_app.warnings());
    let packed = zip::pack(&web_app, &limits, &wanted)?;
    problems.extend(packed.problems.iter().cloned());
    let bundles = folder::bundles(&target, (arguments.slot(), &packed.inspection), &limits)?;
    problems.extend(draft::bundles(&target.app, &target.version, &text, arguments.slot(), bundles));
    if problems.iter().any(Problem::is_error) {
        return told::refused(&problems, arguments.json, out);
    }
    let plan = Plan::make(&target, arguments.slot(), &packed, descriptor.as_deref(), &limits, arguments.force)?;
    let advice = Advice::on(&target, &plan)?;
    plan.carry_out(&target)?;
    problems.extend(advice.problems.iter().cloned());
    let made = told::Made { target: &target, web_app: &web_app, packed: &packed, plan: &plan, advice: &advice };
    told::made(&made, &problems, arguments.json, out)
}
