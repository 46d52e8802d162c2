//! What an app or a channel may be called: both stand in paths, in tags and in URLs.

use std::ops::Range;

use super::faults::{Faults, quoted};

/// Notes a name that an app or a channel cannot have; `kind` is "app id" or "channel name".
pub(super) fn check(kind: &str, name: &str, span: &Range<usize>, faults: &mut Faults<'_>) {
    if let Some(why) = fault(name) {
        let message = format!("{} cannot be {} {kind}: {why}", quoted(name), article(kind));
        faults.error("bad-name", span.clone(), message, "use ASCII letters, digits, `.`, `_` and `-`");
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with('a') { "an" } else { "a" }
}

fn fault(name: &str) -> Option<String> {
    let odd = |c: &char| !(c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(c));
    if name.is_empty() {
        return Some("it is empty".into());
    }
    if let Some(c) = name.chars().find(odd) {
        return Some(format!("it holds {}, which a tag, a path or a URL may not", quoted(&c.to_string())));
    }
    let shape = match name {
        "builtin" => "that means the bundle that came with the app",
        _ if name.starts_with('.') || name.ends_with('.') => "a dot stands first or last, which no tag may have",
        _ if name.contains("..") => "two dots stand together, which no tag may have",
        _ if name.ends_with(".lock") => "it ends with `.lock`, which no tag may",
        _ => return None,
    };
    Some(shape.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_a_tag_and_a_url_can_hold() {
        for name in ["com.example.app", "beta", "A_1-b", "-", "lock", "a.lock.b", "Builtin"] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for name in ["", ".a", "a.", "a..b", "a.lock", "builtin", "a b", "a/b", "a@b", "\u{e4}", "a\n"] {
            assert!(fault(name).is_some(), "{name}");
        }
    }
}
