//! Dry runs, `eksso undo`, and the copies it takes back from.

use std::path::PathBuf;

use super::desk::{ADD_ALL, current, desk_with_all};
use crate::support::Desk;

#[test]
fn every_change_can_be_tried_and_taken_back_byte_for_byte() {
    let desk = Desk::signed_in();
    let texts = |desk: &Desk| {
        desk.files().into_iter().filter(|(path, _)| path.ends_with(".kube/config")).map(|(_, text)| text).next()
    };
    let mut states = vec![texts(&desk)];
    let changes: [&[&str]; 6] = [
        &ADD_ALL,
        &["use", "Production/web:EKSAdmin"],
        &["ns", "team"],
        &["use", "--role", "EKSViewer", "-n", "x"],
        &["add", "--account=Production", "--role=EKSViewer", "--region=*", "--cluster=batch", "--use"],
        &["sync", "--unmapped", "--account=Staging", "--role=*"],
    ];
    for change in changes {
        let before = texts(&desk);
        let diff = desk.run(&[change, &["--dry-run"]].concat()).ok().out;
        assert_eq!(texts(&desk), before, "{change:?}");
        desk.run(change).ok();
        let after = texts(&desk);
        assert_eq!(diff.is_empty(), after == before, "{change:?}: {diff}");
        if after != before {
            assert!(diff.contains("\n@@ ") && diff.contains("\n+"), "{change:?}: {diff}");
            states.push(after);
        }
    }
    assert!(states.len() > 4);
    while states.len() > 1 {
        assert_eq!(texts(&desk), states.pop().expect("a state"));
        let shown = desk.run(&["undo"]).ok();
        assert!(shown.err.contains("@@ ") && shown.err.contains("Took back `"), "{}", shown.err);
        assert_eq!(texts(&desk), states[states.len() - 1], "{}", shown.err);
    }
    desk.run(&["undo"]).fails(5, &["there is no change of eksso to take back in "]);
}

#[test]
fn undo_is_taken_back_with_redo_until_something_new_is_done() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let after = desk.read(".kube/config");
    desk.run(&["undo", "--dry-run"]).ok();
    assert_eq!(desk.read(".kube/config"), after);
    desk.run(&["undo"]).ok();
    assert_ne!(desk.read(".kube/config"), after);
    desk.run(&["undo", "--redo"]).ok();
    assert_eq!(desk.read(".kube/config"), after);
    desk.run(&["undo", "--redo"]).fails(5, &["nothing has been taken back"]);
    desk.run(&["undo"]).ok();
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    desk.run(&["undo", "--redo"]).fails(5, &[]);
}

#[test]
fn undo_asks_a_person_and_respects_what_others_changed_since() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let text = desk.read(".kube/config") + "# a note of mine\n";
    desk.write(".kube/config", &text);
    desk.run(&["undo"]).fails(7, &["-# a note of mine", "another program has changed", "eksso undo --force"]);
    assert_eq!(desk.read(".kube/config"), text);
    desk.person().present = true;
    desk.person().answers = vec!["no".into()];
    desk.run(&["undo", "--force"]).fails(130, &["nothing was changed"]);
    desk.person().answers = vec!["y".into()];
    desk.run(&["undo", "--force"]).ok();
    assert!(!desk.read(".kube/config").contains("note of mine"));
    desk.run(&["undo", "--redo", "--yes"]).ok();
    assert_eq!(desk.read(".kube/config"), text, "with what others had changed");
}

#[test]
fn the_ring_keeps_the_last_twenty_and_private_copies() {
    let desk = desk_with_all();
    for turn in 0..15 {
        desk.run(&["use", "Production/web:EKSAdmin"]).ok();
        desk.run(&["ns", &format!("n{turn}")]).ok();
        desk.run(&["use", "Production/web:EKSViewer"]).ok();
    }
    let folder = desk.path(".local/state/eksso/kubeconfig-backups");
    assert_eq!(std::fs::read_dir(&folder).expect("the ring").count(), 20);
    for _ in 0..20 {
        desk.run(&["undo"]).ok();
    }
    desk.run(&["undo"]).fails(5, &[]);
}

#[cfg(unix)]
#[test]
fn a_backup_never_follows_the_file_that_others_write_in_place() {
    let desk = desk_with_all();
    let before = desk.read(".kube/config");
    // Another name of the same file, through which it could be changed.
    std::fs::hard_link(desk.path(".kube/config"), desk.path("other-name")).expect("a link");
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    desk.write("other-name", "rubbish");
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
}

/// The folders of the ring, oldest first.
fn ring(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.path(".local/state/eksso/kubeconfig-backups");
    let mut folders: Vec<_> =
        std::fs::read_dir(folder).expect("the ring").flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

/// An undo that is killed at its very end has put the file back and not noted it down.
#[test]
fn a_change_that_is_taken_back_already_does_not_come_again() {
    let desk = desk_with_all();
    let mut states = vec![desk.read(".kube/config")];
    for context in ["Production/web:EKSAdmin", "Staging/web:EKSAdmin", "Production/batch:EKSAdmin"] {
        desk.run(&["use", context]).ok();
        states.push(desk.read(".kube/config"));
    }
    desk.run(&["undo"]).ok();
    let record = ring(&desk).pop().expect("a change").join("change.json");
    let text = std::fs::read_to_string(&record).expect("a record");
    std::fs::write(&record, text.replace("\"undone\":true", "\"undone\":false")).expect("written");
    for state in [&states[1], &states[0]] {
        desk.run(&["undo"]).ok();
        assert_eq!(desk.read(".kube/config"), *state);
    }
    desk.run(&["undo", "--redo"]).ok();
    assert_eq!(desk.read(".kube/config"), states[1]);
}

/// Killed after its backup and before its write, a change leaves a backup that is the living file.
#[cfg(unix)]
#[test]
fn a_backup_that_is_the_living_file_is_no_change_to_take_back() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let good = desk.read(".kube/config");
    desk.run(&["use", "Staging/web:EKSAdmin"]).ok();
    desk.write(".kube/config", &(good.clone() + "# in place\n"));
    let backup = ring(&desk).pop().expect("a change").join("0.before");
    std::fs::remove_file(&backup).expect("removed");
    std::fs::hard_link(desk.path(".kube/config"), backup).expect("a link");
    desk.run(&["undo"]).fails(7, &["another program has changed the kubeconfig since", "-# in place"]);
    desk.write(".kube/config", &good);
    desk.run(&["undo"]).ok();
    assert!(!desk.read(".kube/config").contains("current-context"), "the change before that");
}

#[test]
fn a_backup_that_is_gone_or_damaged_is_told_and_the_kubeconfig_stays() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let text = desk.read(".kube/config");
    let backup = ring(&desk).pop().expect("a change").join("0.before");
    std::fs::write(&backup, "damaged").expect("written");
    desk.run(&["undo", "--force"]).fails(7, &["cannot be taken back", "0.before"]);
    std::fs::remove_file(&backup).expect("removed");
    desk.run(&["undo", "--force"]).fails(7, &["cannot be taken back"]);
    assert_eq!(desk.read(".kube/config"), text);
}

#[test]
fn what_others_changed_comes_back_from_a_forced_redo_too() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    desk.run(&["undo"]).ok();
    let foreign = desk.read(".kube/config") + "# theirs\n";
    desk.write(".kube/config", &foreign);
    desk.run(&["undo", "--redo"]).fails(7, &["eksso undo --redo --force"]);
    desk.run(&["undo", "--redo", "--force"]).ok();
    assert!(!desk.read(".kube/config").contains("theirs"));
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), foreign);
}

#[cfg(unix)]
#[test]
fn links_stay_and_what_is_no_file_is_not_replaced_by_one() {
    let desk = Desk::signed_in();
    std::fs::create_dir_all(desk.path(".kube")).expect("a folder");
    std::os::unix::fs::symlink("../real", desk.path(".kube/config")).expect("a link");
    desk.run(&ADD_ALL).ok();
    assert!(desk.path(".kube/config").is_symlink() && desk.path("real").is_file());
    desk.run(&["undo"]).ok();
    assert!(desk.path(".kube/config").is_symlink() && !desk.path("real").exists());
    desk.run(&["undo", "--redo"]).ok();
    assert!(desk.path(".kube/config").is_symlink() && desk.path("real").is_file());
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    desk.run(&["--kubeconfig", &pipe.display().to_string(), "use", "a"])
        .fails(7, &["is not a file that can be changed"]);
    assert!(!desk.path("pipe.lock").exists());
}

#[cfg(unix)]
#[test]
fn a_write_that_fails_loses_nothing_and_leaves_no_record() {
    let desk = desk_with_all();
    let before = desk.read(".kube/config");
    let ring = || std::fs::read_dir(desk.path(".local/state/eksso/kubeconfig-backups")).expect("the ring").count();
    let records = ring();
    let mut permissions = desk.path(".kube/config").metadata().expect("there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(desk.path(".kube/config"), permissions).expect("set");
    desk.run(&["use", "Production/web:EKSAdmin"]).fails(7, &["read-only; nothing was changed", "chmod u+w"]);
    assert_eq!((desk.read(".kube/config"), ring()), (before, records));
}

#[test]
fn undo_is_about_the_files_of_the_call() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let other = desk.write("other", "contexts:\n- name: a\n  context: {cluster: c, user: u}\n").display().to_string();
    desk.run(&["--kubeconfig", &other, "use", "a"]).ok();
    desk.run(&["undo"]).ok();
    assert_eq!((current(&desk).as_str(), desk.read("other").contains("current-context: a")), ("", true));
    desk.run(&["--kubeconfig", &other, "undo"]).ok();
    assert!(!desk.read("other").contains("current-context"));
}

#[test]
fn a_diff_shows_no_secret() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "users:\n- name: u\n  user:\n    token: s3cr3t-t0ken\ncurrent-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: u}\n- name: b\n  context: {cluster: c, user: u}\n");
    let shown = desk.run(&["use", "b", "--dry-run"]).ok();
    assert!(shown.out.contains("token: REDACTED") && !shown.out.contains("s3cr3t"), "{}", shown.out);
    desk.run(&["use", "b"]).ok();
    let shown = desk.run(&["undo"]).ok();
    assert!(!shown.err.contains("s3cr3t") && desk.read(".kube/config").contains("s3cr3t"), "{}", shown.err);
}
