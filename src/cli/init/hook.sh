#!/bin/sh
# pushlive-hook: written by `pushlive init`, which renews it.
# Commands of your own go into @HOOK@.team beside this file: it is called first, and what it refuses is refused.
installed=@BINARY@

updates=$(cat)
give() {
    test -z "$updates" || printf '%s\n' "$updates"
}

team=$(dirname -- "$0")/@HOOK@.team
if test -x "$team"; then
    give | "$team" "$@" || exit
fi

if test -x "${PUSHLIVE_BIN:-}"; then
    pushlive=$PUSHLIVE_BIN
elif test -x "$installed"; then
    pushlive=$installed
elif ! pushlive=$(command -v pushlive); then
    echo "pushlive is neither at PUSHLIVE_BIN, nor at $installed, nor on the PATH: this push is not looked at." >&2
    exit 0
fi

give | "$pushlive" hook @HOOK@
code=$?
case $code in
    0 | 1) exit $code ;;
esac
echo "$pushlive hook @HOOK@ ended with code $code: this push is not looked at." >&2
exit 0
