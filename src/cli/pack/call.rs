//! Whether code calls `notifyAppReady`, or takes it to call it. The plugin is bundled into most web apps and brings the
//! name along in the method that it defines, which calls nothing.

/// What the web app calls to say that it runs. It is a property of the plugin, so that no minifier gives it another name.
const NAME: &[u8] = b"notifyAppReady";

/// Looks for a call in a file of that name.
pub fn is_in(name: &str, content: &[u8]) -> bool {
    match ending(name).as_str() {
        "js" | "mjs" | "cjs" => has_call(content),
        "html" | "htm" => has_call(&without_comments(content)),
        _ => false,
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn has_call(code: &[u8]) -> bool {
    let found = code.windows(NAME.len()).enumerate().filter(|(_, bytes)| *bytes == NAME);
    let mut around = found.filter_map(|(at, _)| Some((code.get(..at)?, code.get(at + NAME.len()..)?)));
    around.any(|(before, after)| uses(before, after) && !is_comment(before, after))
}

/// Whether that stands in a comment. What minifiers leave is one long line without any, and may have what looks like one in a
/// text: `"image/*"`, `"//example.com"`.
fn is_comment(before: &[u8], after: &[u8]) -> bool {
    /// No line that people write is longer.
    const LONGEST: usize = 1000;
    let begins = |code: &[u8], mark: &[u8]| {
        let is_mark = |(at, bytes): (usize, &[u8])| bytes == mark && code.get(..at).is_some_and(is_between);
        code.windows(mark.len()).enumerate().rev().find(|found| is_mark(*found)).map(|(at, _)| at)
    };
    let ends = |code: &[u8]| code.windows(2).rposition(|bytes| bytes == b"*/");
    let line = before.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    if line.len() <= LONGEST && begins(line, b"//").is_some() {
        return true;
    }
    let is_open = begins(before, b"/*").is_some_and(|begin| ends(before).is_none_or(|end| end < begin));
    is_open && ends(after).is_some()
}

/// Whether something new may begin behind that.
fn is_between(before: &[u8]) -> bool {
    before.last().is_none_or(|byte| byte.is_ascii_whitespace() || b";,(){}>".contains(byte))
}

fn uses(before: &[u8], after: &[u8]) -> bool {
    match before.last() {
        Some(b'.') => !is_assigned(after),
        Some(quote @ (b'"' | b'\'' | b'`')) => {
            let in_brackets = before.trim_ascii_end().get(..before.len() - 1).unwrap_or_default();
            let (Some(open), Some((end, after))) = (in_brackets.trim_ascii_end().last(), after.split_first()) else {
                return false;
            };
            if *open != b'[' {
                return end == quote && is_of_plugin(in_brackets);
            }
            let after = after.trim_ascii_start().strip_prefix(b"]");
            end == quote && after.is_some_and(|after| !is_assigned(after))
        }
        _ => is_taken_out(before, after),
    }
}

/// As in `nativePromise("CapacitorUpdater", "notifyAppReady", {})`.
fn is_of_plugin(before: &[u8]) -> bool {
    let name = before.trim_ascii_end().strip_suffix(b",").map(<[u8]>::trim_ascii_end);
    let name = name.and_then(|name| name.split_last()).filter(|(quote, _)| b"\"'`".contains(quote));
    name.is_some_and(|(quote, name)| {
        name.strip_suffix(b"CapacitorUpdater").is_some_and(|before| before.last() == Some(quote))
    })
}

/// As in `plugin.prototype.notifyAppReady = function`.
fn is_assigned(after: &[u8]) -> bool {
    matches!(after.trim_ascii_start(), [b'=', next, ..] if *next != b'=')
}

/// As in `const { notifyAppReady, set: s } = plugin`, or with another name: `{ notifyAppReady: n }`.
fn is_taken_out(before: &[u8], after: &[u8]) -> bool {
    let ends = |rest: &[u8]| matches!(rest.trim_ascii_start().first(), Some(b',' | b'}'));
    if !matches!(before.trim_ascii_end().last(), Some(b'{' | b',')) {
        return false;
    }
    let renamed = after.trim_ascii_start().strip_prefix(b":").map(|rest| {
        let rest = rest.trim_ascii_start();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_$".contains(byte)).count();
        rest.get(length..).unwrap_or_default()
    });
    ends(after) || renamed.is_some_and(ends)
}

fn without_comments(html: &[u8]) -> Vec<u8> {
    const BEGIN: &[u8] = b"<!--";
    const END: &[u8] = b"-->";
    let mut kept = Vec::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.windows(BEGIN.len()).position(|bytes| bytes == BEGIN) {
        kept.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + BEGIN.len()..).unwrap_or_default();
        let end = rest.windows(END.len()).position(|bytes| bytes == END);
        rest = end.and_then(|at| rest.get(at + END.len()..)).unwrap_or_default();
    }
    kept.extend_from_slice(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_in_each_way_that_people_and_minifiers_write_it() {
        for code in [
            "CapacitorUpdater.notifyAppReady()",
            "e?.notifyAppReady().then(t)",
            "CapacitorUpdater\n  .notifyAppReady ()",
            "u[\"notifyAppReady\"]()",
            "u[ 'notifyAppReady' ] ()",
            "const{notifyAppReady:a}=x",
            "const { set, notifyAppReady } = CapacitorUpdater; notifyAppReady()",
            "x.notifyAppReady==y",
            "Capacitor.nativePromise(\"CapacitorUpdater\", 'notifyAppReady', {})",
            "a='https://example.com';x.notifyAppReady()",
            "a=\"//example.com\";x.notifyAppReady()",
            "a(\"image/*\");b(\"text/plain, */*\");x.notifyAppReady();c(\"video/*\")",
            "/* ready */ x.notifyAppReady() /* it is */",
            "// ready\nx.notifyAppReady()",
        ] {
            assert!(is_in("a.js", code.as_bytes()) && is_in("b/A.MJS", code.as_bytes()), "{code}");
            assert!(is_in("index.html", format!("<!-- x --><script>{code}</script>").as_bytes()), "{code}");
            assert!(!is_in("a.map", code.as_bytes()) && !is_in("notes.txt", code.as_bytes()), "{code}");
            assert!(!is_in("index.html", format!("<p><!-- {code} -->").as_bytes()), "{code}");
        }
    }

    #[test]
    fn what_is_commented_out_is_no_call() {
        for code in [
            "// CapacitorUpdater.notifyAppReady()",
            "start(); // TODO CapacitorUpdater.notifyAppReady()",
            "/* CapacitorUpdater.notifyAppReady() */",
            "/**\n * Later: `CapacitorUpdater.notifyAppReady()`.\n */\nstart()",
        ] {
            assert!(!is_in("a.js", code.as_bytes()), "{code}");
            assert!(!is_in("index.html", format!("<script>{code}</script>").as_bytes()), "{code}");
        }
    }

    #[test]
    fn what_the_plugin_brings_along_is_no_call() {
        let published = "\
export class CapacitorUpdaterWeb extends WebPlugin {
    async download(options) {
        console.warn('Cannot download version in web', options);
        return BUNDLE_BUILTIN;
    }
    async notifyAppReady() {
        console.warn('Cannot notify App Ready in web');
        return { bundle: BUNDLE_BUILTIN };
    }
}
";
        for code in [
            published,
            "class a extends b{async set(){},async notifyAppReady(){return{}}}",
            "{key:\"notifyAppReady\",value:function(){}}",
            "t.prototype.notifyAppReady=function(){}",
            "t.prototype['notifyAppReady'] = function(){}",
            "x={notifyAppReady:function(){},set:1}",
            "x={notifyAppReady:()=>1}",
            "f(\"Other\",\"notifyAppReady\")",
            "notifyAppRead()",
            "",
        ] {
            assert!(!is_in("a.js", code.as_bytes()), "{code}");
        }
    }
}
