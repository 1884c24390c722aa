//! The Secret Service (GNOME Keyring on a session bus): there, locked, absent, hanging.

use std::time::{Duration, Instant};

use super::parts::{on_a_bus, said};
use crate::support::Desk;
use eksso_simulator::World;

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus, libsecret-tools)"]
fn the_secret_service_keeps_the_tokens_with_their_key_and_nothing_else() {
    let desk = Desk::configured(World::small());
    let output = on_a_bus(
        &desk,
        true,
        "eksso login && eksso add --cluster=batch --role=EKSAdmin && \
         eksso token --cluster=batch --region=us-east-1 --account=111122223333 --role=EKSAdmin >/dev/null && eksso status -o json && \
         secret-tool lookup service eksso username session/corp | head -c 12 && ! secret-tool lookup service eksso username probe && \
         eksso logout && ! secret-tool lookup service eksso username session/corp && echo GONE",
    );
    let said = said(&output);
    assert!(output.status.success() && said.contains("GONE"), "{said}");
    assert!(said.contains("\"keyring\": \"secret-service\"") && said.contains("{\"version\":2"), "{said}");
    assert!(!desk.path(".local/state/eksso/secrets").exists(), "no secret in files");
}

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus)"]
fn a_locked_keyring_an_absent_one_and_a_hanging_one_are_told_apart() {
    let desk = Desk::configured(World::small());
    let lock = "gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets --method org.freedesktop.Secret.Service.Lock \"['/org/freedesktop/secrets/collection/login']\" >/dev/null; ";
    let start = Instant::now();
    let locked = on_a_bus(&desk, true, &format!("eksso login -q && {lock} eksso roles; echo CODE $?"));
    assert!(said(&locked).contains("is locked") && said(&locked).contains("CODE 7"), "{}", said(&locked));
    let named = on_a_bus(&desk, false, "EKSSO_KEYRING=secret-service eksso roles; echo CODE $?");
    assert!(said(&named).contains("the Secret Service keyring is not here"), "{}", said(&named));
    let deaf = "/usr/bin/python3 -c 'import dbus,time; b=dbus.SessionBus(); b.request_name(\"org.freedesktop.secrets\"); time.sleep(60)' & \
                gdbus wait --session --timeout 5 org.freedesktop.secrets; eksso roles; echo CODE $?; kill %1";
    let hanging = on_a_bus(&desk, false, deaf);
    assert!(
        said(&hanging).contains("did not answer within 5 s") && said(&hanging).contains("CODE 7"),
        "{}",
        said(&hanging)
    );
    assert!(start.elapsed() < Duration::from_secs(120));
}

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus), kernel keyring (keyutils)"]
fn a_secret_service_that_stores_nothing_is_passed_over_before_anybody_approves() {
    let desk = Desk::configured(World::small());
    let session = format!("bare-{}", std::process::id());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    // Over SSH nobody unlocked it: there is no collection to store in.
    let start = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1; gdbus wait --session --timeout 5 org.freedesktop.secrets; ";
    let script = format!("{start}eksso login; eksso status -o json; eksso logout; echo CODE $?");
    let output = on_a_bus(&desk, false, &script);
    let said = said(&output);
    assert!(said.contains("Using the `keyutils` keyring: the Secret Service keyring"), "{said}");
    assert!(said.contains("\"keyring\": \"keyutils\"") && said.contains("CODE 0"), "{said}");
    let named = on_a_bus(&desk, false, &format!("{start}EKSSO_KEYRING=secret-service eksso login; echo CODE $?"));
    assert!(crate::real::parts::said(&named).contains("CODE 7"), "a keyring that was named is never passed over");
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 1);
}

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus), kernel keyring (keyutils)"]
fn where_the_keyring_of_the_newest_sign_in_is_away_nobody_elses_older_one_serves() {
    let desk = Desk::configured(World::small());
    // One person signs in over SSH, another one at the desktop, and then eksso is used over SSH again.
    let script = "EKSSO_KEYRING=keyutils eksso login -q && EKSSO_KEYRING=secret-service eksso login -q --force && eksso roles -q >/dev/null && echo HERE; \
        unset DBUS_SESSION_BUS_ADDRESS; rm -f $XDG_RUNTIME_DIR/bus; \
        eksso roles; echo CODE $?; eksso status -o json; eksso login; eksso status -o json; eksso roles -q >/dev/null && echo AGAIN; \
        eksso logout; echo OUT $?";
    let said = said(&on_a_bus(&desk, true, script));
    for words in ["HERE", "CODE 3", "the last sign-in is kept in a keyring that cannot be opened here", "AGAIN"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (away, again) = said.split_once("\"signed_in\": true").unwrap_or_else(|| panic!("{said}"));
    assert!(away.contains("\"signed_in\": false") && again.contains("\"keyring\": \"keyutils\""), "{said}");
    // The sign-in at the desktop lives on, and that is said.
    assert!(said.contains("one step of signing out was not possible") && said.contains("OUT 1"), "{said}");
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 3);
}
