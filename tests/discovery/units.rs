//! Accounts below organizational units that config.toml skips.

use eksso_simulator::{Account, Cluster, World};

use crate::support::Desk;

const HOME: &str = "111111111111";

/// A management account where the person may audit, an account in a unit that is in the unit of what is suspended, and another one.
fn desk() -> Desk {
    let mut world = World::small();
    world.accounts = vec![
        Account::new(HOME, "Management", &["AdministratorAccess", "SecurityAudit"]),
        Account::new("222222222222", "Old", &["ReadOnlyAccess"]),
        Account::new("333333333333", "Production", &["ReadOnlyAccess"]),
    ];
    world.clusters = ["222222222222", "333333333333"]
        .map(|account| Cluster::new(account, "eu-west-1", &format!("web-{}", &account[..1]), &["ReadOnlyAccess"]))
        .to_vec();
    let organization = &mut world.access.organization;
    organization.units =
        vec![("ou-sim1-suspended".into(), "r-sim1".into()), ("ou-sim1-old".into(), "ou-sim1-suspended".into())];
    organization.placed = vec![("222222222222".into(), "ou-sim1-old".into())];
    Desk::signed_in_to(world)
}

fn configure(desk: &Desk, discovery: &str, access: &str) {
    let text = format!("{}\n[discovery]\n{discovery}\n[access]\n{access}\n", desk.config());
    desk.write(".config/eksso/config.toml", &text);
}

const SKIP: &str = "skip_ous = [\"ou-sim1-suspended\"]";

fn asked(desk: &Desk) -> usize {
    desk.simulator.count("organizations:ListAccountsForParent")
}

#[test]
fn accounts_below_a_skipped_unit_are_left_alone_unless_they_are_named_and_units_are_asked_for_once() {
    let desk = desk();
    configure(&desk, SKIP, &format!("identity_center_account = \"{HOME}\""));
    let found = desk.run(&["clusters"]).ok();
    assert!(found.out.contains("web-3") && !found.out.contains("web-2"), "{}", found.out);
    assert!(!found.err.contains("skip_ous"), "{}", found.err);
    assert_eq!(asked(&desk), 2, "the unit and the one in it");
    // What is known of the account from elsewhere stays out, too.
    let named = desk.run(&["clusters", "--account=222222222222"]).ok();
    assert!(named.out.contains("web-2"), "{}", named.out);
    let again = desk.run(&["clusters"]).ok();
    assert!(!again.out.contains("web-2") && again.out.contains("web-3"), "{}", again.out);
    assert_eq!(asked(&desk), 2);
    let roles = desk.run(&["roles", "-o", "name"]).ok();
    assert!(!roles.out.contains("222222222222") && !roles.out.contains("Old"), "{}", roles.out);
    let state = desk.simulator.state();
    let taken = state.requests.iter().filter(|call| call.operation == "GetRoleCredentials");
    let wide = taken.filter(|call| call.target.contains("AdministratorAccess")).count();
    assert_eq!(wide, 0, "no administrator's session is taken for this");
}

#[test]
fn where_the_units_cannot_be_read_no_account_is_left_out_and_that_is_said() {
    let desk = desk();
    configure(&desk, SKIP, "");
    let found = desk.run(&["clusters"]).ok();
    assert!(found.out.contains("web-2") && found.out.contains("web-3"), "{}", found.out);
    assert!(found.err.contains("none is left out: `identity_center_account` under [access]"), "{}", found.err);
    configure(&desk, SKIP, &format!("identity_center_account = \"{HOME}\""));
    desk.simulator.state().world.access.denied.push(("SecurityAudit".into(), "organizations:*".into()));
    let found = desk.run(&["clusters"]).ok();
    assert!(found.out.contains("web-2") && found.err.contains("none is left out: "), "{}{}", found.out, found.err);
    // A unit that is not there.
    desk.simulator.state().world.access.denied.clear();
    configure(&desk, "skip_ous = [\"ou-sim1-nowhere\"]", &format!("identity_center_account = \"{HOME}\""));
    let found = desk.run(&["clusters"]).ok();
    assert!(found.out.contains("web-2") && found.err.contains("ParentNotFoundException"), "{}", found.err);
    configure(&desk, "skip_ous = [\"Suspended\"]", "");
    desk.run(&["clusters"]).fails(2, &["`Suspended` is no organizational unit"]);
}
