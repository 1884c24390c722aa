//! Completions in real shells, typed at a terminal: what Tab puts into the line is what the shell reads back.

use std::path::Path;

use super::parts::{at, good, part};
use super::terminal::Pane;
use crate::support::Desk;

/// Two contexts whose names need quotes, and that bash parts at the colon.
const CONTEXTS: &str = "clusters: [{name: k, cluster: {server: 'https://x'}}]\ncontexts:\n\
    - name: Pay ments/web:EKSAdmin\n  context: {cluster: k}\n- name: Pay ments/web:EKSViewer\n  context: {cluster: k}\n\
    - name: test\n  context: {cluster: k}\n";

fn script(desk: &Desk, shell: &str) -> String {
    desk.write(&format!("completions.{shell}"), &desk.run(&["completions", shell]).ok().out).display().to_string()
}

#[test]
#[ignore = "real part: bash, zsh, fish, elvish, nushell, tmux"]
fn what_tab_puts_into_the_line_is_the_context_in_every_shell() {
    let desk = Desk::new();
    let nu = part("nu").display().to_string();
    for (shell, start, before) in [
        ("bash", "bash --norc --noprofile".to_owned(), "PS1='in> '; source FILE"),
        ("zsh", "zsh -f".to_owned(), "PS1='in> '; autoload -Uz compinit; compinit -u -D; source FILE"),
        ("fish", "fish --no-config".to_owned(), "function fish_prompt; echo 'in> '; end; source FILE"),
        ("elvish", "elvish -norc".to_owned(), "set edit:prompt = { put 'in> ' }; eval (slurp < FILE)"),
        ("nushell", format!("{nu} -n"), "$env.PROMPT_COMMAND = {|| 'in> ' }; source FILE"),
    ] {
        for typed in ["tes", "Pay", "'Pay ments/web:EKSV", "\"Pay ments/web:EKSV"] {
            desk.write(".kube/config", CONTEXTS);
            // elvish completes double quotes as it does single ones; nushell completes nothing in a quote that is open.
            if shell == "elvish" && typed.starts_with('"') || shell == "nushell" && typed.starts_with(['"', '\'']) {
                continue;
            }
            let pane = Pane::open(&desk, 100);
            // Each step waits for what the shell shows, not for a time: a shell that is not there yet throws away what is typed.
            pane.after(|| pane.type_line(&start));
            pane.after(|| pane.type_line(&before.replace("FILE", &script(&desk, shell))));
            pane.see_last("in>");
            pane.after(|| pane.type_keys(&format!("eksso use {typed}")));
            pane.after(|| pane.key("Tab"));
            match (shell, typed) {
                // Both, as far as they are the same; the rest is typed on, or Enter takes the first of the list.
                ("bash" | "zsh" | "fish", "Pay") => {
                    pane.after(|| pane.type_keys("V"));
                    pane.after(|| pane.key("Tab"));
                }
                ("nushell", "Pay") => pane.after(|| pane.key("Enter")),
                // It shows what there is, also where that is one; Enter takes it.
                ("elvish", _) => pane.after(|| pane.key("Enter")),
                _ => {}
            }
            pane.key("Enter");
            pane.see(&["Switched to"]);
            let current = desk.run(&["use", "--current"]).ok().out;
            let wanted = if typed == "tes" { "test" } else { "Pay ments/web:EKS" };
            assert!(current.starts_with(wanted), "{shell}, {typed}: {current}");
            if typed.contains("EKSV") {
                assert_eq!(current.trim(), "Pay ments/web:EKSViewer", "{shell}, {typed}");
            }
        }
    }
}

#[test]
#[ignore = "real part: bash, zsh, fish"]
fn completions_load_in_real_shells() {
    let desk = Desk::new();
    desk.write(".kube/config", CONTEXTS);
    let bash = |line: &str, words: &str, last: usize| {
        let script = format!(
            "source {}; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({words}); COMP_CWORD={last}; _eksso; echo ${{COMPREPLY[@]}}",
            script(&desk, "bash")
        );
        good(at(&desk, Path::new("bash")).args(["-c", &script])).trim().to_owned()
    };
    assert_eq!(bash("eksso lo", "eksso lo", 1), "login logout log");
    assert_eq!(bash("eksso -q exec t", "eksso -q exec t", 3), "test");
    assert_eq!(bash("eksso use --dry", "eksso use --dry", 2), "--dry-run");
    assert!(bash("eksso exec test -- eks", "eksso exec test -- eks", 4).contains("eksso"));
    let fish = |line: &str| {
        let script = format!("source {}; complete -C '{line}'", script(&desk, "fish"));
        good(at(&desk, Path::new("fish")).args(["--no-config", "-c", &script]))
    };
    let said = fish("eksso lo");
    assert!(said.contains("login\tSign in") && said.contains("logout"), "{said}");
    assert_eq!(fish("eksso shell te").trim(), "test");
    let folder = desk.path("zsh");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::copy(script(&desk, "zsh"), folder.join("_eksso")).expect("copied");
    let zsh = format!(
        "fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; whence -w _eksso; echo $_comps[eksso]",
        folder.display()
    );
    assert!(good(at(&desk, Path::new("zsh")).args(["-f", "-c", &zsh])).contains("_eksso"));
}
