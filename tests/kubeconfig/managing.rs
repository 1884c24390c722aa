//! `eksso rm`, `rename`, and `use` by words, back by several steps, and into a pipe.

use super::desk::{current, desk_with_all, names};
use crate::support::Desk;

const FOREIGN: &str = "\
# mine
apiVersion: v1
kind: Config
contexts:
# the small one
- context:
    cluster: kind   # here
    user: me
  name: kind
- {name: other, context: {cluster: kind, user: you}}
clusters:
- name: kind
  cluster: {server: 'https://127.0.0.1:1'}
users:
- name: me
  user: {token: abc}
- name: you
  user: {token: def}
current-context: kind
";

#[test]
fn rm_takes_what_nothing_else_needs_and_undo_brings_it_back() {
    let desk = Desk::new();
    desk.write(".kube/config", FOREIGN);
    let removed = desk.run(&["rm", "kind"]).ok();
    for words in ["Removed `kind`", "user `me` went with it", "`kind` was the current context", "eksso undo"] {
        assert!(removed.err.contains(words), "{words}: {}", removed.err);
    }
    let text = desk.read(".kube/config");
    assert!(
        !text.contains("token: abc") && text.contains("token: def") && text.contains("name: kind\n  cluster"),
        "{text}"
    );
    desk.run(&["rm", "other"]).ok();
    let text = desk.read(".kube/config");
    assert!(!text.contains("server") && text.contains("# mine"), "{text}");
    desk.run(&["undo"]).ok();
    desk.run(&["undo"]).ok();
    assert_eq!(desk.read(".kube/config"), FOREIGN);
}

#[test]
fn rm_takes_globs_and_needs_a_match() {
    let desk = desk_with_all();
    let all = names(&desk);
    let staging = all.iter().filter(|name| name.starts_with("Staging/")).count();
    assert!(staging > 0);
    let before = desk.read(".kube/config");
    let dry = desk.run(&["rm", "Staging/*", "--dry-run"]).ok();
    assert!(dry.out.contains("-  name: Staging/") || dry.out.contains("-- name: Staging/"), "{}", dry.out);
    assert_eq!(desk.read(".kube/config"), before);
    desk.run(&["rm", "Staging/*"]).ok();
    assert_eq!(names(&desk).len(), all.len() - staging);
    assert!(!desk.read(".kube/config").contains("444455556666/"), "their users went with them");
    desk.run(&["rm", "Staging/*"]).fails(5, &["there is no context `Staging/*`"]);
    desk.run(&["rm"]).fails(2, &["which context is to be removed", "eksso rm CONTEXT"]);
}

#[test]
fn no_removal_and_no_new_name_makes_another_cluster_current() {
    let mut desk = Desk::new();
    let one = desk.write("one", "contexts:\n- name: dev\n  context: {cluster: a, user: a}\ncurrent-context: dev\n");
    let two = desk.write("two", "contexts:\n- name: dev\n  context: {cluster: b, user: b}\n- name: x\n  context: {}\n");
    desk.set("KUBECONFIG", &format!("{}:{}", one.display(), two.display()));
    desk.run(&["rm", "dev"]).fails(2, &["another file of KUBECONFIG holds one of that name", "eksso use CONTEXT"]);
    desk.run(&["use", "x"]).ok();
    let removed = desk.run(&["rm", "dev"]).ok();
    assert!(removed.err.contains("another file of KUBECONFIG holds a context `dev`"), "{}", removed.err);
    assert!(desk.read("two").contains("cluster: b"));
    let renamed = desk.run(&["undo"]).ok();
    assert!(desk.read("one").contains("cluster: a"), "{}", renamed.err);
    let renamed = desk.run(&["rename", "dev", "new"]).ok();
    assert!(renamed.err.contains("another file of KUBECONFIG holds a context `dev`"), "{}", renamed.err);
    desk.run(&["rm", "x"]).ok();
    desk.run(&["rename", "new", "x"]).fails(2, &["`x` is the current context, which is not there"]);
    desk.run(&["rename", "new", "new"]).fails(2, &["`new` is its name already"]);
}

#[test]
fn a_context_that_gets_a_name_stays_current_in_the_file_that_says_so() {
    let mut desk = Desk::new();
    let one = desk.write("one", "contexts:\n- name: a\n  context: {}\n");
    let two = desk.write("two", "contexts:\n- name: b\n  context: {}\ncurrent-context: b\n");
    desk.set("KUBECONFIG", &format!("{}:{}", one.display(), two.display()));
    desk.run(&["rename", "b", "c"]).ok();
    assert!(desk.read("two").contains("current-context: c") && !desk.read("one").contains("current-context"));
}

#[test]
fn a_new_name_takes_no_context_out_of_its_guard_unasked() {
    let desk = desk_with_all();
    let guards =
        "[contexts.\"Production/*\"]\nconfirm = true\n[contexts.\"Staging/*\"]\nread_only_role = \"EKSViewer\"\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{guards}", desk.config()));
    desk.run(&["rename", "Production/web:EKSAdmin", "p"]).fails(4, &["there is nobody to ask", "--yes"]);
    desk.run(&["rename", "Production/web:EKSAdmin", "p", "--yes"]).ok();
    let renamed = desk.run(&["rename", "Staging/web:EKSAdmin", "s"]).ok();
    assert!(renamed.err.contains("what [contexts] of config.toml says of `Staging/web:EKSAdmin`"), "{}", renamed.err);
}

#[test]
fn rename_changes_the_name_alone_and_everything_follows_it() {
    let desk = Desk::new();
    desk.write(".kube/config", FOREIGN);
    desk.run(&["use", "other"]).ok();
    desk.run(&["use", "kind"]).ok();
    desk.run(&["rename", "other", "a: b # c"]).ok();
    let text = desk.read(".kube/config");
    assert_eq!(text, FOREIGN.replace("{name: other,", "{name: \"a: b # c\","), "{text}");
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), "a: b # c");
    desk.run(&["rename", "a: b # c", "other"]).ok();
    assert_eq!(current(&desk), "other");
    desk.run(&["use", "kind"]).ok();
    assert_eq!(desk.read(".kube/config"), FOREIGN.replace("{name: other,", "{name: \"other\","));
    desk.run(&["rename", "kind", "other"]).fails(2, &["there is a context `other` already"]);
    desk.run(&["rename", "gone", "there"]).fails(5, &["there is no context `gone`"]);
    desk.run(&["rename", "kind", ""]).fails(2, &["cannot be a context's name"]);
    desk.run(&["rename", "kind", "--", "-x"]).fails(2, &["would take it for an option"]);
    desk.run(&["undo"]).ok();
    desk.run(&["undo"]).ok();
}

#[test]
fn sync_keeps_a_name_that_was_given() {
    let desk = desk_with_all();
    let count = names(&desk).len();
    desk.run(&["rename", "Production/web:EKSAdmin", "prod"]).ok();
    let before = desk.read(".kube/config");
    let synced = desk.run(&["sync", "--unmapped", "--role=EKS*"]).ok();
    assert_eq!(desk.read(".kube/config"), before, "{}", synced.err);
    assert_eq!(names(&desk).len(), count);
}

#[test]
fn use_goes_back_by_several_steps() {
    let desk = desk_with_all();
    for name in ["Production/web:EKSAdmin", "Production/batch:EKSAdmin", "Staging/web:EKSAdmin"] {
        desk.run(&["use", name]).ok();
    }
    desk.run(&["use", "-2"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), "Staging/web:EKSAdmin");
    desk.run(&["use", "-2"]).ok();
    assert_eq!(current(&desk), "Production/batch:EKSAdmin");
    desk.run(&["rename", "Production/web:EKSAdmin", "gone"]).ok();
    desk.run(&["use", "-2"]).ok();
    assert_eq!(current(&desk), "gone");
    desk.run(&["rm", "Staging/web:EKSAdmin"]).ok();
    desk.run(&["use", "-"]).ok();
    assert_eq!(current(&desk), "Production/batch:EKSAdmin", "what is gone does not count");
    desk.run(&["use", "-9"]).fails(5, &["there is no context 9 switches ago to go back to"]);
    desk.run(&["use", "-0"]).fails(5, &["there is no context `-0`"]);
}

#[test]
fn use_tells_the_current_context_and_lists_into_a_pipe() {
    let desk = desk_with_all();
    desk.run(&["use", "-c"]).fails(5, &["there is no current context"]);
    desk.run(&["use", "Production/web:EKSAdmin", "-n", "shop"]).ok();
    assert_eq!(desk.run(&["use", "-c"]).ok().out, "Production/web:EKSAdmin\n");
    let guards = "[contexts.\"Production/*\"]\nconfirm = true\n";
    desk.write(".config/eksso/config.toml", &format!("{}\n{guards}", desk.config()));
    let json = desk.run(&["use", "-c", "-o", "json"]).ok().json();
    let row = &json[0];
    for (key, value) in [
        ("context", "Production/web:EKSAdmin"),
        ("account_id", "111122223333"),
        ("role", "EKSAdmin"),
        ("cluster", "web"),
        ("namespace", "shop"),
        ("guard", "confirm"),
    ] {
        assert_eq!(row[key], value, "{row}");
    }
    assert_eq!(row["current"], true);
    // Into a pipe, also where a person sits at the terminal.
    for present in [false, true] {
        desk.person().present = present;
        assert_eq!(desk.run(&["use"]).ok().out.lines().collect::<Vec<_>>(), names(&desk));
    }
    desk.run(&["use", "-c", "name"]).fails(2, &["cannot be used with"]);
}

#[test]
fn words_find_a_context_on_a_terminal_and_nowhere_else() {
    let desk = desk_with_all();
    desk.run(&["use", "staging", "web", "admin"]).fails(5, &["there is no context `staging web admin`"]);
    desk.person().present = true;
    desk.person().reads = true;
    desk.run(&["use", "staging", "admin"]).ok();
    assert_eq!(current(&desk), "Staging/web:EKSAdmin");
    // Several fit: the person chooses among those, and nothing is guessed.
    desk.person().picks = None;
    desk.run(&["use", "production"]).fails(130, &["nothing was chosen"]);
    assert_eq!(current(&desk), "Staging/web:EKSAdmin");
    let offered = desk.person().offered.clone();
    assert!(!offered.is_empty() && offered.iter().all(|row| row.starts_with("Production/")), "{offered:?}");
    // Scattered letters, marks and nothing at all switch nobody.
    for words in ["sgng", "", "!production"] {
        desk.run(&["use", words]).fails(130, &["nothing was chosen"]);
    }
    desk.run(&["use", "nothing like it"]).fails(5, &["there is no context `nothing like it`"]);
    // A whole name is that one, whatever else it fits.
    desk.run(&["use", "Production/web:EKSAdmin"]).ok();
    assert_eq!(current(&desk), "Production/web:EKSAdmin");
}
