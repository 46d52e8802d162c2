//! What to type next: every line works as printed, from any folder.

use std::net::SocketAddr;
use std::path::Path;

use super::{APP, NEXT};
use crate::cli::shell::this_program;
use crate::repository::shell_word::quote;

/// A step: what happens, and the commands that make it happen.
struct Step {
    says: String,
    commands: Vec<String>,
}

/// The walk.
pub fn text(folder: &Path, server: SocketAddr) -> String {
    let begin = format!("The demo is in {} and is served at http://{server}\nIn another terminal:\n", folder.display());
    let steps = steps(folder, server).into_iter().map(|Step { says, commands }| {
        let commands: String = commands.iter().map(|command| format!("{command}\n")).collect();
        format!("# {says}\n{commands}\n")
    });
    let again = format!("{} demo {}", this_program(), quote(&folder.to_string_lossy()));
    format!("{begin}\n{}Ctrl-C stops it; `{again}` serves it again.\n\n", steps.collect::<String>())
}

fn steps(folder: &Path, server: SocketAddr) -> Vec<Step> {
    let path = |below: &str| quote(&folder.join(below).to_string_lossy()).into_owned();
    let git = format!("git -C {}", path("work"));
    let ask = ask(server);
    let step = |says: &str, commands: Vec<String>| Step { says: says.to_owned(), commands };
    vec![
        step("ask as a phone does: it is offered 1.0.2", vec![ask.clone()]),
        step("the same from a phone with a plugin of 2022", vec![ask_of_old(server)]),
        step(
            &format!("release {NEXT}: copy its directory, commit, push"),
            vec![
                format!(
                    "git clone -q -c user.name=Demo -c user.email=demo@example.com {} {}",
                    path("releases.git"),
                    path("work")
                ),
                format!("cp -R {} {}", path(&format!("next/{NEXT}")), path(&format!("work/{APP}/{NEXT}"))),
                format!("{git} add ."),
                format!("{git} commit -q -m 'Release {NEXT}'"),
                format!("{git} push -q"),
            ],
        ),
        step("ask again: the answer has changed", vec![ask.clone()]),
        step("take it back", vec![format!("{git} revert --no-edit HEAD"), format!("{git} push -q")]),
        step("ask again: it has changed back", vec![ask]),
    ]
}

/// A check of a current plugin.
fn ask(server: SocketAddr) -> String {
    let body = serde_json::json!({
        "platform": "ios", "device_id": "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40", "app_id": APP,
        "version_build": "1.0.0", "version_name": "builtin", "plugin_version": "8.43.0",
    });
    format!("curl -s http://{server}/updates -H 'content-type: application/json' -d {}; echo", quote(&body.to_string()))
}

/// A check of a plugin before 4.0, all in headers.
fn ask_of_old(server: SocketAddr) -> String {
    let headers = [
        ("cap_platform", "android"),
        ("cap_app_id", APP),
        ("cap_device_id", "5f0a1c2e7b1d4c55"),
        ("cap_version_build", "1.0.0"),
        ("cap_version_name", "builtin"),
        ("cap_plugin_version", "3.3.20"),
    ];
    let headers: String = headers.map(|(name, value)| format!(" -H '{name}: {value}'")).concat();
    format!("curl -s http://{server}/updates{headers}; echo")
}
