//! `cargo run --example demo`: the main job from sign-in to an answer of the cluster, against the simulator, in a
//! scratch folder. `-- shell` gives a shell to try every command by hand, in an organisation with three mistakes to find,
//! `-- okta` one in which roles stand behind Okta; `-- practice` walks from an empty folder to a person with just the rights of their tier.
//!
//! Called as `eksso` this program is eksso itself, so that kubectl can call it as its plugin, and so can a person.
#![allow(clippy::disallowed_methods, reason = "the demo stands outside")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use eksso_simulator::access::{DirectoryGroup, IamRole, IamUser, KubeBinding, RawEntry, trusting};
use eksso_simulator::practice::{PRODUCTION, STAGING};
use eksso_simulator::{Policy, Simulator, World, apply};
use serde_json::json;

/// The account's own role that the first mistake is about, and the user of the second one.
const OPERATIONS: &str = "operations";
const BOT: &str = "deploy-bot";
/// The binding of the third one.
const BINDING: &str = "debug-of-last-friday";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().collect();
    if Path::new(&args[0]).file_stem().is_some_and(|name| name == "eksso") {
        return ExitCode::from(eksso::run(env::args_os(), &eksso::adapters::world().expect("a home folder")));
    }
    if Path::new(&args[0]).file_stem().is_some_and(|name| name == "fix") {
        return ask_for_a_fix(args.get(1).map_or("", String::as_str));
    }
    match args.get(1).map(String::as_str) {
        None => demo(),
        Some("shell") => shell(mistaken()),
        Some("okta") => shell(World::okta()),
        Some("practice") => practice(),
        Some(other) => {
            eprintln!("`{other}`? `shell`, `okta` and `practice` are there, or nothing");
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
        for name in ["eksso", "fix"] {
            std::os::unix::fs::symlink(&program, stage.named(name)).expect("a link");
        }
        #[cfg(not(unix))]
        for name in ["eksso", "fix"] {
            std::fs::copy(&program, stage.named(name)).expect("a copy");
        }
        stage
    }

    /// This program by the name under which it is eksso.
    fn eksso(&self) -> PathBuf {
        self.named("eksso")
    }

    fn named(&self, name: &str) -> PathBuf {
        self.home.path().join("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX))
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
        self.ends_with(title, line, 0)
    }

    /// Whether a command ends with an exit code: what is refused must be refused.
    fn ends_with(&self, title: &str, line: &[&str], code: i32) -> bool {
        println!("\n# {title}\n$ {}", line.join(" "));
        let program = match line[0] {
            "eksso" => self.eksso(),
            other => PathBuf::from(other),
        };
        let mut command = self.command(&program);
        let status = command.args(&line[1..]).current_dir(self.home.path()).stdin(Stdio::null()).status();
        let found = status.ok().and_then(|status| status.code());
        if found != Some(code) {
            println!("(this ended with {found:?}, and not with {code})");
        }
        found == Some(code)
    }

    /// Signs somebody in, in place of who was signed in before.
    fn sign_in(&self, title: &str, user: &str) -> bool {
        self.simulator.state().world.signs_in(user);
        self.simulator.state().world.approve = !self.by_hand;
        let url = self.start_url();
        thread::scope(|scope| {
            scope.spawn(|| self.approve());
            self.step(title, &["eksso", "login", "demo", "--start-url", &url, "--sso-region", "eu-west-1"])
        })
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

/// What is added to the file that `scaffold init` writes: somebody who looks whether all of it stays so.
const AUDITOR: &str = r#"
[tiers.auditor]
roles = ["SecurityAudit"]
people = ["Security"]
session = "1h"
clusters = ["payments"]
kubernetes_groups = ["eksso-auditors"]
iam = "auditor"
"#;

/// An organisation with one cluster in which nobody has a role yet, and with the groups that `scaffold init` names.
fn untouched() -> World {
    let mut world = World::before_practice();
    world.clusters.retain(|cluster| cluster.account == PRODUCTION);
    world.access.organization.placed.retain(|(account, _)| account == PRODUCTION);
    for cluster in &mut world.clusters {
        cluster.rbac.namespaces.extend(["apps", "apps-web"].map(str::to_owned));
    }
    world.access.directory_groups.push(DirectoryGroup::new("EKS Cluster Admins", &["alice@example.com"]));
    world
}

fn practice() -> ExitCode {
    let stage = Stage::new(untouched());
    println!("A simulated AWS organisation answers at {}.", stage.simulator.url());
    println!("It has a cluster, `payments`, and people in groups, who have no roles there yet.");
    let done = set_up(&stage) && by_a_developer(&stage) && by_an_auditor(&stage);
    let last = "That was the practice: one file, what follows from it, and nothing more. README.md, \"The practice as code\", has the rest.";
    println!("\n{}", if done { last } else { "The demo failed." });
    ExitCode::from(u8::from(!done))
}

/// From nothing to a set that is applied.
fn set_up(stage: &Stage) -> bool {
    let init = ["eksso", "scaffold", "init", "--account", PRODUCTION, "--region", "eu-west-1", "--cluster", "payments"];
    let done = stage.step("Begin the file that says who may do what", &init)
        && stage.step("Before anything is made: who may do what?", &["eksso", "scaffold", "check"])
        && more_in_the_file(stage);
    println!(
        "\n# Edit the file: here, a tier is added for whoever checks that all stays so\n$ cat >> access.toml\n{}",
        AUDITOR.trim()
    );
    let file = stage.home.path().join("access.toml");
    let text = std::fs::read_to_string(&file).unwrap_or_default() + AUDITOR;
    let written = std::fs::write(&file, text);
    if !(done && written.is_ok() && stage.step("Make the code", &["eksso", "scaffold", "write", "--to", "set"])) {
        return false;
    }
    println!(
        "\n# Apply it, as set/README.md says. You would do it with CloudFormation, Terraform and kubectl: eksso itself changes nothing in AWS"
    );
    match apply::set(&mut stage.simulator.state().world, &stage.home.path().join("set")) {
        Ok(all) => {
            all.iter().for_each(|one| println!("applied: {one}"));
            true
        }
        Err(why) => {
            println!("it was refused: {why}");
            false
        }
    }
}

/// Whoever puts more into the file than a tier is for is found before anything is made.
fn more_in_the_file(stage: &Stage) -> bool {
    let (file, own) = (stage.home.path().join("access.toml"), stage.home.path().join("more.json"));
    let good = std::fs::read_to_string(&file).unwrap_or_default();
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:AssociateAccessPolicy","Resource":"*"}]}"#;
    println!("\n# Somebody gives the developers a policy of their own in place of it\n$ cat more.json\n{all}");
    println!("$ sed -i 's/iam = \"developer\"/iam_file = \"more.json\"/' access.toml");
    let more = good.replace("iam = \"developer\"", "iam_file = \"more.json\"");
    let written = std::fs::write(own, all).and_then(|()| std::fs::write(&file, more));
    let check = ["eksso", "scaffold", "check", "-o", "name"];
    let found = written.is_ok() && stage.ends_with("The check finds it, with exit code 4", &check, 4);
    found && std::fs::write(&file, good).is_ok()
}

/// A developer has the rights of a developer; whoever tries to get more is refused.
fn by_a_developer(stage: &Stage) -> bool {
    let add = ["eksso", "add", "--account=*", "--role=*", "--region=eu-west-1", "--cluster=*", "--use"];
    let mut done = stage.sign_in("Bob is in the group `EKS Developers`, and signs in", "bob@example.com")
        && stage.step("What he was given", &["eksso", "clusters"])
        && stage.step("A context for it", &add);
    if stage.command(Path::new("kubectl")).arg("version").arg("--client").output().is_ok() {
        done = done
            && stage.step("He works in the namespace `apps`", &["kubectl", "get", "pods", "-n", "apps"])
            && stage
                .step("and may change what runs there", &["kubectl", "auth", "can-i", "create", "pods", "-n", "apps"])
            && stage.ends_with(
                "Secrets of the system are not his",
                &["kubectl", "get", "secrets", "-n", "kube-system"],
                1,
            )
            && stage.ends_with(
                "nor may he bind himself to more",
                &["kubectl", "create", "clusterrolebinding", "mine", "--clusterrole=cluster-admin", "--user=bob"],
                1,
            );
    } else {
        println!("\n# There is no kubectl here: what the cluster would answer it is left out");
    }
    let admin = [
        "eksso",
        "token",
        "--cluster=payments",
        "--region=eu-west-1",
        "--account=222222222222",
        "--role=EKSClusterAdmin",
    ];
    done && stage.ends_with("He tries the administrators' role, which is not assigned to him", &admin, 4)
}

/// What is changed by hand is seen.
fn by_an_auditor(stage: &Stage) -> bool {
    let done = stage.step("Bob signs out", &["eksso", "logout"])
        && stage.sign_in("Jane is in the group `Security`, and signs in", "jane@example.com")
        && stage.step("All is as the file says", &["eksso", "scaffold", "diff"])
        && stage.step("and nothing is wrong with it", &["eksso", "audit"]);
    println!("\n# Somebody gives the developers the whole cluster, by hand");
    println!(
        "$ aws eks associate-access-policy … --policy-arn …/AmazonEKSClusterAdminPolicy --access-scope type=cluster"
    );
    for entry in stage.simulator.state().world.clusters.iter_mut().flat_map(|cluster| &mut cluster.eks.entries) {
        if entry.principal.contains("AWSReservedSSO_EKSDeveloper_") {
            entry.policies.push(Policy { name: "AmazonEKSClusterAdminPolicy".into(), namespaces: vec![] });
        }
    }
    done && stage.ends_with("The comparison finds just that, with exit code 4", &["eksso", "scaffold", "diff"], 4)
        && stage.ends_with("and the audit says what is wrong with it", &["eksso", "audit"], 4)
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

/// The organisation as it should be, with three mistakes, and with a developer's role for the person who signs in.
fn mistaken() -> World {
    let mut world = World::practice();
    for account in world.accounts.iter_mut().filter(|account| account.id != "111111111111") {
        account.roles.push("EKSDeveloper".into());
    }
    let developers = ["bob@example.com", "carol@example.com", "jane@example.com"];
    let groups = world.access.directory_groups.iter_mut();
    groups
        .filter(|group| group.name == "EKS Developers")
        .for_each(|group| *group = DirectoryGroup::new("EKS Developers", &developers));
    // 1. Whoever may assume roles in the account is an admin of the cluster.
    let anybody = trusting(&json!({ "AWS": format!("arn:aws:iam::{PRODUCTION}:root") }), "sts:AssumeRole", None);
    let operations = IamRole::new(PRODUCTION, "/", OPERATIONS, &anybody);
    let admin = Policy { name: "AmazonEKSClusterAdminPolicy".into(), namespaces: vec![] };
    let entry = RawEntry { policies: vec![admin], ..RawEntry::new(&operations.arn("aws")) };
    world.access.roles.push(operations);
    // 2. Access keys, which no sign-in ends.
    let (account, name) = (STAGING.to_owned(), BOT.to_owned());
    world.access.users.push(IamUser { account, name, inline: vec![], attached: vec![], groups: vec![] });
    let edit = Policy { name: "AmazonEKSEditPolicy".into(), namespaces: vec!["payments".into()] };
    let bot = RawEntry { policies: vec![edit], ..RawEntry::new(&format!("arn:aws:iam::{STAGING}:user/{BOT}")) };
    for cluster in &mut world.clusters {
        if cluster.account == PRODUCTION {
            cluster.eks.entries.push(entry.clone());
        } else {
            cluster.eks.entries.push(bot.clone());
            // 3. A binding that somebody forgot.
            let developer = cluster.mappings.iter_mut().find(|mapping| mapping.role == "EKSDeveloper");
            developer.expect("the tier").groups.push("developers".into());
            cluster.rbac.bindings.push(KubeBinding::cluster(BINDING, "cluster-admin", "developers"));
        }
    }
    world
}

/// Takes one of the mistakes away, as its fix would.
fn mend(world: &mut World, number: &str) -> Option<&'static str> {
    let said = match number {
        "1" => "the access entry of the role `operations` is deleted",
        "2" => "the access entry of the user `deploy-bot` is deleted",
        "3" => {
            "the binding `debug-of-last-friday` is deleted, and the group that it was for is taken from the access entry"
        }
        _ => return None,
    };
    for cluster in &mut world.clusters {
        let ends = match number {
            "1" => format!("role/{OPERATIONS}"),
            "2" => format!("user/{BOT}"),
            _ => {
                cluster.rbac.bindings.retain(|binding| binding.name != BINDING);
                // Left there, the group would be a finding of its own: no binding names it any more.
                let others = cluster.mappings.iter_mut().filter(|_| cluster.account != PRODUCTION);
                for developer in others.filter(|mapping| mapping.role == "EKSDeveloper") {
                    developer.groups.retain(|group| group != "developers");
                }
                continue;
            }
        };
        cluster.eks.entries.retain(|entry| !entry.principal.ends_with(&ends));
    }
    Some(said)
}

/// `fix N` in the shell of the demo: asks the program that simulates the organisation, and waits for its answer.
fn ask_for_a_fix(number: &str) -> ExitCode {
    let folder = PathBuf::from(env::var_os("EKSSO_DEMO_FIXES").unwrap_or_default());
    if !["1", "2", "3"].contains(&number) || !folder.is_dir() {
        eprintln!("fix 1, fix 2 or fix 3, in the shell of `cargo run --example demo -- shell`");
        return ExitCode::from(2);
    }
    let done = folder.join(format!("{number}.done"));
    _ = std::fs::remove_file(&done);
    std::fs::write(folder.join(number), "").expect("a file");
    for _ in 0..100 {
        if let Ok(said) = std::fs::read_to_string(&done) {
            println!("{said}. See: eksso audit --refresh");
            return ExitCode::SUCCESS;
        }
        thread::sleep(Duration::from_millis(50));
    }
    eprintln!("the demo does not answer");
    ExitCode::FAILURE
}

fn shell(world: World) -> ExitCode {
    let okta = world.dedicated.then(|| world.okta.client_id.clone());
    let stage = Stage::new(world);
    let shell = env::var_os("SHELL").map_or_else(|| PathBuf::from("/bin/sh"), PathBuf::from);
    println!("In this shell `eksso` meets a simulated organisation; `exit` ends it. Begin with:");
    match okta {
        Some(client) => println!("  eksso login --okta {} --client-id {client}", stage.simulator.url()),
        None => {
            println!("  eksso login --start-url {} --sso-region eu-west-1", stage.start_url());
            println!("  eksso add                            contexts for kubectl");
            println!(
                "Three mistakes were made in who may do what here; some show in more than one finding. To find and to understand them:"
            );
            println!(
                "  eksso audit                          what is wrong; eksso audit explain RULE says why it matters"
            );
            println!(
                "  eksso access                         who is let in, as what; --html access.html for a page to search"
            );
            println!("  eksso access --who-can '*' '*'       who may do everything");
            println!("  fix 1, fix 2, fix 3                  mends one as its fix would; then eksso audit --refresh");
        }
    }
    if stage.by_hand {
        println!("Approve the sign-in on the page that opens.");
    } else {
        println!("Sign-ins are approved by themselves, as there is no browser here.");
    }
    let fixes = stage.home.path().join("fixes");
    std::fs::create_dir(&fixes).expect("a folder");
    let ended = AtomicBool::new(false);
    let status = thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(50));
                for number in ["1", "2", "3"].iter().filter(|number| std::fs::remove_file(fixes.join(number)).is_ok()) {
                    let said = mend(&mut stage.simulator.state().world, number).unwrap_or_default();
                    // Under its name when it is whole.
                    std::fs::write(fixes.join("new"), said).expect("a file");
                    std::fs::rename(fixes.join("new"), fixes.join(format!("{number}.done"))).expect("a file");
                }
            }
        });
        let status = stage.command(&shell).env("EKSSO_DEMO_FIXES", &fixes).status();
        ended.store(true, Ordering::Relaxed);
        status
    });
    ExitCode::from(u8::from(status.is_err()))
}
