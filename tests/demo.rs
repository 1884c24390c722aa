//! `cargo run --example demo`: the main job from sign-in to an answer of the cluster, against the simulator, in a
//! scratch folder. `-- shell` gives a shell to try every command by hand, `-- okta` one in which roles stand behind Okta.
//!
//! Called as `eksso` this program is eksso itself, so that kubectl can call it as its plugin, and so can a person.
#![allow(clippy::disallowed_methods, reason = "the demo stands outside")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use eksso_simulator::{Simulator, World};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().collect();
    if Path::new(&args[0]).file_stem().is_some_and(|name| name == "eksso") {
        return ExitCode::from(eksso::run(env::args_os(), &eksso::adapters::world().expect("a home folder")));
    }
    match args.get(1).map(String::as_str) {
        None => demo(),
        Some("shell") => shell(World::small()),
        Some("okta") => shell(World::okta()),
        Some(other) => {
            eprintln!("`{other}`? `shell` and `okta` are there, or nothing");
            ExitCode::from(2)
        }
    }
}

struct Stage {
    simulator: Simulator,
    home: tempfile::TempDir,
    by_hand: bool,
}

impl Stage {
    fn new(world: World) -> Self {
        let by_hand =
            ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|v| !v.is_empty()));
        let simulator = Simulator::start(World { approve: !by_hand, ..world });
        let home = tempfile::tempdir().expect("a scratch folder");
        let bin = home.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        let stage = Self { simulator, home, by_hand };
        let program = env::current_exe().expect("this program");
        #[cfg(unix)]
        std::os::unix::fs::symlink(program, stage.eksso()).expect("a link");
        #[cfg(not(unix))]
        std::fs::copy(program, stage.eksso()).expect("a copy");
        stage
    }

    /// This program by the name under which it is eksso.
    fn eksso(&self) -> PathBuf {
        self.home.path().join("bin").join(format!("eksso{}", env::consts::EXE_SUFFIX))
    }

    fn start_url(&self) -> String {
        format!("{}/start", self.simulator.url())
    }

    /// A command that sees the scratch home and the simulator, and nothing of the user's.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if ["AWS_", "EKSSO_", "XDG_"].iter().any(|prefix| name.starts_with(prefix)) || name == "KUBECONFIG" {
                command.env_remove(name);
            }
        }
        let paths = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([self.home.path().join("bin")].into_iter().chain(env::split_paths(&paths)));
        command.envs(self.simulator.env()).env("HOME", self.home.path()).env("PATH", path.expect("a search path"));
        command.env("AWS_ENDPOINT_URL_STS", self.simulator.url());
        // Not the user's keyring: everything here is thrown away with the scratch folder.
        command.env("EKSSO_KEYRING", "plaintext");
        command
    }

    fn step(&self, title: &str, line: &[&str]) -> bool {
        println!("\n# {title}\n$ {}", line.join(" "));
        let program = match line[0] {
            "eksso" => self.eksso(),
            other => PathBuf::from(other),
        };
        let status = self.command(&program).args(&line[1..]).stdin(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// Opens the page in a browser when there is one; else the simulator approves by itself.
    fn approve(&self) {
        for _ in 0..100 {
            thread::sleep(Duration::from_millis(50));
            // Bound first: the state stays locked for as long as a borrow of it lives.
            let waiting = self.simulator.state().waiting();
            if let Some(code) = waiting.first() {
                let url = format!("{}/device?user_code={code}", self.simulator.url());
                if !(self.by_hand && webbrowser::open(&url).is_ok()) {
                    self.simulator.state().world.approve = true;
                }
                return;
            }
        }
    }
}

fn demo() -> ExitCode {
    let stage = Stage::new(World::small());
    println!("A simulated AWS organisation answers at {}.", stage.simulator.url());
    println!("Everything happens in {}, which is removed afterwards.", stage.home.path().display());
    let url = stage.start_url();
    let signed_in = thread::scope(|scope| {
        scope.spawn(|| stage.approve());
        let line = ["eksso", "login", "demo", "--start-url", &url, "--sso-region", "eu-west-1"];
        stage.step("Sign in once", &line)
    });
    let add = ["eksso", "add", "--account=Production", "--role=EKS*", "--region=eu-*", "--cluster=*", "--use"];
    let mut done = signed_in
        && stage.step("See what you are permitted to use", &["eksso", "clusters"])
        && stage.step("Write contexts (on a terminal, `eksso add` alone lets you choose)", &add)
        && stage.step("Is somebody signed in?", &["eksso", "status"]);
    if stage.command(Path::new("kubectl")).arg("version").arg("--client").output().is_ok() {
        done = done
            && stage.step("kubectl gets its token from eksso", &["kubectl", "get", "namespaces"])
            && stage.step("The same cluster, another role", &["eksso", "use", "Production/web:EKSViewer"])
            && stage.step("Who am I there?", &["kubectl", "auth", "whoami"]);
    } else {
        done = done && token_without_kubectl(&stage);
    }
    done = done && stage.step("Sign out; nothing secret is left", &["eksso", "logout"]);
    println!(
        "\n{}",
        if done {
            "That was the whole way. `cargo run --example demo -- shell` lets you try it."
        } else {
            "The demo failed."
        }
    );
    ExitCode::from(u8::from(!done))
}

fn token_without_kubectl(stage: &Stage) -> bool {
    println!("\n# There is no kubectl here; the cluster is asked directly\n$ eksso token --cluster web …");
    let args = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
    let output = stage.command(&stage.eksso()).args(args).output().expect("started");
    let reply: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let token = reply["status"]["token"].as_str().unwrap_or_default();
    match stage.simulator.authenticate("111122223333", "eu-west-1", "web", token) {
        Ok(user) => println!("The cluster lets in {}", user["username"]),
        Err(reason) => println!("The cluster refused: {reason}"),
    }
    output.status.success()
}

fn shell(world: World) -> ExitCode {
    let okta = world.dedicated.then(|| world.okta.client_id.clone());
    let stage = Stage::new(world);
    let shell = env::var_os("SHELL").map_or_else(|| PathBuf::from("/bin/sh"), PathBuf::from);
    println!("In this shell `eksso` meets a simulated organisation; `exit` ends it. Begin with:");
    match okta {
        Some(client) => println!("  eksso login --okta {} --client-id {client}", stage.simulator.url()),
        None => println!("  eksso login --start-url {} --sso-region eu-west-1", stage.start_url()),
    }
    if stage.by_hand {
        println!("Approve the sign-in on the page that opens.");
    } else {
        println!("Sign-ins are approved by themselves, as there is no browser here.");
    }
    let status = stage.command(&shell).status();
    ExitCode::from(u8::from(status.is_err()))
}
