//! Words as a POSIX shell reads them, for commands that people copy and for hooks.

use std::borrow::Cow;

/// The text as one word of a shell: quoted where it has to be.
pub fn quote(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for text in ["plain", "/srv/app.git", "two words", "it's", "$HOME `x` \"y\" \\", "", "~", "*", "a\nb", "é"] {
            let script = format!("printf %s {}", quote(text));
            let shell = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
            assert_eq!(String::from_utf8(shell.stdout).unwrap(), text);
        }
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        assert_eq!(quote("/srv/app.git"), "/srv/app.git");
    }
}
