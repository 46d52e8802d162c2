//! The kinds of devices that a channel serves, in words.

/// Whom it serves, where that is not everyone: store and development builds, on real devices and emulators.
pub fn served([prod, dev]: [bool; 2], [device, emulator]: [bool; 2]) -> Option<String> {
    let one_of = |has: [bool; 2], names: [&'static str; 2]| match has {
        [true, false] => Some(names[0]),
        [false, true] => Some(names[1]),
        _ => None,
    };
    if !(prod || dev) || !(device || emulator) {
        return Some("nobody".to_owned());
    }
    let build = one_of([prod, dev], ["store builds", "development builds"]);
    let hardware = one_of([device, emulator], ["real devices", "emulators"]);
    match (build, hardware) {
        (Some(build), Some(hardware)) => Some(format!("{build} on {hardware} alone")),
        (one, other) => one.or(other).map(|kind| format!("{kind} alone")),
    }
}
