//! The three platforms that the plugin runs on, and small collections keyed by them.

use std::fmt;

/// A platform, as the plugin names itself in `platform`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// `ios`
    Ios,
    /// `android`
    Android,
    /// `electron`
    Electron,
}

impl Platform {
    /// Every platform, in the order of [`PerPlatform`].
    pub const ALL: [Platform; 3] = [Platform::Ios, Platform::Android, Platform::Electron];

    /// The name on the wire and in descriptors.
    pub const fn name(self) -> &'static str {
        match self {
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::Electron => "electron",
        }
    }

    /// The platform of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Platform> {
        Platform::ALL.into_iter().find(|p| p.name() == name)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One value for each platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PerPlatform<T> {
    /// For iOS.
    pub ios: T,
    /// For Android.
    pub android: T,
    /// For Electron.
    pub electron: T,
}

impl<T> PerPlatform<T> {
    /// Makes the value of each platform.
    pub fn from_fn(mut make: impl FnMut(Platform) -> T) -> Self {
        PerPlatform { ios: make(Platform::Ios), android: make(Platform::Android), electron: make(Platform::Electron) }
    }

    /// The value of one platform.
    pub const fn get(&self, platform: Platform) -> &T {
        match platform {
            Platform::Ios => &self.ios,
            Platform::Android => &self.android,
            Platform::Electron => &self.electron,
        }
    }

    /// The value of one platform, to change.
    pub const fn get_mut(&mut self, platform: Platform) -> &mut T {
        match platform {
            Platform::Ios => &mut self.ios,
            Platform::Android => &mut self.android,
            Platform::Electron => &mut self.electron,
        }
    }

    /// Each platform with its value.
    pub fn iter(&self) -> impl Iterator<Item = (Platform, &T)> {
        Platform::ALL.into_iter().map(|p| (p, self.get(p)))
    }
}

/// A set of platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlatformSet(PerPlatform<bool>);

impl PlatformSet {
    /// All three: what an absent `platforms` means.
    pub const ALL: PlatformSet = PlatformSet(PerPlatform { ios: true, android: true, electron: true });
    /// None of them.
    pub const NONE: PlatformSet = PlatformSet(PerPlatform { ios: false, android: false, electron: false });

    /// Whether the set holds the platform.
    pub const fn contains(self, platform: Platform) -> bool {
        *self.0.get(platform)
    }

    /// Each platform in it.
    pub fn iter(self) -> impl Iterator<Item = Platform> {
        Platform::ALL.into_iter().filter(move |platform| self.contains(*platform))
    }

    /// Adds a platform; false where it was there already.
    pub const fn insert(&mut self, platform: Platform) -> bool {
        let slot = self.0.get_mut(platform);
        let new = !*slot;
        *slot = true;
        new
    }
}

impl FromIterator<Platform> for PlatformSet {
    fn from_iter<I: IntoIterator<Item = Platform>>(platforms: I) -> Self {
        let mut set = PlatformSet::NONE;
        for platform in platforms {
            set.insert(platform);
        }
        set
    }
}
