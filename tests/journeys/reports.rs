//! What `pushlive check` prints of the slips that everyone makes once.

use snapbox::{assert_data_eq, str};

use crate::check::{APP, check, team_with_release};
use crate::world::{World, web_app, zip};

#[test]
fn mistakes_in_the_settings_are_shown_where_they_are() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write(
        "releases.toml",
        r#"[apps."com.example.app"]
defualt_channel = "production"

[apps.com.example.web]

[apps."com.example.two"]
[apps."com.example.two".channels.production]
rollout = ["10% for 1d", "100%"]
signed = true
[[apps."com.example.two".overrides]]
custom_id = "qa-1"
channel = "beta"
"#,
    );
    team.commit("Slips in the settings");
    assert_data_eq!(
        check(&world, team.folder()).stdout(),
        str![[r#"
error[unknown-key]: unknown key `defualt_channel` in an app's part
 --> releases.toml:2:1
  |
2 | defualt_channel = "production"
  | ^^^^^^^^^^^^^^^
  |
help: did you mean `default_channel`?

error[unquoted-app-id]: the app id `com.example.web` has no quotes, so
                        TOML takes each part of it for a table
 --> releases.toml:4:7
  |
4 | [apps.com.example.web]
  |       ^^^^^^^^^^^^^^^
  |
help: put it in quotes, here and in every table below it:
      `[apps."com.example.web"]`

error[unknown-key]: unknown key `rollout` in a channel
 --> releases.toml:8:1
  |
8 | rollout = ["10% for 1d", "100%"]
  | ^^^^^^^
  |
help: `rollout` belongs in release.toml, above all tables

error[not-available-yet]: `signed = true` is not available yet, and
                          without it releases would open that nobody
                          signed
 --> releases.toml:9:1
  |
9 | signed = true
  | ^^^^^^
  |
help: remove it, or make it a comment, until pushlive can do it

error[unknown-channel]: the app has no channel `beta`
  --> releases.toml:12:11
   |
12 | channel = "beta"
   |           ^^^^^^
   |
help: add it to `channels`, or name one of `production`

warning[app-frozen]: com.example.app is served as of commit [..],
                     the newest where its part of releases.toml is
                     valid; its later releases are not read
 --> releases.toml:1:7
  |
1 | [apps."com.example.app"]
  |       ^^^^^^^^^^^^^^^^^
  |
help: mend the errors in its part of releases.toml

warning[app-frozen]: com.example.web is not served: its part of
                     releases.toml was never valid since it was added
 --> releases.toml:4:7
  |
4 | [apps.com.example.web]
  |       ^^^^^^^^^^^^^^^
  |
help: mend the errors in its part of releases.toml

warning[app-frozen]: com.example.two is not served: its part of
                     releases.toml was never valid since it was added
 --> releases.toml:6:7
  |
6 | [apps."com.example.two"]
  |       ^^^^^^^^^^^^^^^^^
  |
help: mend the errors in its part of releases.toml

[..]: 5 errors, 3 warnings

"#]]
    );
}

#[test]
fn mistakes_in_releases_are_shown_where_they_are() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write(&format!("{APP}/1.0.0/bundle.zip"), web_app("other bytes"));
    team.write(&format!("{APP}/1.0.1/bundle.zip"), zip([("dist/main.html", &b"<p>hello"[..])]));
    team.write(
        &format!("{APP}/1.0.2/bundle.zip"),
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
    );
    team.add_release(APP, "v1.2.3");
    team.add_release("com.example.web", "1.0.0");
    team.add_release(APP, "1.0.3");
    team.write(
        &format!("{APP}/1.0.3/release.toml"),
        "channels = [\"beta\"]\nrollout = [\"10% for 1x\", \"100%\"]\nyankd = true\n",
    );
    team.write(&format!("{APP}/1.0.4/release.toml"), "comment = \"no zip\"\n");
    team.commit("Slips in releases");
    assert_data_eq!(
        check(&world, team.folder()).stdout(),
        str![[r#"
error[bundle-changed]: this is not the bundle that 1.0.0 had first;
                       devices keep bundles by version, so ios, android,
                       electron go on getting the first
--> com.example.app/1.0.0/bundle.zip
 |
help: `git checkout [..] -- com.example.app/1.0.0/bundle.zip`
      brings the first bundle back; give the new bundle a version of its
      own

error[index-missing]: there is no `index.html` in the zip; without it
                      clients download the bundle, never apply it, and
                      never ask for that version again
--> com.example.app/1.0.1/bundle.zip
 |
help: zip what is in the folder that holds `index.html`, not the folder
      itself: `cd dist && zip -r ../bundle.zip .`; until then 1.0.1 is
      left out

error[lfs-pointer]: `bundle.zip` is a Git LFS pointer, and bundles in
                    Git LFS are not available yet
--> com.example.app/1.0.2/bundle.zip
 |
help: commit the zip itself: take its pattern out of .gitattributes
      (`git lfs untrack '*.zip'`), then `git add --renormalize .`, and
      commit; until then 1.0.2 is left out

error[bad-rollout]: `10% for 1x` is no step: `1x` is no length of time
 --> com.example.app/1.0.3/release.toml:2:21
  |
2 | rollout = ["10% for 1x", "100%"]
  |                     ^^
  |
help: write a whole number and `m`, `h`, `d` or `w`: `90m`, `2h`, `1d`,
      `1w`; until then 1.0.3 is left out

error[unknown-key]: unknown key `yankd` in release.toml
 --> com.example.app/1.0.3/release.toml:3:1
  |
3 | yankd = true
  | ^^^^^
  |
help: did you mean `yanked`?

error[no-bundle]: the directory holds no `bundle.zip`, nor one for a
                  platform, so there is nothing to install
--> com.example.app/1.0.4
 |
help: add the zip of the built web app as `bundle.zip`; until then 1.0.4
      is left out

error[not-a-version]: `v1.2.3` is no version, so what it holds is never
                      released
--> com.example.app/v1.2.3
 |
help: rename it: `git mv com.example.app/v1.2.3 com.example.app/1.2.3`

warning[unnamed-app]: `com.example.web` looks like an app, but
                      releases.toml does not name it, so nothing of it
                      is served
--> com.example.web
 |
help: add `[apps."com.example.web"]` to releases.toml, or move the
      directory elsewhere

[..]: 7 errors, 1 warning

"#]]
    );
}
