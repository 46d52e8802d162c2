//! Which channel a device comes to, and whether that serves it.

use super::channel::Channel;
use super::device::Device;
use super::platform::Platform;
use super::policy::What;
use super::refusal::Refusal;
use super::table::{App, Release, Table};

/// How a device came to its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By that override, counted from the first.
    Override(usize),
    /// It names the channel itself.
    Named,
    /// It names none, and this is the app's default.
    Default,
}

/// The channel that a device is in, and the one release that an override lists for it, if it does.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'t> {
    pub channel: &'t Channel,
    /// The release, and the override.
    pub only: Option<(&'t Release, usize)>,
}

/// Where a device comes to, be there such a channel or not, and may the device have it or not.
#[derive(Clone, Copy)]
pub(super) struct Arrived<'t> {
    pub channel: Option<&'t Channel>,
    pub by: By,
    /// The release, and the override.
    pub only: Option<(&'t Release, usize)>,
}

/// The channel of a device that it may have.
pub(super) fn choose<'t>(table: &'t Table, device: &Device<'_>) -> Result<(&'t App, Chosen<'t>), Refusal> {
    let app = table.app(device.app).ok_or(Refusal::UnknownApp)?;
    Ok((app, arrive(app, device).chosen()?))
}

/// The channel: of the first override that names the device, else the one that it names, else the app's default.
///
/// An override that lists one release leaves the channel to what comes after it. One whose release is yanked or not in
/// the table is passed over.
pub(super) fn arrive<'t>(app: &'t App, device: &Device<'_>) -> Arrived<'t> {
    let mut only = None;
    for (at, entry) in app.overrides_for(device) {
        match &entry.what {
            What::Channel(name) => return Arrived { channel: app.channel(name), by: By::Override(at), only },
            What::Version(name) => only = only.or_else(|| Some((may_be_forced(app, name)?, at))),
        }
    }
    let names_one = !device.default_channel.is_empty();
    let (name, by) =
        if names_one { (device.default_channel, By::Named) } else { (&*app.policy.default_channel, By::Default) };
    Arrived { channel: app.channel(name), by, only }
}

/// The release that an override may list.
pub(super) fn may_be_forced<'t>(app: &'t App, name: &str) -> Option<&'t Release> {
    app.release(name).filter(|release| release.descriptor.yanked.is_none())
}

impl<'t> Chosen<'t> {
    /// Whether or not the device may have it, where there is such a channel.
    pub fn anyway(arrived: Arrived<'t>) -> Option<Chosen<'t>> {
        Some(Chosen { channel: arrived.channel?, only: arrived.only })
    }
}

impl<'t> Arrived<'t> {
    /// The channel, where it is there and the device may have it.
    pub fn chosen(self) -> Result<Chosen<'t>, Refusal> {
        let Arrived { channel, by, only } = self;
        let channel = channel.ok_or(Refusal::UnknownChannel)?;
        let usable = by != By::Named || channel.policy.public || channel.policy.self_assign;
        if usable { Ok(Chosen { channel, only }) } else { Err(Refusal::PrivateChannel) }
    }
}

/// The channel's own switches; what passes them has a platform.
pub(super) fn served_platform(channel: &Channel, device: &Device<'_>) -> Result<Platform, Refusal> {
    let policy = &channel.policy;
    let platform = device.platform.filter(|platform| policy.platforms.contains(*platform));
    let platform = platform.ok_or(Refusal::Platform(device.platform))?;
    match (device.is_prod, device.is_emulator) {
        (true, _) if !policy.builds.prod => Err(Refusal::ProdBuild),
        (false, _) if !policy.builds.dev => Err(Refusal::DevBuild),
        (_, false) if !policy.hardware.device => Err(Refusal::RealDevice),
        (_, true) if !policy.hardware.emulator => Err(Refusal::Emulator),
        _ => Ok(platform),
    }
}
