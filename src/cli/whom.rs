//! The kinds of devices that a channel serves, in words.

/// Whom it serves, where that is not everyone: store and development builds, on real devices and emulators.
pub fn served([prod, dev]: [bool; 2], [device, emulator]: [bool; 2]) -> Option<String> {
    let build = match (prod, dev) {
        (true, true) => None,
        (true, false) => Some("store builds"),
        (false, true) => Some("development builds"),
        (false, false) => Some("no builds"),
    };
    let hardware = match (device, emulator) {
        (true, true) => None,
        (true, false) => Some("real devices"),
        (false, true) => Some("emulators"),
        (false, false) => Some("no devices"),
    };
    match (build, hardware) {
        (Some(build), Some(hardware)) => Some(format!("serves {build} on {hardware} alone")),
        (one, other) => one.or(other).map(|kind| format!("serves {kind} alone")),
    }
}
