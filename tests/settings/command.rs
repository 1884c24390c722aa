//! `eksso config path`, `edit` and `check`; the help texts of an organisation.

use crate::support::{Desk, POLICY};
use eksso_simulator::World;

const CONFIG: &str = ".config/eksso/config.toml";

#[test]
fn the_path_is_the_one_in_use_and_needs_no_valid_file() {
    let mut desk = Desk::with(World::small());
    let own = desk.path(CONFIG).display().to_string();
    assert_eq!(desk.run(&["config", "path"]).ok().out, format!("{own}\n"));
    desk.write(CONFIG, "broken");
    desk.write(POLICY, "");
    let rows = desk.run(&["config", "path", "-o", "json"]).ok().json();
    let layers: Vec<_> =
        rows.as_array().expect("rows").iter().map(|row| (row["layer"].clone(), row["exists"].clone())).collect();
    assert_eq!(
        layers,
        [("user".into(), true.into()), ("managed".into(), false.into()), ("policy".into(), true.into())]
    );
    desk.set("EKSSO_CONFIG", "/elsewhere.toml");
    assert_eq!(desk.run(&["config", "path"]).ok().out, "/elsewhere.toml\n");
    assert_eq!(desk.run(&["--config", "/x.toml", "config", "path"]).ok().out, "/x.toml\n");
}

#[test]
fn a_check_names_line_and_key() {
    let desk = Desk::configured(World::small());
    assert!(desk.run(&["config", "check"]).ok().err.contains("config.toml is valid"));
    let bad = desk.write("other.toml", "regions = []\n[discovery]\nskip_acounts = []\n").display().to_string();
    desk.run(&["config", "check", &bad]).fails(2, &["other.toml cannot be used", "line 3", "skip_acounts"]);
    desk.write(CONFIG, "keyring = \"vault\"\n");
    desk.run(&["config", "check"]).fails(2, &["config.toml cannot be used", "line 1", "vault"]);
    desk.run(&["config", "check", "/nope.toml"]).fails(5, &["there is no file /nope.toml"]);
}

/// A desk whose editor does something to the file.
#[cfg(unix)]
fn with_editor(script: &str) -> Desk {
    use std::os::unix::fs::PermissionsExt;
    let mut desk = Desk::configured(World::small());
    let editor = desk.write("editor.sh", &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    desk.set("EDITOR", &editor.display().to_string());
    desk
}

#[cfg(unix)]
#[test]
fn an_edit_counts_when_it_is_valid_and_not_before() {
    use std::os::unix::fs::PermissionsExt;
    let desk = with_editor("printf 'flow = \"pkce\"\\n' | cat - \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"");
    let before = desk.read(CONFIG);
    std::fs::set_permissions(desk.path(CONFIG), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    assert!(desk.run(&["config", "edit"]).ok().err.contains("Changed"));
    assert_eq!(desk.read(CONFIG), format!("flow = \"pkce\"\n{before}"));
    assert_eq!(std::fs::metadata(desk.path(CONFIG)).expect("there").permissions().mode() & 0o777, 0o640);
    assert!(
        desk.files().iter().all(|(path, _)| !path.starts_with(desk.path(".local/state/eksso/edit"))),
        "no copy is left"
    );

    let desk = with_editor("echo 'flwo = 1' >> \"$1\"");
    let before = desk.read(CONFIG);
    let refused = desk
        .run(&["config", "edit"])
        .fails(2, &["cannot be used", "flwo", "nothing was changed", "what you wrote is in"]);
    assert_eq!(desk.read(CONFIG), before);
    let copy = refused.err.split("what you wrote is in ").nth(1).and_then(|rest| rest.lines().next()).expect("a path");
    assert!(std::fs::read_to_string(copy).expect("a copy").contains("flwo"), "it is not lost");

    // Nor is what is no text, such as that of an editor with another encoding, and what is too much of it.
    for script in ["printf '# caf\\351\\n' >> \"$1\"", "head -c 2M /dev/zero | tr '\\0' '#' >> \"$1\""] {
        let desk = with_editor(script);
        let refused = desk.run(&["config", "edit"]);
        assert!(refused.code != 0 && refused.err.contains("nothing was changed"), "{}", refused.err);
        let copy = refused.err.split("what you wrote is in ").nth(1).and_then(|rest| rest.lines().next());
        assert!(std::fs::metadata(copy.expect("a path")).expect("a copy").len() > 50, "it is not lost");
        assert_eq!(desk.read(CONFIG), desk.config());
        desk.person().present = true;
        desk.person().answers = vec!["n".into()];
        desk.run(&["config", "edit"]).fails(2, &["Edit it again?"]);
        desk.person().present = false;
    }

    // On a terminal one may go on.
    let desk = with_editor(
        "if grep -q '^flwo' \"$1\"; then sed -i 's/^flwo = 1/# mine/' \"$1\"; else echo 'flwo = 1' >> \"$1\"; fi",
    );
    desk.person().present = true;
    desk.person().answers = vec!["y".into()];
    desk.run(&["config", "edit"]).ok();
    assert!(desk.read(CONFIG).ends_with("# mine\n"));
}

#[cfg(unix)]
#[test]
fn an_edit_that_is_given_up_or_comes_too_late_changes_nothing() {
    let desk = with_editor("exit 1");
    desk.run(&["config", "edit"]).fails(1, &["the editor ended with exit code 1", "nothing was changed"]);
    // A file that is gone says nothing, and no settings at all are not what it says.
    let desk = with_editor("rm \"$1\"");
    let before = desk.read(CONFIG);
    desk.run(&["config", "edit"]).fails(1, &["the editor left no file; nothing was changed"]);
    assert_eq!(desk.read(CONFIG), before);
    let desk = with_editor("true");
    assert!(desk.run(&["config", "edit"]).ok().err.contains("Nothing was changed."));
    let mut desk = Desk::configured(World::small());
    desk.run(&["config", "edit"]).fails(2, &["neither VISUAL nor EDITOR is set"]);
    desk.set("VISUAL", "/nope/editor --wait");
    assert_eq!(desk.run(&["config", "edit"]).code, 127);
    // Somebody else changed the file meanwhile.
    let desk = with_editor("echo '# mine' >> \"$1\"; echo '# theirs' >> \"$HOME_OF_DESK/.config/eksso/config.toml\"");
    let script = desk.read("editor.sh").replace("$HOME_OF_DESK", &desk.home.path().display().to_string());
    desk.write("editor.sh", &script);
    desk.run(&["config", "edit"]).fails(7, &["was changed meanwhile", "what you wrote is in"]);
    assert!(desk.read(CONFIG).ends_with("# theirs\n"));
    // A first file.
    let mut desk = Desk::with(World::small());
    let editor = with_editor("echo 'flow = \"device\"' > \"$1\"");
    desk.set("EDITOR", &editor.path("editor.sh").display().to_string());
    desk.run(&["config", "edit"]).ok();
    assert_eq!(desk.read(CONFIG), "flow = \"device\"\n");
}

#[test]
fn who_is_refused_or_has_to_sign_in_is_told_where_the_organisation_helps() {
    let desk = Desk::configured(World::small());
    let help = "[help]\ndenied = \"https://wiki.example.com/eks-access\"\nsign_in = \"ask \u{202e}#sso\"\n";
    desk.write(CONFIG, &format!("{}{help}", desk.config()));
    let args = ["credentials", "--account=111122223333", "--role=Nobody"];
    let told = desk.run(&args).fails(3, &["hint: help with signing in: ask \\u{202e}#sso"]);
    assert!(!told.err.contains("wiki"), "{}", told.err);
    desk.run(&["login"]).ok();
    let told = desk.run(&args).fails(4, &["hint: ask for access here: https://wiki.example.com/eks-access"]);
    assert!(!told.err.contains("#sso"), "{}", told.err);
    let told = desk.run(&["use", "nothing"]).fails(5, &[]);
    assert!(!told.err.contains("wiki"), "{}", told.err);
}
