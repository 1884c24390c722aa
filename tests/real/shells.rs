//! bash, zsh and fish: completions load, and the context that `eksso env` prints is used.

use std::path::Path;

use super::parts::{at, good, part};
use crate::process::eksso;
use crate::support::Desk;
use eksso_simulator::World;

#[test]
#[ignore = "real part: bash, zsh, fish"]
fn completions_load_in_real_shells() {
    let desk = Desk::new();
    let root = env!("CARGO_MANIFEST_DIR");
    let bash = format!(
        "source {root}/completions/eksso.bash; COMP_WORDS=(eksso lo); COMP_CWORD=1; _eksso eksso lo eksso; echo ${{COMPREPLY[@]}}"
    );
    assert_eq!(good(at(&desk, Path::new("bash")).args(["-c", &bash])).trim(), "login logout");
    let fish = format!("source {root}/completions/eksso.fish; complete -C 'eksso lo'");
    let said = good(at(&desk, Path::new("fish")).args(["-c", &fish]));
    assert!(said.contains("login") && said.contains("logout"), "{said}");
    let zsh = format!(
        "fpath=({root}/completions $fpath); autoload -Uz compinit; compinit -u -D; whence -w _eksso; echo $_comps[eksso]"
    );
    assert!(good(at(&desk, Path::new("zsh")).args(["-f", "-c", &zsh])).contains("_eksso"));
    // Contexts, with what bash splits at colons.
    desk.write(".kube/config", "contexts:\n- name: Prod/web:EKSAdmin\n- name: Prod/web:EKSViewer\n- name: test\n");
    let bash = |line: &str, words: &str, last: usize| {
        let script = format!(
            "source {root}/completions/eksso.bash; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({words}); COMP_CWORD={last}; _eksso_contexts eksso ${{COMP_WORDS[COMP_CWORD]}} x; echo ${{COMPREPLY[@]}}"
        );
        good(at(&desk, Path::new("bash")).args(["-c", &script])).trim().to_owned()
    };
    assert_eq!(bash("eksso use Prod/web:EKSV", "eksso use Prod/web : EKSV", 4), "EKSViewer");
    assert_eq!(bash("eksso -q exec t", "eksso -q exec t", 3), "test");
    assert_eq!(bash("eksso use --dry", "eksso use --dry", 2), "--dry-run");
    let fish = format!("source {root}/completions/eksso.fish; complete -C 'eksso shell Prod/web:EKSV'");
    assert_eq!(good(at(&desk, Path::new("fish")).args(["-c", &fish])).trim(), "Prod/web:EKSViewer");
    let zsh = std::fs::read_to_string(Path::new(root).join("completions/_eksso")).expect("a script");
    assert_eq!(zsh.matches(":_eksso_contexts'").count(), 7, "use, exec, shell, env, whoami, import, credentials");
}

#[test]
#[ignore = "real part: bash, zsh, fish, kubectl"]
fn real_shells_use_the_context_that_env_prints() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]));
    let kubectl = part("kubectl-1.35").display().to_string();
    let whoami = format!(
        "{kubectl} config current-context; {kubectl} auth whoami -o name >/dev/null || {kubectl} version >/dev/null; echo $EKSSO_CONTEXT"
    );
    for (shell, take, leave) in [
        ("bash", "eval \"$(eksso env Production/web:EKSViewer)\"", "eval \"$(eksso env --unset)\""),
        ("zsh", "eval \"$(eksso env Production/web:EKSViewer)\"", "eval \"$(eksso env --unset)\""),
        ("fish", "eksso env Production/web:EKSViewer | source", "eksso env --unset | source"),
    ] {
        let line = format!("{take}; {whoami}; {leave}; echo \"<$EKSSO_CONTEXT>\"");
        let mut command = at(&desk, Path::new(shell));
        command.env("SHELL", format!("/usr/bin/{shell}"));
        if shell == "zsh" {
            command.arg("-f");
        }
        let said = good(command.args(["-c", &line]));
        assert_eq!(said, "Production/web:EKSViewer\nProduction/web:EKSViewer\n<>\n", "{shell}");
    }
    assert!(!desk.read(".kube/config").contains("current-context"));
    // exec hands kubectl the same.
    let said = good(at(&desk, Path::new("eksso")).args([
        "exec",
        "Staging/web:EKSAdmin",
        "--",
        &kubectl,
        "get",
        "namespaces",
        "-o",
        "name",
    ]));
    assert!(said.contains("namespace/"), "{said}");
}
