//! Kubeconfigs that kubectl reads and hardly anybody writes: they are read and edited as kubectl means them, or refused
//! with line, column and what to do. `real/judge.rs` asks kubectl about generated ones.

use super::desk::{ADD_ALL, context, desk_with_all};
use crate::support::Desk;
use eksso::domain::kubeconfig::{Document, List};

const TWICE: &str = "contexts:\n- name: a\n  context:\n    cluster: old\n    cluster: c\n    user: u\n    extensions:\n    - name: mine\n      extension: {x: 1, x: 2}\ncurrent-context: a\n";

/// Of equal keys the last one counts, and nothing else of the entry is lost.
#[test]
fn an_entry_with_a_key_twice_keeps_the_rest_of_it_in_ns_and_use() {
    for args in [&["ns", "team"][..], &["use", "a", "-n", "team"]] {
        let desk = Desk::new();
        desk.write(".kube/config", TWICE);
        desk.run(args).ok();
        let after = desk.read(".kube/config");
        assert_eq!(after, TWICE.replace("{x: 1, x: 2}\n", "{x: 1, x: 2}\n    namespace: team\n"), "{args:?}");
        desk.run(&["undo"]).ok();
        assert_eq!(desk.read(".kube/config"), TWICE);
    }
}

#[test]
fn add_and_sync_keep_what_stands_in_entries_with_a_key_twice() {
    let desk = desk_with_all();
    let name = "Production/web:EKSAdmin";
    let text = desk.read(".kube/config");
    let mut changed = String::new();
    for line in text.lines() {
        changed.push_str(&format!("{line}\n"));
        if line.trim_start().starts_with("server: ") {
            changed.push_str("    proxy-url: http://old.example:1\n    proxy-url: http://proxy.example:3128\n");
        }
        if line.trim_start().starts_with("interactiveMode: ") {
            changed.push_str(
                "      env: null\n      env:\n      - name: HTTPS_PROXY\n        value: http://proxy.example:3128\n",
            );
        }
        if line.trim_start().starts_with("user: eksso/") {
            changed.push_str("    namespace: one\n    namespace: two\n");
        }
    }
    assert_ne!(changed, text);
    desk.write(".kube/config", &changed);
    desk.run(&ADD_ALL).ok();
    desk.run(&["sync", "--unmapped"]).ok();
    let document = Document::parse(desk.read(".kube/config")).expect("readable");
    for context in document.names(List::Contexts).into_iter().filter(|name| text.contains(&format!("- name: {name}\n")))
    {
        let body = document.body(List::Contexts, context).expect("readable").expect("there");
        assert_eq!(body["namespace"], "two", "{context}");
        let user =
            document.body(List::Users, body["user"].as_str().expect("a user")).expect("readable").expect("there");
        assert_eq!(user["exec"]["env"][0]["name"], "HTTPS_PROXY", "{user:?}");
        let cluster = body["cluster"].as_str().expect("a cluster");
        let cluster = document.body(List::Clusters, cluster).expect("readable").expect("there");
        assert_eq!(cluster["proxy-url"], "http://proxy.example:3128", "{cluster:?}");
    }
    assert!(document.has(List::Contexts, name));
}

/// A scalar where a mapping belongs: kubectl refuses the file. So do we, and no lock stays.
#[test]
fn a_scalar_where_a_mapping_belongs_is_refused_with_its_place_and_leaves_no_lock() {
    for (text, place) in [
        (
            "contexts:\n- name: a\n  context: foo\ncurrent-context: a\n",
            "line 2, column 1: the `context` of `a` is not a mapping",
        ),
        (
            "contexts: [{name: a, context: [x]}]\ncurrent-context: a\n",
            "line 1, column 12: the `context` of `a` is not a mapping",
        ),
        (
            "contexts: [{name: a}, b]\ncurrent-context: a\n",
            "line 1, column 23: an entry of `contexts` is not a mapping",
        ),
    ] {
        for args in [&["ns", "team"][..], &["use", "a", "-n", "team"]] {
            let desk = Desk::new();
            desk.write(".kube/config", text);
            desk.run(args).fails(7, &[place, "nothing was changed"]);
            assert_eq!(desk.read(".kube/config"), text);
            assert!(!desk.path(".kube/config.lock").exists());
        }
    }
}

/// What kubectl reads: each is read and switched in, and nothing else changes.
#[test]
fn what_kubectl_reads_is_read_and_edited() {
    let entry = "contexts:\n- name: a\n  context: {cluster: c, user: u}\n";
    for (text, after) in [
        (format!("{entry}---\n"), format!("{entry}current-context: a\n---\n")),
        (
            format!("{entry}current-context: x\n---\ncurrent-context: y\n"),
            format!("{entry}current-context: a\n---\ncurrent-context: y\n"),
        ),
        (
            format!("contexts:\n- name: b\n{entry}current-context: x\ncurrent-context: z\n"),
            format!("contexts:\n- name: b\n{entry}current-context: x\ncurrent-context: a\n"),
        ),
        (
            "contexts:\n- context: {cluster: c}\n- name: a\ncurrent-context: x\n".into(),
            "contexts:\n- context: {cluster: c}\n- name: a\ncurrent-context: a\n".into(),
        ),
        (format!("{entry}current-context:\tone\n"), format!("{entry}current-context:\ta\n")),
        (format!("clusters: null # c\n{entry}"), format!("clusters: null # c\n{entry}current-context: a\n")),
        (
            format!("{entry}clusters:\n- name: k\n  cluster: {{insecure-skip-tls-verify: yes}}\n"),
            format!("{entry}clusters:\n- name: k\n  cluster: {{insecure-skip-tls-verify: yes}}\ncurrent-context: a\n"),
        ),
    ] {
        let desk = Desk::new();
        desk.write(".kube/config", &text);
        desk.run(&["use", "a"]).ok();
        assert_eq!(desk.read(".kube/config"), after);
    }
}

#[test]
fn what_is_not_edited_is_refused_with_the_place_and_what_to_do() {
    let deep = format!("extensions:\n- name: x\n  extension: {}{}\n", "[".repeat(200), "]".repeat(200));
    for (text, words) in [
        (deep.into_bytes(), vec!["line 3, column 1", "nested more than 100 deep; take it apart"]),
        (
            "contexts: []\n".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            vec!["UTF-16", "iconv -f UTF-16LE -t UTF-8"],
        ),
        (
            "\u{feff}contexts: []\n".encode_utf16().flat_map(u16::to_be_bytes).collect(),
            vec!["UTF-16", "iconv -f UTF-16BE -t UTF-8"],
        ),
        (b"contexts:\n- name: a\n- name: a\n".to_vec(), vec!["line 3, column 3", "two entries named `a`; remove one"]),
    ] {
        let desk = Desk::new();
        let path = desk.write(".kube/config", "");
        std::fs::write(&path, &text).expect("a file");
        desk.run(&["use", "a"]).fails(7, &words);
        assert_eq!(std::fs::read(&path).expect("there"), text);
    }
}

#[test]
fn a_comment_behind_an_empty_list_is_kept() {
    let desk = Desk::signed_in();
    desk.write(".kube/config", "clusters: [] # ours\ncontexts: null # theirs\nusers:  # none\n# end\n");
    desk.run(&ADD_ALL).ok();
    let text = desk.read(".kube/config");
    for comment in ["clusters: # ours\n", "contexts: # theirs\n", "users:  # none\n", "# end\n"] {
        assert!(text.contains(comment), "{comment} is not in {text}");
    }
    assert!(context(&desk.kubeconfig(), "Production/web:EKSAdmin")["cluster"].is_string());
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), "clusters: [] # ours\ncontexts: null # theirs\nusers:  # none\n# end\n");
}

/// kubectl empties the file before it writes it, under its lock; the AWS CLI does the same without one.
#[test]
fn a_file_that_is_being_written_in_place_is_read_again_before_anything_is_said_to_be_missing() {
    let text = "contexts:\n- name: a\n  context: {cluster: c, user: u}\ncurrent-context: a\n";
    for (locked, pause) in [(true, 400), (false, 60)] {
        let desk = Desk::new();
        let path = desk.write(".kube/config", "");
        let lock = desk.path(".kube/config.lock");
        if locked {
            std::fs::write(&lock, "").expect("a lock");
        }
        let writer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(pause));
            std::fs::write(path, text).expect("written");
            _ = std::fs::remove_file(lock);
        });
        assert_eq!(desk.run(&["ns"]).ok().out, "default\n", "{locked}");
        writer.join().expect("written");
    }
}

/// Runs a command while a program without kubectl's lock writes the kubeconfig: a part of it first, the rest after a pause.
#[cfg(unix)]
fn while_written(part: &str, rest: &str, pause: u64, args: &[&str]) -> (u8, String) {
    use std::io::Write;
    let desk = Desk::new();
    let path = desk.write(".kube/config", part);
    let writer = std::thread::spawn({
        let rest = rest.to_owned();
        move || {
            std::thread::sleep(std::time::Duration::from_millis(pause));
            let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("opened");
            file.write_all(rest.as_bytes()).expect("written");
        }
    });
    let seen = desk.run(args);
    writer.join().expect("written");
    (seen.code, seen.err)
}

#[cfg(unix)]
#[test]
fn a_file_that_is_being_written_in_place_without_a_lock_is_read_again_before_it_is_blamed() {
    let head = "clusters: [{name: k, cluster: {server: 'https://x'}}]\ncontexts:\n- name: a\n  context: {cluster: k}\n";
    let last = "- name: c\n  context: {cluster: k}\n";
    // A part that means something, and one that means nothing.
    for cut in [head.len(), head.len() + last.len() - 3] {
        let text = format!("{head}{last}");
        let (part, rest) = text.split_at(cut);
        for args in [
            &["use", "c"][..],
            &["use", "c", "--dry-run"],
            &["exec", "c", "--", "true"],
            &["rm", "c"],
            &["rename", "c", "d"],
        ] {
            for pause in [15, 90] {
                let (code, err) = while_written(part, rest, pause, args);
                assert_eq!(code, 0, "{args:?} {cut}: {err}");
            }
        }
        for args in [&["doctor", "c"][..], &["export", "c"], &["whoami", "c"], &["console", "c", "--print"]] {
            let (code, err) = while_written(part, rest, 90, args);
            assert!(code != 5 && !err.contains("there is no context"), "{args:?} {cut}: {err}");
        }
    }
    // The current context may be what is still to come.
    for args in [&["use", "-c"][..], &["ns"]] {
        let (code, err) = while_written(head, "current-context: a\n", 90, args);
        assert_eq!(code, 0, "{args:?}: {err}");
    }
    // The way back may be, too; and editors put the old file aside before the new one is there.
    let desk = Desk::new();
    let path = desk.write(".kube/config", &format!("{head}{last}"));
    desk.run(&["use", "c"]).ok();
    desk.run(&["use", "a"]).ok();
    let whole = desk.read(".kube/config");
    for part in [Some("contexts: []\n"), None] {
        match part {
            Some(part) => std::fs::write(&path, part).expect("written"),
            None => std::fs::remove_file(&path).expect("removed"),
        }
        let (path, whole) = (path.clone(), whole.clone());
        let writer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(60));
            std::fs::write(path, whole).expect("written");
        });
        desk.run(&["use", "-"]).ok();
        desk.run(&["use", "-"]).ok();
        writer.join().expect("written");
    }
    // What is not there when it is whole is said all the same.
    let (code, err) = while_written(head, last, 15, &["use", "no"]);
    assert_eq!(code, 5, "{err}");
    assert!(err.contains("there is no context `no`"), "{err}");
}

/// A part of a file that says enough for a change is still a part: written in its place, the rest would be lost.
#[cfg(unix)]
#[test]
fn a_file_that_is_being_written_in_place_is_changed_only_when_it_is_whole() {
    let part = "current-context: a\ncontexts:\n- name: a\n  context: {cluster: k, user: u}\n- name: c\n  context: {cluster: k}\n";
    let rest = "clusters: [{name: k, cluster: {server: 'https://x'}}]\nusers: [{name: u, user: {token: t}}]\n";
    for args in [&["use", "c"][..], &["ns", "team", "--force"], &["rename", "c", "d"], &["rm", "c"]] {
        let desk = Desk::new();
        let path = desk.write(".kube/config", part);
        let writer = std::thread::spawn(move || {
            use std::io::Write;
            let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("opened");
            for piece in rest.split_inclusive('\n') {
                std::thread::sleep(std::time::Duration::from_millis(60));
                file.write_all(piece.as_bytes()).expect("written");
            }
        });
        desk.run(args).ok();
        writer.join().expect("written");
        let after = desk.read(".kube/config");
        assert!(after.contains(rest) || args[0] == "rm", "{args:?}: {after}");
        desk.run(&["undo", "--yes"]).ok();
        assert_eq!(desk.read(".kube/config"), format!("{part}{rest}"), "{args:?}");
    }
    // What is run in a context gets the whole of it.
    let desk = Desk::new();
    let path = desk.write(".kube/config", part);
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(60));
        let mut text = std::fs::read_to_string(&path).expect("text");
        text.push_str(rest);
        std::fs::write(path, text).expect("written");
    });
    desk.run(&["exec", "c", "--", "true"]).ok();
    writer.join().expect("written");
}

/// The AWS CLI empties the file, and makes the text of a large one before it writes the first byte.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_was_emptied_just_now_is_waited_for_and_a_new_one_is_not() {
    let text = "contexts:\n- name: a\n  context: {}\n- name: b\n  context: {}\n";
    let desk = Desk::new();
    let path = desk.write(".kube/config", text);
    std::thread::sleep(std::time::Duration::from_millis(20));
    std::fs::write(&path, "").expect("emptied");
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(900));
        std::fs::write(path, text).expect("written");
    });
    desk.run(&["use", "b"]).ok();
    writer.join().expect("written");
    assert_eq!(desk.read(".kube/config"), format!("{text}current-context: b\n"));
    // `KUBECONFIG=$(mktemp)`
    desk.write("new", "");
    let start = std::time::Instant::now();
    desk.run(&["--kubeconfig", desk.path("new").to_str().expect("a path"), "use", "b"]).fails(5, &["no context"]);
    assert!(start.elapsed() < std::time::Duration::from_millis(1500), "{:?}", start.elapsed());
}

/// What eksso wrote itself is whole at once, so that the next change does not wait.
#[test]
fn changes_one_after_the_other_do_not_wait() {
    let desk = Desk::new();
    desk.write(".kube/config", "contexts:\n- name: a\n  context: {}\n- name: b\n  context: {}\n");
    desk.run(&["use", "a"]).ok();
    let start = std::time::Instant::now();
    let mut waited = 0;
    for name in ["b", "a", "b", "a", "b", "a"] {
        let start = std::time::Instant::now();
        desk.run(&["use", name]).ok();
        waited += u32::from(start.elapsed() > std::time::Duration::from_millis(150));
    }
    assert!(waited < 6, "{:?}", start.elapsed());
}

/// What kubectl reads and eksso cannot edit is refused with the line, and with what to do there.
#[test]
fn refusals_to_edit_say_which_line_is_to_be_changed_how() {
    let rest = "current-context: b\nclusters:\n- name: k\n  cluster: {server: 'https://x'}\n";
    let item = "contexts:\n- name: a\n  context: {cluster: k}\n";
    for (text, said) in [
        (
            format!("{rest}contexts:\n- null\n- {{name: a, context: {{cluster: k}}}}\n"),
            "line 6, column 1: this item of `contexts` is empty; remove it",
        ),
        (format!("{rest}{item}-\n"), "line 8, column 1: this item of `contexts` is empty; remove it"),
        (
            format!("{rest}contexts:\n- name: a\n  context: &A\n    cluster: k\n- name: c\n  context:\n    <<: *A\n"),
            "line 7, column 12: the anchor `&A` is used in line 11, where only a part of it can be changed safely; write there what it stands for, in place of `*A`",
        ),
    ] {
        let desk = Desk::new();
        desk.write(".kube/config", &text);
        for args in [&["use", "a"][..], &["ns", "team", "--context", "a"], &["rename", "a", "z"]] {
            let done = desk.run(args);
            // What can be edited all the same is no fault.
            if done.code == 7 {
                let words = done.err.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.contains(said), "{args:?}: {words}");
            }
            assert_ne!(done.code, 1, "{}", done.err);
            desk.write(".kube/config", &text);
        }
    }
}
