//! Shells: completions load, the context that `eksso env` prints is used, and start files take none away.

use std::path::Path;

use std::time::{Duration, Instant};

use super::parts::{at, good, part};
use crate::process::eksso;
use crate::support::Desk;
use eksso_simulator::World;

/// What a real shell says to a script behind what `eksso init` printed for it.
fn behind_init(desk: &Desk, shell: &str, env: &[(&str, &str)], before: &str, script: &str) -> String {
    let name = if shell == "nu" { "nushell" } else { shell };
    let rc = desk.write(&format!("rc.{shell}"), &desk.run(&["init", name, "--prompt"]).ok().out);
    let rc = rc.display();
    let (program, args, source) = match shell {
        "bash" => ("bash".into(), vec!["--norc", "-i", "-c"], "."),
        "zsh" => ("zsh".into(), vec!["-f", "-i", "-c"], "."),
        "fish" => ("fish".into(), vec!["--no-config", "-i", "-c"], "source"),
        _ => (part("nu"), vec!["-n", "-i", "-c"], "source"),
    };
    let mut command = at(desk, &program);
    command.env("XDG_RUNTIME_DIR", desk.path("run")).envs(env.iter().copied());
    good(command.args(args).arg(format!("{before}\n{source} {rc}\n{script}")))
}

#[test]
#[ignore = "real part: bash, zsh, fish, nushell"]
fn no_name_of_a_context_is_code_or_a_sequence_to_a_shells_prompt() {
    let desk = Desk::new();
    let hostile = "a%F{red}%n$(touch pwned)`touch pwned`${HOME}\\u\\w\\$'\"!b;c";
    let name = serde_json::to_string(hostile).expect("JSON");
    desk.write(".kube/config", &format!("current-context: {name}\ncontexts:\n- name: {name}\n  context: {{}}\n"));
    for (shell, before, script) in [
        ("bash", "PS1='> '", "_eksso_prompt_hook; printf '%s\\n' \"${PS1@P}\""),
        ("zsh", "PROMPT='> '", "_eksso_prompt_hook; print -P -- \"$PROMPT\""),
        ("zsh", "PROMPT='> '; setopt prompt_subst", "_eksso_prompt_hook; print -P -- \"$PROMPT\""),
        ("fish", "function fish_prompt; printf '> '; end", "fish_prompt"),
        ("nu", "$env.PROMPT_COMMAND = {|| '> ' }", "print (do $env.PROMPT_COMMAND)"),
    ] {
        let said = behind_init(&desk, shell, &[], before, script);
        assert_eq!(said.trim_end(), format!("{hostile} >"), "{shell}");
        // A prompt that cannot be made leaves the one that is there.
        let broken = desk.write("broken", "a: [").display().to_string();
        let said = behind_init(&desk, shell, &[("KUBECONFIG", &broken)], before, script);
        assert_eq!(said.trim_end(), ">", "{shell}");
    }
    assert!(desk.files().iter().all(|(path, _)| !path.ends_with("pwned")));
    assert!(!Path::new("pwned").exists());
}

#[test]
#[ignore = "real part: bash, zsh, fish"]
fn a_shell_that_starts_isolated_switches_alone_and_goes_back_alone() {
    let desk = Desk::new();
    let hostile = "b c'd$(touch pwned)\\%n";
    desk.write(
        ".kube/config",
        &format!(
            "current-context: a\nclusters: [{{name: k, cluster: {{server: 'https://x'}}}}]\ncontexts:\n- name: a\n  context: {{cluster: k}}\n- name: {}\n  context: {{cluster: k}}\n",
            serde_json::to_string(hostile).expect("JSON")
        ),
    );
    let before = desk.read(".kube/config");
    let quoted = format!("'{}'", hostile.replace('\'', r"'\''"));
    for (shell, script) in [
        (
            "bash",
            format!(
                "echo $EKSSO_CONTEXT; eksso use {quoted}; eksso use -c; eksso use -; eksso use -c; eksso use no; eksso use -c"
            ),
        ),
        (
            "zsh",
            format!(
                "echo $EKSSO_CONTEXT; eksso use {quoted}; eksso use -c; eksso use -; eksso use -c; eksso use no; eksso use -c"
            ),
        ),
        (
            "fish",
            format!(
                "echo $EKSSO_CONTEXT; eksso use \"{}\"; eksso use -c; eksso use -; eksso use -c; eksso use no; eksso use -c",
                hostile.replace('\\', "\\\\").replace('$', "\\$")
            ),
        ),
        (
            "nu",
            format!(
                "print $env.EKSSO_CONTEXT; eksso use r#'{hostile}'#; ^eksso use -c; eksso use -; ^eksso use -c; try {{ eksso use no }}; ^eksso use -c"
            ),
        ),
    ] {
        let said = behind_init(&desk, shell, &[("EKSSO_ISOLATED", "1")], "", &script);
        assert_eq!(said, format!("a\n{hostile}\na\na\n"), "{shell}");
        assert_eq!(
            behind_init(
                &desk,
                shell,
                &[],
                "",
                "^eksso use -c".trim_start_matches(if shell == "nu" { "" } else { "^" })
            ),
            "a\n",
            "{shell}"
        );
    }
    assert_eq!(desk.read(".kube/config"), before, "nobody else is switched");
    assert!(desk.files().iter().all(|(path, _)| !path.ends_with("pwned")));
}

#[test]
#[ignore = "real part: bash, zsh, fish"]
fn completions_of_init_load_when_they_are_wanted() {
    let desk = Desk::new();
    let said = behind_init(&desk, "bash", &[], "", "_eksso_load; echo $?; complete -p eksso");
    assert_eq!(said, "124\ncomplete -o bashdefault -o default -F _eksso eksso\n");
    let said = behind_init(
        &desk,
        "zsh",
        &[],
        "autoload -Uz compinit; compinit -u -D",
        "echo $_comps[eksso]; _eksso_load 2>/dev/null; echo $_comps[eksso]",
    );
    assert_eq!(said, "_eksso_load\n_eksso\n");
    assert!(behind_init(&desk, "fish", &[], "", "complete -C 'eksso lo'").contains("logout"));
}

#[test]
#[ignore = "real part: bash, zsh, fish"]
fn a_shell_that_starts_with_init_starts_without_a_failure() {
    let desk = Desk::new();
    for (shell, status) in [("bash", "echo $?"), ("zsh", "echo $?"), ("fish", "echo $status")] {
        assert_eq!(behind_init(&desk, shell, &[], "", status), "0\n", "{shell}");
    }
}

#[test]
#[ignore = "real part: bash, zsh, fish, tcsh, elvish, xonsh, kubectl"]
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
        ("tcsh", "eval \"`eksso env Production/web:EKSViewer`\"", "eval \"`eksso env --unset`\"; set EKSSO_CONTEXT="),
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
    let inside = format!("{kubectl} config current-context");
    for (shell, line) in [
        (
            "elvish",
            format!(
                "eval (eksso env Production/web:EKSViewer | slurp); {inside}; echo $E:EKSSO_CONTEXT; eval (eksso env --unset | slurp); echo '<'$E:EKSSO_CONTEXT'>'"
            ),
        ),
        (
            "xonsh",
            format!(
                "execx($(eksso env Production/web:EKSViewer))\n{inside}\necho $EKSSO_CONTEXT\nexecx($(eksso env --unset))\necho @('<' + ${{...}}.get('EKSSO_CONTEXT', '') + '>')\n"
            ),
        ),
    ] {
        let run = || {
            let mut command = at(&desk, Path::new(shell));
            command.env("SHELL", format!("/usr/bin/{shell}"));
            if shell == "xonsh" {
                command.arg("--no-rc");
            }
            good(command.args(["-c", &line]))
        };
        let wanted = "Production/web:EKSViewer\nProduction/web:EKSViewer\n<>\n";
        // On a busy machine xonsh loses what a short program wrote into `$(…)` now and then, whatever the program.
        let tries = if shell == "xonsh" { 5 } else { 1 };
        let said = (0..tries).map(|_| run()).find(|said| said == wanted).unwrap_or_else(run);
        assert_eq!(said, wanted, "{shell}");
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

/// What a shell of `eksso shell` says to a line that is typed at a terminal.
fn typed(desk: &Desk, shell: &str, env: &[(&str, &str)], line: &str) -> String {
    typed_behind(desk, shell, env, None, line)
}

/// The same, behind another line.
fn typed_behind(desk: &Desk, shell: &str, env: &[(&str, &str)], first: Option<&str>, line: &str) -> String {
    let socket = desk.path("tmux");
    let tmux = |args: &[&str]| {
        let mut command = at(desk, Path::new("tmux"));
        command.env("SHELL", "/bin/sh").env("XDG_RUNTIME_DIR", desk.path("run")).envs(env.iter().copied());
        good(command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args))
    };
    let said = desk.path("said");
    let into = if shell.ends_with("/nu") { "out>" } else { ">" };
    _ = std::fs::remove_file(&said);
    let eksso = ["env", &format!("SHELL={shell}"), "eksso", "shell", "Production/web:EKSViewer"];
    tmux(&[&["new-session", "-d", "-s", "t", "-x", "200", "-y", "50"], eksso.as_slice()].concat());
    let start = Instant::now();
    while !tmux(&["capture-pane", "-p", "-t", "t"]).contains("ready>") {
        let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
        assert!(start.elapsed() < Duration::from_secs(20), "{shell}: {screen}");
        std::thread::sleep(Duration::from_millis(50));
    }
    if let Some(first) = first {
        tmux(&["send-keys", "-t", "t", first, "Enter"]);
    }
    tmux(&["send-keys", "-t", "t", "-l", &format!("{line} {into} {}.part", said.display())]);
    tmux(&["send-keys", "-t", "t", "Enter"]);
    tmux(&["send-keys", "-t", "t", &format!("mv {0}.part {0}", said.display()), "Enter"]);
    while !said.exists() {
        let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
        assert!(start.elapsed() < Duration::from_secs(20), "{shell}: {screen}");
        std::thread::sleep(Duration::from_millis(50));
    }
    // These outlive their terminal.
    match ["/nu", "/xonsh"].iter().any(|name| shell.ends_with(name)) {
        true => tmux(&["send-keys", "-t", "t", "exit", "Enter"]),
        false => tmux(&["kill-server"]),
    };
    while socket.exists() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
        if at(desk, Path::new("tmux"))
            .arg("-S")
            .arg(&socket)
            .arg("ls")
            .output()
            .is_ok_and(|gone| !gone.status.success())
        {
            break;
        }
    }
    std::thread::sleep(Duration::from_millis(300));
    std::fs::read_to_string(&said).expect("said")
}

#[test]
#[ignore = "real part: bash, zsh, fish, dash, tcsh, xonsh, elvish, nushell, tmux"]
fn start_files_that_export_kubeconfig_do_not_take_a_shells_context_away() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    let prod = desk.write("prod", "apiVersion: v1\nkind: Config\ncurrent-context: prod\n");
    let export = format!("export KUBECONFIG={}; export EKSSO_CONTEXT=mine\nPS1='ready> '\n", prod.display());
    desk.write(".bashrc", &format!("{export}MARK=bashrc\n"));
    desk.write(".zshenv", "MARK=zshenv\n");
    desk.write(
        ".zshrc",
        &format!("{export}MARK=$MARK-zshrc\nprecmd_functions=()\nHISTFILE=${{ZDOTDIR:-$HOME}}/.history\n"),
    );
    desk.write("zdot/.zshenv", "MARK=zdot\n");
    desk.write("zdot/.zshrc", &format!("{export}MARK=$MARK-zshrc\nHISTFILE=${{ZDOTDIR:-$HOME}}/.history\n"));
    desk.write("env", &format!("{export}MARK=env\n"));
    desk.write(
        ".config/fish/config.fish",
        &format!(
            "set -gx KUBECONFIG {}\nset -g MARK fish\nfunction fish_prompt; echo 'ready> '; end\n",
            prod.display()
        ),
    );
    desk.write(
        ".tcshrc",
        &format!(
            "setenv KUBECONFIG {}\nsetenv EKSSO_CONTEXT mine\nset prompt = 'ready> '\nset MARK = tcshrc\n",
            prod.display()
        ),
    );
    desk.write(
        ".xonshrc",
        &format!(
            "$KUBECONFIG = '{}'\n$EKSSO_CONTEXT = 'mine'\n$PROMPT = 'ready> '\n$MARK = 'xonshrc'\n",
            prod.display()
        ),
    );
    let elvish = format!(
        "set-env KUBECONFIG {}\nset-env EKSSO_CONTEXT mine\nset edit:prompt = {{ put 'ready> ' }}\nset edit:rprompt = {{ }}\nvar MARK = elvish\n",
        prod.display()
    );
    desk.write(".config/elvish/rc.elv", &elvish);
    desk.write("failing/elvish/rc.elv", &format!("{elvish}fail oh\n"));
    let nushell = format!(
        "$env.KUBECONFIG = '{}'\n$env.EKSSO_CONTEXT = 'mine'\n$env.PROMPT_COMMAND = {{|| 'ready>' }}\n$env.MARK = 'nu'\n$env.config.show_banner = false\n",
        prod.display()
    );
    desk.write(".config/nushell/config.nu", &nushell);
    let failing = desk.path("failing").display().to_string();
    let nu = part("nu").display().to_string();
    let zdot = desk.path("zdot").display().to_string();
    let env = desk.path("env").display().to_string();
    let kubectl = part("kubectl-1.35").display().to_string();
    let home = desk.home.path().display().to_string();
    for (shell, variables, say, mark) in [
        ("/bin/bash", vec![], "$MARK", "bashrc".to_owned()),
        ("/usr/bin/zsh", vec![], "$MARK-$ZDOTDIR-$HISTFILE", format!("zshenv-zshrc--{home}/.history")),
        (
            "/usr/bin/zsh",
            vec![("ZDOTDIR", zdot.as_str())],
            "$MARK-$ZDOTDIR-$HISTFILE",
            format!("zdot-zshrc-{zdot}-{zdot}/.history"),
        ),
        ("/usr/bin/fish", vec![], "$MARK", "fish".to_owned()),
        ("/bin/dash", vec![("ENV", env.as_str())], "$MARK-$ENV", format!("env-{env}")),
        ("/usr/bin/tcsh", vec![], "$MARK-$HOME-$home", format!("tcshrc-{home}-{home}")),
        ("/usr/bin/xonsh", vec![], "$MARK", "xonshrc".to_owned()),
        ("/usr/bin/elvish", vec![], "$MARK", "elvish".to_owned()),
        ("/usr/bin/elvish", vec![("XDG_CONFIG_HOME", failing.as_str())], "", String::new()),
        (nu.as_str(), vec![], "$MARK", "nu".to_owned()),
    ] {
        let context = if shell.ends_with("elvish") { "$E:EKSSO_CONTEXT" } else { "$EKSSO_CONTEXT" };
        let line = format!("{kubectl} config current-context > {home}/current; echo {say} {context}");
        let line = if shell == nu { format!("^sh -c '{line}'") } else { line };
        let said = typed(&desk, shell, &variables, &line);
        assert_eq!(
            said.split_whitespace().collect::<Vec<_>>().join(" "),
            format!("{mark} Production/web:EKSViewer").trim(),
            "{shell}"
        );
        assert_eq!(desk.read("current").trim(), "Production/web:EKSViewer", "{shell}");
    }
    // Some shells take a moment to end when their terminal closes.
    let left = || std::fs::read_dir(desk.path("run/eksso/kubeconfig")).map_or(0, |all| all.count());
    let start = Instant::now();
    while left() > 0 && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(left(), 0, "nothing stays");
}

#[test]
#[ignore = "real part: bash, zsh, fish, tmux"]
fn prompt_hooks_and_shells_started_in_it_do_not_take_a_shells_context_away() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    let prod = desk.write("prod", "apiVersion: v1\nkind: Config\ncurrent-context: prod\n").display().to_string();
    let export = format!("export KUBECONFIG={prod}");
    let current = format!("{} config current-context", part("kubectl-1.35").display());
    let own = "Production/web:EKSViewer";
    let init = "eval \"$(eksso init bash)\"";
    let hook = format!("hook() {{ local code=$?; seen=$seen$code; {export}; return $code; }}\n");
    for (shell, files, line, wanted) in [
        // direnv's way in bash, as text and as a list; what a hook is told of the last command stays.
        (
            "/bin/bash",
            vec![(".bashrc", format!("set -u\nseen=\n{hook}PROMPT_COMMAND='hook;'\nPS1='ready> '\n"))],
            format!("cd /; (exit 7); echo $({current}) $seen"),
            format!("{own} 0"),
        ),
        (
            "/bin/bash",
            vec![(".bashrc", format!("{hook}PROMPT_COMMAND=(hook 'seen=$seen-$?')\nPS1='ready> '\n"))],
            format!("echo $({current}) $seen"),
            format!("{own} 0-0"),
        ),
        // What is typed stays.
        ("/bin/bash", vec![(".bashrc", "PS1='ready> '\n".to_owned())], format!("{export}; {current}"), "prod".into()),
        // People whose login shell is another one.
        (
            "/bin/bash",
            vec![
                (".bashrc", "case $- in *i*) exec zsh;; esac\n".to_owned()),
                (".zshrc", format!("{export}\nPS1='ready> '\n")),
            ],
            format!("echo $({current}) $ZDOTDIR"),
            own.into(),
        ),
        // direnv's way in zsh.
        (
            "/usr/bin/zsh",
            vec![(".zshrc", format!("{hook}precmd_functions=(hook)\nchpwd_functions=(hook)\nPS1='ready> '\n"))],
            format!("cd /; {current}"),
            own.into(),
        ),
        // direnv's way in fish.
        (
            "/usr/bin/fish",
            vec![(
                ".config/fish/config.fish",
                format!(
                    "function hook --on-event fish_prompt; set -gx KUBECONFIG {prod}; end\nfunction fish_prompt; echo 'ready> '; end\n"
                ),
            )],
            current.clone(),
            own.into(),
        ),
        // A shell in it whose start file has ours, in front of what sets another file.
        (
            "/bin/bash",
            vec![(".bashrc", format!("{init}\n{export}\nPS1='ready> '\n"))],
            format!("bash -i -c 'eval \"$PROMPT_COMMAND\"; _eksso_behind; {current}'"),
            own.into(),
        ),
    ] {
        for (file, text) in &files {
            desk.write(file, text);
        }
        // At the second prompt: what a hook did at the first one is done again.
        let said = typed(&desk, shell, &[], &line);
        assert_eq!(said.split_whitespace().collect::<Vec<_>>().join(" "), wanted, "{shell}: {files:?}");
        let again = typed_behind(&desk, shell, &[], Some("false"), &current);
        assert_eq!(again.trim(), own, "{shell}, at the second prompt: {files:?}");
        std::fs::remove_file(desk.path(".bashrc")).ok();
    }
    // What no hook of ours can hold is told.
    desk.write(".bashrc", &format!("{export}\nPS1='ready> '\n"));
    let said = typed(
        &desk,
        "/bin/bash",
        &[],
        "bash -i -c 'eksso use -c; eksso status -o name; eksso exec no -- x' 2>&1 | cat",
    );
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        words.matches(&format!("this is a shell for `{own}`, and kubectl does not use that context")).count(),
        3
    );
    assert!(words.contains(&format!("KUBECONFIG was changed in it: kubectl uses `{prod}`")), "{words}");
    assert!(words.contains("to have it back: export KUBECONFIG="), "{words}");
}
