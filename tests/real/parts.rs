//! Where the real parts are, and how they are started at a desk.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::process::eksso;
use crate::support::Desk;

pub fn part(name: &str) -> PathBuf {
    let folder =
        std::env::var_os("EKSSO_TEST_PARTS").expect("EKSSO_TEST_PARTS: run tests/run, which installs the parts");
    let path = Path::new(&folder).join("bin").join(name);
    assert!(path.exists(), "{} is missing: run tests/run", path.display());
    path
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
pub fn good(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("started");
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// A command that sees the desk's home and simulator, with eksso on its PATH.
pub fn at(desk: &Desk, program: &Path) -> Command {
    let mut command = eksso(desk);
    let mut other = Command::new(program);
    let bin = Path::new(env!("CARGO_BIN_EXE_eksso")).parent().expect("a folder");
    for (name, value) in command.stdin(Stdio::null()).get_envs() {
        other.env(name, value.unwrap_or_default());
    }
    let mut clean = Command::new(program);
    clean.env_clear().envs(other.get_envs().filter_map(|(name, value)| Some((name, value?))));
    clean.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).env("TERM", "xterm-256color");
    // Theirs would put it into the tokens, which must name the real host.
    if program.file_name().is_some_and(|name| ["aws", "aws-iam-authenticator"].iter().any(|own| name == *own)) {
        clean.env_remove("AWS_ENDPOINT_URL_STS");
    }
    clean
}

/// Runs a script under a session bus of its own; with `keyring`, GNOME Keyring is unlocked on it.
pub fn on_a_bus(desk: &Desk, keyring: bool, script: &str) -> Output {
    let run = desk.path("run");
    std::fs::create_dir_all(&run).expect("a folder");
    #[cfg(unix)]
    std::fs::set_permissions(&run, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("mode");
    let bus = desk.write(
        "bus.conf",
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><keep_umask/><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n",
    );
    let unlock = "eval \"$(printf %s pw | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)\"; gdbus wait --session --timeout 5 org.freedesktop.secrets\n";
    let script = format!("set -u\n{}{script}", if keyring { unlock } else { "" });
    let mut command = at(desk, Path::new("dbus-run-session"));
    command.arg(format!("--config-file={}", bus.display())).args(["--", "bash", "-c", &script]);
    command
        .env("XDG_RUNTIME_DIR", &run)
        .env_remove("EKSSO_KEYRING")
        .stdin(Stdio::null())
        .output()
        .expect("dbus-run-session")
}

/// A command that sees the desk's home and reaches the real host names through the simulator's proxy.
pub fn through_the_proxy(desk: &Desk, program: &Path) -> Command {
    let mut command = at(desk, program);
    let bundle = desk.write("ca.pem", desk.simulator.ca_pem());
    for name in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_EKS"] {
        command.env_remove(name);
    }
    command.env("HTTPS_PROXY", desk.simulator.proxy()).env("AWS_CA_BUNDLE", &bundle).env("SSL_CERT_FILE", &bundle);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// How many instructions a command takes at the desk, as callgrind counts them: the same on every machine of an architecture,
/// whatever else runs there.
pub fn instructions(desk: &Desk, program: &Path, args: &[&str]) -> u64 {
    let mut command = at(desk, Path::new("valgrind"));
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args(args);
    let output = command.output().expect("valgrind: run tests/run");
    let text = said(&output);
    let counted = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    assert!(output.status.success(), "{text}");
    counted.unwrap_or_else(|| panic!("{text}"))
}
