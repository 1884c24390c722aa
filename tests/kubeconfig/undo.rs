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
        &["ns", "team", "--force"],
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
        desk.run(&["ns", &format!("n{turn}"), "--force"]).ok();
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
    desk.run(&["undo"]).fails(7, &["another program has changed the kubeconfig since"]);
    desk.run(&["undo", "--force"]).ok();
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

#[cfg(unix)]
#[test]
fn what_a_killed_process_left_as_one_file_with_its_backup_is_two_again_before_anything_is_written() {
    use std::os::unix::fs::MetadataExt;
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    // Killed between keeping the file and replacing it.
    let config = desk.path(".kube/config");
    let left = desk.path(".local/state/eksso/kubeconfig-backups/00000099/0.before");
    std::fs::create_dir_all(left.parent().expect("a folder")).expect("a folder");
    std::fs::hard_link(&config, &left).expect("a link");
    let before = desk.read(".kube/config");
    let inode = || std::fs::metadata(&config).expect("there").ino();
    let (links, was) = (|| std::fs::metadata(&config).expect("there").nlink(), inode());
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    assert_eq!((links(), inode() == was), (1, false), "replaced as a whole");
    desk.run(&["undo", "--yes"]).ok();
    assert_eq!(desk.read(".kube/config"), before);
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
    let shown = desk.run(&["undo", "--redo", "--dry-run"]).fails(7, &["eksso undo --redo --force"]);
    assert!(shown.out.contains("-# theirs"), "{}", shown.out);
    desk.run(&["undo", "--redo", "--force", "--dry-run"]).ok();
    assert_eq!(desk.read(".kube/config"), foreign, "a dry run changes nothing");
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

/// `KUBECONFIG=<(…)` comes once, however often a command looks into it.
#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_serves_the_whole_command() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let (text, to) = (desk.read(".kube/config"), pipe.clone());
    let writer = std::thread::spawn(move || std::fs::write(to, text));
    let pipe = pipe.to_str().expect("a path");
    for args in [&["use", "-c"][..], &["env"], &["status"], &["whoami"]] {
        let said = desk.run(&[&["--kubeconfig", pipe], args].concat()).ok();
        assert!(format!("{}{}", said.out, said.err).contains("EKSAdmin"), "{args:?}: {}{}", said.out, said.err);
    }
    writer.join().expect("joined").expect("written");
}

/// What is no history costs the way back by `-`, and no more.
#[cfg(unix)]
#[test]
fn what_stands_in_the_place_of_the_history_stops_no_switch() {
    for pipe in [false, true] {
        let desk = Desk::new();
        desk.write(".kube/config", "contexts:\n- name: a\n  context: {}\n- name: b\n  context: {}\n");
        desk.run(&["use", "a"]).ok();
        desk.run(&["use", "b"]).ok();
        let folder = desk.path(".local/state/eksso/previous-contexts");
        let file = std::fs::read_dir(folder).expect("the folder").next().expect("a file").expect("an entry").path();
        std::fs::remove_file(&file).expect("removed");
        match pipe {
            true => assert!(std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo").success()),
            false => std::fs::create_dir(&file).expect("a folder"),
        }
        desk.run(&["use", "a"]).ok();
        assert_eq!(desk.run(&["use", "-c"]).ok().out, "a\n");
        desk.run(&["rename", "b", "c"]).ok();
        desk.run(&["use", "c"]).ok();
    }
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

/// How a file of several names, or one on which another is mounted, is written: in place, and all else as ever.
#[cfg(unix)]
#[test]
fn a_file_with_several_names_keeps_them_all_and_every_change_can_be_taken_back() {
    use std::os::unix::fs::MetadataExt;
    let desk = desk_with_all();
    std::fs::hard_link(desk.path(".kube/config"), desk.path("other-name")).expect("a link");
    let inode = desk.path("other-name").metadata().expect("there").ino();
    let mut states = vec![desk.read(".kube/config")];
    for args in [&["use", "Production/web:EKSAdmin"][..], &["ns", "team", "--force"], &["use", "Staging/web:EKSAdmin"]]
    {
        desk.run(args).ok();
        states.push(desk.read(".kube/config"));
        assert_eq!(desk.read("other-name"), *states.last().expect("a state"), "{args:?}");
    }
    states.pop();
    while let Some(state) = states.pop() {
        desk.run(&["undo"]).ok();
        assert_eq!((desk.read(".kube/config"), desk.read("other-name")), (state.clone(), state));
    }
    desk.run(&["undo", "--redo"]).ok();
    assert_eq!(desk.path(".kube/config").metadata().expect("there").ino(), inode);
    assert_eq!(desk.path("other-name").metadata().expect("there").nlink(), 2);
    let left = std::fs::read_dir(desk.path(".local/state/eksso/kubeconfig-writing")).expect("the folder").count();
    assert_eq!(left, 0, "markers");
}

/// Killed in the middle of a write in place, at any byte: the next call, whatever it is, puts the old text back.
#[cfg(unix)]
#[test]
fn a_write_in_place_that_was_cut_off_is_put_back_by_the_next_call() {
    let desk = desk_with_all();
    let old = desk.read(".kube/config");
    std::fs::hard_link(desk.path(".kube/config"), desk.path("other-name")).expect("a link");
    // A marker of a real write, held back: the folder of its texts is what a crash leaves.
    let new = old.replace("contexts:", "# a line that is new and moves all that follows\ncontexts:");
    let marker = eksso::domain::text::digest(&desk.path(".kube/config").display().to_string());
    let folder = desk.path(".local/state/eksso/kubeconfig-writing");
    for (cut, next) in [
        (0, &["use", "-o", "name"][..]),
        (1, &["use", "-o", "name"]),
        (700, &["use", "-o", "name"]),
        (new.len() - 1, &["use", "-o", "name"]),
        (1500, &["exec", "Production/web:EKSAdmin", "--", "true"]),
        (1500, &["status"]),
    ] {
        desk.write(".local/state/eksso/kubeconfig-writing/old", &old);
        let kept = format!(
            "{{\"path\":{:?},\"old\":{:?},\"new\":{:?}}}",
            desk.path(".kube/config"),
            folder.join("old"),
            folder.join(format!("{marker}.new"))
        );
        std::fs::write(folder.join(format!("{marker}.new")), &new).expect("written");
        std::fs::write(folder.join(&marker), kept).expect("written");
        let mut torn = new.as_bytes()[..cut].to_vec();
        torn.extend_from_slice(&old.as_bytes()[cut.min(old.len())..]);
        std::fs::write(desk.path(".kube/config"), torn).expect("torn");
        desk.run(next).ok();
        assert_eq!(desk.read("other-name"), old, "{cut} {next:?}");
        assert!(!folder.join(&marker).exists());
    }
    // What somebody wrote since is theirs.
    std::fs::write(folder.join(format!("{marker}.new")), &new).expect("written");
    let kept = format!(
        "{{\"path\":{:?},\"old\":{:?},\"new\":{:?}}}",
        desk.path(".kube/config"),
        folder.join("old"),
        folder.join(format!("{marker}.new"))
    );
    std::fs::write(folder.join(&marker), kept).expect("written");
    desk.write(".kube/config", "contexts:\n- name: theirs\n  context: {}\n");
    assert_eq!(desk.run(&["use", "-o", "name"]).ok().out, "theirs\n");
}

#[cfg(target_os = "linux")]
#[test]
fn attributes_and_the_acl_of_a_file_survive_and_those_of_its_folder_do_not_come() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let desk = desk_with_all();
    let path = desk.path(".kube/config");
    let get = |name: &str| {
        let mut value = vec![0; 4096];
        getxattr(&path, name, &mut value[..]).ok().map(|length| value[..length].to_vec())
    };
    // u::rw-,u:1234:r--,g::---,m::r--,o::---, as the kernel keeps it: version 2, then tag, permissions, id.
    let entry = |tag: u16, permissions: u16, id: u32| {
        [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    let none = u32::MAX;
    let acl = |named: u32| {
        let entries =
            [entry(1, 6, none), entry(2, 4, named), entry(4, 0, none), entry(16, 4, none), entry(32, 0, none)];
        [2u32.to_le_bytes().to_vec(), entries.concat()].concat()
    };
    setxattr(&path, "user.note", b"mine", XattrFlags::empty()).expect("attributes");
    setxattr(&path, "system.posix_acl_access", &acl(1234), XattrFlags::empty()).expect("ACLs");
    setxattr(desk.path(".kube"), "system.posix_acl_default", &acl(4321), XattrFlags::empty()).expect("ACLs");
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert_eq!(get("user.note"), Some(b"mine".to_vec()));
    assert_eq!(get("system.posix_acl_access"), Some(acl(1234)));
    desk.run(&["undo"]).ok();
    assert_eq!(get("system.posix_acl_access"), Some(acl(1234)));
    // A file without an ACL gets none from its folder.
    rustix::fs::removexattr(&path, "system.posix_acl_access").expect("removed");
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert_eq!(get("system.posix_acl_access"), None);
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("there").permissions());
    assert_eq!(mode & 0o077, 0o040 & mode, "{mode:o}");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_write_takes_no_secret_that_it_did_not_hold() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let text = "contexts:\n- name: a\n  context: {user: u}\nusers:\n- name: u\n  user: {token: s3cret-t0ken}\n";
    desk.write(".kube/config", text);
    desk.run(&["use", "a"]).ok();
    // Somebody takes the token out and shares the file; going back would put it in again.
    let shared = desk.read(".kube/config").replace("{token: s3cret-t0ken}", "{}");
    desk.write(".kube/config", &shared);
    std::fs::set_permissions(desk.path(".kube/config"), std::fs::Permissions::from_mode(0o664)).expect("mode");
    desk.run(&["undo", "--force"]).fails(7, &["can be written by others; nothing was changed", "chmod 600 "]);
    assert_eq!(desk.read(".kube/config"), shared);
    desk.run(&["ns", "team", "--force"]).ok();
    std::fs::set_permissions(desk.path(".kube/config"), std::fs::Permissions::from_mode(0o600)).expect("mode");
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), shared);
}

#[test]
fn undo_q_prints_no_diff() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert_eq!(desk.run(&["undo", "-q"]).ok().err, "");
}

#[test]
fn each_list_of_kubeconfigs_has_a_ring_of_its_own_and_private_ones_use_none_of_it() {
    let mut desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    let real = desk.read(".kube/config");
    // In a shell of ours: `ns` twenty-five times in its isolated kubeconfig.
    let inner = desk.write("run/eksso/kubeconfig/1-x.yaml", &real);
    let outer = desk.path(".kube/config").display().to_string();
    desk.set("KUBECONFIG", &inner.display().to_string()).set("EKSSO_KUBECONFIG", &outer);
    for turn in 0..25 {
        desk.run(&["ns", &format!("n{turn}"), "--force"]).ok();
    }
    assert_eq!(desk.read(".kube/config"), real);
    // What `add` wrote outside is taken back from inside, and after it the last `ns` here.
    desk.run(&["add", "--account=Staging", "--role=Billing", "--region=*", "--cluster=web", "--unmapped"]).ok();
    assert_ne!(desk.read(".kube/config"), real);
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), real);
    desk.run(&["undo"]).ok();
    assert!(desk.read("run/eksso/kubeconfig/1-x.yaml").contains("namespace: n23"));
    desk.env.remove("KUBECONFIG");
    desk.env.remove("EKSSO_KUBECONFIG");
    std::fs::remove_file(inner).expect("removed");
    desk.run(&["undo"]).ok();
    assert!(!desk.read(".kube/config").contains("current-context"));
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(ring(&desk).len() <= 3, "what the shell changed ended with it: {:?}", ring(&desk));
}

#[test]
fn backups_end_after_thirty_days() {
    let desk = desk_with_all();
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert_eq!(ring(&desk).len(), 2);
    desk.simulator.advance(31 * 24 * 3600);
    desk.run(&["use", "Production/web:EKSViewer"]).ok();
    assert_eq!(ring(&desk).len(), 1);
}

#[test]
fn one_file_under_two_spellings_does_not_lock_itself_out() {
    let mut desk = desk_with_all();
    let folder = desk.path(".kube").display().to_string();
    desk.set("KUBECONFIG", &format!("{folder}/config:{folder}/../.kube/config"));
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
}

/// A folder of ours that takes no file, as on a read-only home.
#[test]
fn a_state_folder_that_cannot_be_written_costs_the_undo_and_not_the_switch() {
    let desk = desk_with_all();
    let folder = desk.path(".local/state/eksso/kubeconfig-backups");
    std::fs::remove_dir_all(&folder).expect("removed");
    std::fs::write(&folder, "in the way").expect("a file");
    let told = desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert!(told.err.contains("warning: ") && told.err.contains("`eksso undo` cannot take this back"), "{}", told.err);
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
    let told = desk.run(&["rm", "Production/web:EKSViewer"]).ok();
    assert!(!told.err.contains("brings it back"), "{}", told.err);
    desk.write(".kube/config", "a: [");
    let status = desk.run(&["status"]).ok();
    assert!(status.err.contains("Current context: unknown"), "what cannot be read: {}", status.err);
}
