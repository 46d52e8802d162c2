//! Those who run already what a tag opens, as the text tells of them.

use snapbox::{assert_data_eq, str};

use super::{document, planned, release, rows, team};
use crate::world::{Team, World};

/// A team that has 1.5.0 open to a tenth, and a hotfix of it that is drawn alike and not open.
fn hotfix(world: &World) -> Team<'_> {
    let team = team(world);
    release(&team, "1.5.0", "");
    team.publish("Release 1.5.0");
    team.tag("production/1.5.0@10%", "HEAD");
    release(&team, "1.5.1", "rollout_as = \"1.5.0\"\n");
    team.publish("Release 1.5.1");
    team
}

#[test]
fn that_they_keep_it_goes_without_saying_for_all_of_them_or_for_none() {
    let world = World::new();
    let team = hotfix(&world);
    let asked = ["--tag", "production/1.5.1@5%"];
    let plan = document(&world, &team, &asked);
    let keeping = rows(&plan, "ios").into_iter().filter(|row| row["runs"] == "1.5.1");
    let keeping: Vec<_> = keeping.map(|row| (row["native"].clone(), row["percent"].clone())).collect();
    // by what they would have got: those of other native versions than all that get it are no others
    assert_eq!(keeping, [(">=1.0.0, <1.5.1".into(), 10.0.into()), (">=1.0.0, <1.4.2".into(), 90.0.into())]);
    assert_data_eq!(
        planned(&world, &team, &asked),
        str![[r#"
production/1.5.1@5% opens 1.5.1 to 5% of production

production of com.example.app, all platforms
  native >=1.0.0, <1.5.2  5% of the devices get 1.5.1 instead of 1.5.0; native 1.5.1 got nothing before (tag production/1.5.1@5%)

"#]]
    );
}

#[test]
fn where_nobody_else_gets_it_each_share_of_them_is_told_what_it_is_spared() {
    let world = World::new();
    let team = hotfix(&world);
    assert_data_eq!(
        planned(&world, &team, &["--tag", "production/1.5.1@0%"]),
        str![[r#"
production/1.5.1@0% lets nobody new in

production of com.example.app, all platforms
  native >=1.0.0, <1.5.1  10% of the devices that run 1.5.1 keep it instead of going to 1.5.0 (tag production/1.5.1@0%)
  native >=1.0.0, <1.4.2  90% of the devices that run 1.5.1 keep it instead of going to 1.4.1 (tag production/1.5.1@0%)

"#]]
    );
    // where others get it too, but not at all of these native versions, none of the shares is left out
    release(&team, "1.5.2", "rollout_as = \"1.5.0\"\nnative = \">=1.3\"\n");
    team.publish("Release 1.5.2");
    team.tag("production/1.5.2@5%", "HEAD");
    assert_data_eq!(
        planned(&world, &team, &["--tag", "production/1.5.1@5%"]),
        str![[r#"
production/1.5.1@5% opens 1.5.1 to 5% of production

production of com.example.app, all platforms
  native >=1.0.0, <1.3.0  5% of the devices get 1.5.1 instead of 1.5.0 (tag production/1.5.1@5%)
  native >=1.0.0, <1.3.0  10% of the devices that run 1.5.1 keep it instead of going to 1.5.0 (tag production/1.5.1@5%)
  native >=1.0.0, <1.4.2  90% of the devices that run 1.5.1 keep it instead of going to 1.4.1 (tag production/1.5.1@5%)
  native >=1.3.0, <1.5.1  5% of the devices that run 1.5.1 keep it instead of going to 1.5.0 (tag production/1.5.1@5%)

"#]]
    );
}
