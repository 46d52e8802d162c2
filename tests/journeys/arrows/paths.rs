//! The paths in a source file that begin at the crate, wherever they are written: in nested groups and by `super`, too.

/// The path of each, from the root of the crate on. `module` is that of the file.
pub fn paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let mut module = module.to_vec();
    // the braces that are open, and whether a module ends with them
    let mut braces = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "{" => {
                let name = |back: usize| at.checked_sub(back).map(|at| tokens[at].as_str());
                let is_module = name(2) == Some("mod");
                module.extend(name(1).filter(|_| is_module).map(str::to_owned));
                braces.push(is_module);
            }
            "}" if braces.pop() == Some(true) => drop(module.pop()),
            "crate" | "super" | "self" if at == 0 || tokens[at - 1] != "::" => {
                at = tree(&tokens, at, &module, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads a path, or a group of them, that follows a prefix. The place behind it.
fn tree(tokens: &[String], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("crate") => path.clear(),
            Some("super") => drop(path.pop()),
            Some("self") => {}
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    let end = tree(tokens, at, &path, found);
                    // a name that is given to it, and the comma
                    at = (end..tokens.len()).find(|at| [",", "}"].contains(&tokens[*at].as_str())).unwrap_or(end);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            Some(name) => path.push(name.to_owned()),
            None => return at,
        }
        at += 1;
        let goes_on = |token: &String| token == "{" || token == "*" || is_name(token);
        if tokens.get(at).is_none_or(|token| token != "::") || !tokens.get(at + 1).is_some_and(goes_on) {
            found.push(path);
            return at;
        }
        at += 1;
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single signs, without comments and texts.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut is_in_name = false;
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let skipped = if is_in_name && is_of_name(sign) { 0 } else { length_of_no_code(rest) };
        if skipped > 0 {
            rest = &rest[skipped..];
            continue;
        }
        let is_of_name = is_of_name(sign);
        match tokens.last_mut() {
            Some(name) if is_of_name && is_in_name => name.push(sign),
            Some(colon) if sign == ':' && colon == ":" => colon.push(':'),
            _ if sign.is_whitespace() => {}
            _ => tokens.push(sign.to_string()),
        }
        is_in_name = is_of_name;
        rest = &rest[sign.len_utf8()..];
    }
    tokens
}

fn is_of_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// The bytes of the comment, the text or the character that begins here; none where it is code.
fn length_of_no_code(rest: &str) -> usize {
    let to_end_of = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    let raw = rest.strip_prefix("br").or(rest.strip_prefix('r')).map(|raw| raw.trim_start_matches('#'));
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if let Some(text) = raw.filter(|text| text.starts_with('"')) {
        let begin = rest.len() - text.len();
        let hashes = rest[..begin].trim_start_matches(['b', 'r']);
        return to_end_of(&format!("\"{hashes}"), begin + 1);
    }
    let mut signs = rest.char_indices().skip(1);
    match rest.chars().next() {
        Some('"') => {
            while let Some((at, sign)) = signs.next() {
                match sign {
                    '\\' => drop(signs.next()),
                    '"' => return at + 1,
                    _ => {}
                }
            }
            rest.len()
        }
        // a lifetime is code
        Some('\'') => match (signs.next(), signs.next()) {
            (Some((_, '\\')), _) => to_end_of("'", 3),
            (_, Some((at, '\''))) => at + 1,
            _ => 0,
        },
        _ => 0,
    }
}

#[test]
fn groups_in_groups_and_paths_by_super_are_found() {
    let text = "
        mod braces { fn open() -> &'static str { \"{\" } }
        use crate::{a::{x, y as z}, b, self};
        use super::{c, super::d::{self, e}};
        // crate::none
        const NO_CODE: [&str; 4] = [\"https://{ \\\" crate::none\", r#\"{ \" crate::none\"#, '{', b'\\''];
        fn f<'a>() -> crate::g::Of<T> { super::super::h::<T>() }
        mod tests { use super::super::i; use crate::j::*; }
        fn g() { self::k::l(); other::crate_like(); super::super::super::m() }
    ";
    let module = ["room", "part", "file"].map(str::to_owned);
    let found: Vec<String> = paths(text, &module).iter().map(|path| path.join("::")).collect();
    let expected = [
        "a::x",
        "a::y",
        "b",
        "",
        "room::part::c",
        "room::d",
        "room::d::e",
        "g::Of",
        "room::h",
        "room::part::i",
        "j::*",
        "room::part::file::k::l",
        "m",
    ];
    assert_eq!(found, expected);
}
