//! The report for strangers: no secret, no name.

use eksso_simulator::World;

use crate::support::{Desk, both};

#[test]
fn a_report_holds_no_secret_and_no_name_and_says_what_the_rows_say() {
    for world in both() {
        let mut desk = Desk::healthy(world);
        let canaries = ["canaryNAMEspace", "canarykeyAKIA", "canary-proxy.example", "canary-passphrase"];
        desk.set("AWS_SECRET_ACCESS_KEY", canaries[1]).set("EKSSO_PASSPHRASE", canaries[3]);
        desk.run(&["use", desk.web(), "-n", "canary-namespace"]).ok();
        // Unmapped, mapped, out of reach, and signed out: each kind of row.
        let mut reports = String::new();
        for (number, context) in [desk.web(), "Production/batch:EKSViewer", "nope"].iter().enumerate() {
            let file = desk.path(&format!("report-{number}.json"));
            desk.run(&["doctor", context, "--bundle", &file.display().to_string()]);
            reports.push_str(&std::fs::read_to_string(&file).expect("a report"));
        }
        desk.run(&["logout"]).ok();
        let file = desk.path("report-3.json");
        desk.run(&["doctor", "--bundle", &file.display().to_string()]);
        reports.push_str(&std::fs::read_to_string(&file).expect("a report"));
        let mut hidden: Vec<String> = desk.simulator.state().secrets.clone();
        hidden.extend(canaries.map(str::to_owned));
        let home = desk.home.path().display().to_string();
        hidden.extend(
            ["111122223333", "444455556666", "jane", "EKSAdmin", "EKSViewer", "Production", "canary", "corp", &home]
                .map(str::to_owned),
        );
        for secret in &hidden {
            assert!(!reports.contains(secret.as_str()), "`{secret}` is in\n{reports}");
        }
        let first: serde_json::Value = serde_json::from_str(&desk.read("report-0.json")).expect("JSON");
        assert_eq!(first["eksso"], env!("CARGO_PKG_VERSION"));
        let checks = first["checks"].as_array().expect("rows");
        assert!(checks.iter().any(|row| row["check"] == "mapping" && row["status"] == "ok"), "{first}");
        assert!(reports.contains("account-1") && reports.contains("role-1") && reports.contains("cluster-1"));
    }
}

#[test]
fn a_report_is_the_persons_own_and_takes_no_other_files_place() {
    let desk = Desk::healthy(World::small());
    let file = desk.write("there.json", "precious");
    let asked = desk.simulator.total();
    desk.run(&["doctor", "--bundle", &file.display().to_string()]).fails(2, &["is there already"]);
    assert_eq!((desk.read("there.json").as_str(), desk.simulator.total()), ("precious", asked));
    let new = desk.path("new.json");
    desk.run(&["doctor", "--bundle", &new.display().to_string()]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&new).expect("a report").permissions().mode() & 0o777, 0o600);
    }
    assert!(new.exists());
}
