//! eksso with the real parts a user has: kubectl, AWS CLI, Secret Service, a browser, shells, a terminal, packages.
//!
//! A missing part fails a test. `tests/run` installs all parts and names their folder in EKSSO_TEST_PARTS.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::eksso;
use crate::support::{Desk, both};
use eksso_simulator::World;

fn part(name: &str) -> PathBuf {
    let folder =
        std::env::var_os("EKSSO_TEST_PARTS").expect("EKSSO_TEST_PARTS: run tests/run, which installs the parts");
    let path = Path::new(&folder).join("bin").join(name);
    assert!(path.exists(), "{} is missing: run tests/run", path.display());
    path
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn good(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("started");
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// A command that sees the desk's home and simulator, with eksso on its PATH.
fn at(desk: &Desk, program: &Path) -> Command {
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

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_1_35_and_an_older_one_work_through_the_plugin() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]));
    for kubectl in ["kubectl-1.35", "kubectl-older"] {
        let kubectl = part(kubectl);
        for (context, user, role) in [
            ("Production/web:EKSAdmin", "eksadmin:jane-example.com", "EKSAdmin"),
            ("Production/web:EKSViewer", "eksviewer:jane-example.com", "EKSViewer"),
            ("Staging/web:EKSAdmin", "eksadmin:jane-example.com", "EKSAdmin"),
            ("Production/batch:EKSAdmin", "eksadmin:jane-example.com", "EKSAdmin"),
        ] {
            good(eksso(&desk).args(["use", context]));
            let version = good(at(&desk, &kubectl).args(["get", "--raw", "/version"]));
            assert!(version.contains("v1.35.0-simulated"), "{version}");
            let who: Value =
                serde_json::from_str(&good(at(&desk, &kubectl).args(["auth", "whoami", "-o", "json"]))).expect("JSON");
            let info = &who["status"]["userInfo"];
            assert_eq!(info["username"], user, "{context}");
            assert_eq!(good(eksso(&desk).args(["whoami", "-o", "name"])).trim(), user, "{context}");
            let arn = info["extra"]["arn"][0].as_str().expect("an ARN");
            let account = if context.starts_with("Staging") { "444455556666" } else { "111122223333" };
            assert!(arn.contains(&format!("::{account}:assumed-role/AWSReservedSSO_{role}_")), "{arn}");
        }
        let names = good(at(&desk, &kubectl).args(["get", "namespaces", "-o", "name"]));
        assert_eq!(names, "namespace/default\nnamespace/kube-system\n");
    }
    // What kubectl reads of the file is what we wrote.
    let view = good(at(&desk, &part("kubectl-1.35")).args(["config", "view", "--raw", "-o", "json"]));
    let view: Value = serde_json::from_str(&view).expect("JSON");
    let extension = &view["contexts"].as_array().expect("contexts")[0]["context"]["extensions"][0];
    assert_eq!((extension["name"].as_str(), extension["extension"]["session"].as_str()), (Some("eksso"), Some("corp")));
}

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_works_with_roles_behind_okta_from_sign_in_to_sign_out() {
    let [_, world] = both();
    let desk = Desk::configured(world);
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["sync"]));
    good(eksso(&desk).args(["use", "111122223333/web:EKSAdmin"]));
    let kubectl = part("kubectl-1.35");
    let who = || -> Value {
        serde_json::from_str(&good(at(&desk, &kubectl).args(["auth", "whoami", "-o", "json"]))).expect("JSON")
    };
    let admin = who()["status"]["userInfo"].clone();
    assert_eq!(admin["username"], "eksadmin:jane-example.com");
    assert!(admin["extra"]["arn"][0].as_str().is_some_and(|arn| arn.contains(":assumed-role/EKSAdmin/")), "{admin}");
    assert_eq!(good(eksso(&desk).args(["whoami", "-o", "name"])).trim(), "eksadmin:jane-example.com");
    good(eksso(&desk).args(["use", "--role", "EKSViewer"]));
    assert_eq!(who()["status"]["userInfo"]["username"], "eksviewer:jane-example.com");
    let names = good(at(&desk, &kubectl).args(["get", "namespaces", "-o", "name"]));
    assert_eq!(names, "namespace/default\nnamespace/kube-system\n");
    let asked = desk.simulator.count("OktaSso");
    assert_eq!(asked, 1, "one response for all of this");
    good(eksso(&desk).arg("logout"));
    let output = at(&desk, &kubectl).args(["get", "namespaces"]).output().expect("started");
    assert!(!output.status.success() && said(&output).contains("hint: eksso login corp"), "{}", said(&output));
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_takes_the_simulators_assertion_and_asks_as_we_do() {
    let [_, world] = both();
    let desk = Desk::signed_in_to(world);
    desk.run(&["credentials", "--account=111122223333", "--role=EKSAdmin"]).ok();
    let body = |desk: &Desk| -> Vec<(String, String)> {
        let state = desk.simulator.state();
        let last = state.requests.iter().rfind(|request| request.operation == "AssumeRoleWithSAML").expect("a request");
        let mut pairs: Vec<_> = form_urlencoded::parse(last.body.as_bytes()).into_owned().collect();
        pairs.sort();
        pairs
    };
    let ours = body(&desk);
    let field = |name: &str| ours.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).expect(name);
    let mut aws = at(&desk, &part("aws"));
    aws.env("AWS_ENDPOINT_URL_STS", desk.simulator.url()).env("AWS_EC2_METADATA_DISABLED", "true");
    let reply = good(aws.args(["--region", "eu-west-1", "sts", "assume-role-with-saml", "--output", "json"]).args([
        "--role-arn",
        &field("RoleArn"),
        "--principal-arn",
        &field("PrincipalArn"),
        "--saml-assertion",
        &field("SAMLAssertion"),
        "--duration-seconds",
        &field("DurationSeconds"),
    ]));
    let reply: Value = serde_json::from_str(&reply).expect("JSON");
    assert_eq!(reply["AssumedRoleUser"]["Arn"], "arn:aws:sts::111122223333:assumed-role/EKSAdmin/jane@example.com");
    assert_eq!(body(&desk), ours, "the same request, field by field");
}

#[test]
#[ignore = "real part: kubectl"]
fn signed_out_kubectl_shows_what_to_run() {
    let desk = Desk::signed_in();
    desk.run(&["add", "--cluster=batch", "--role=EKSAdmin", "--use"]).ok();
    desk.run(&["logout"]).ok();
    let output = at(&desk, &part("kubectl-1.35")).args(["get", "namespaces"]).output().expect("started");
    assert!(!output.status.success());
    assert!(said(&output).contains("hint: eksso login corp"), "{}", said(&output));
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_works_against_the_simulator() {
    let desk = Desk::new();
    let (config, kubeconfig) = (desk.path(".aws/config"), desk.path("aws-kubeconfig"));
    desk.write(
        ".aws/config",
        "[sso-session corp]\nsso_start_url = https://sim.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n\n\
         [profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = EKSAdmin\nregion = eu-west-1\n",
    );
    let aws = || {
        let mut command = at(&desk, &part("aws"));
        command.env("AWS_CONFIG_FILE", &config).env("AWS_PROFILE", "dev").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    };
    good(aws().args(["sso", "login", "--use-device-code", "--no-browser"]));
    let clusters: Value =
        serde_json::from_str(&good(aws().args(["eks", "list-clusters", "--output", "json"]))).expect("JSON");
    assert_eq!(clusters["clusters"], json!(["web"]));
    let identity = good(aws().env("AWS_ENDPOINT_URL_STS", desk.simulator.url()).args([
        "sts",
        "get-caller-identity",
        "--output",
        "json",
    ]));
    assert!(identity.contains("AWSReservedSSO_EKSAdmin_"), "{identity}");
    good(aws().args(["eks", "update-kubeconfig", "--name", "web", "--kubeconfig"]).arg(&kubeconfig));
    let token: Value =
        serde_json::from_str(&good(aws().args(["eks", "get-token", "--cluster-name", "web", "--output", "json"])))
            .expect("JSON");
    let token = token["status"]["token"].as_str().expect("a token");
    let user = desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).expect("accepted");
    assert_eq!(user["username"], "eksadmin:jane-example.com");
    // Our contexts share the cluster entry that the AWS CLI wrote, and leave its user and context alone.
    desk.run(&[
        "login",
        "corp",
        "--start-url",
        &format!("{}/start", desk.simulator.url()),
        "--sso-region",
        "eu-west-1",
    ])
    .fails(2, &["is of another place"]);
    let ours = desk.write("eksso.toml", &desk.config());
    let before: Value = serde_yaml::from_str(&std::fs::read_to_string(&kubeconfig).expect("a file")).expect("YAML");
    let args = ["add", "--account=Production", "--role=EKSAdmin", "--region=eu-west-1", "--cluster=web"];
    good(eksso(&desk).args(["login", "--config"]).arg(&ours));
    good(eksso(&desk).args(args).arg("--config").arg(&ours).arg("--kubeconfig").arg(&kubeconfig));
    let after: Value = serde_yaml::from_str(&std::fs::read_to_string(&kubeconfig).expect("a file")).expect("YAML");
    assert_eq!(after["clusters"], before["clusters"]);
    assert_eq!(after["current-context"], before["current-context"]);
    assert_eq!(after["contexts"].as_array().expect("contexts").len(), 2);
}

#[test]
#[ignore = "real part: aws-iam-authenticator"]
fn a_token_of_aws_iam_authenticator_is_accepted_by_the_simulator() {
    let desk = Desk::signed_in();
    desk.run(&["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
    let (key, issued) =
        desk.simulator.state().issued().next().map(|(k, i)| (k.clone(), i.clone())).expect("credentials");
    let mut command = at(&desk, &part("aws-iam-authenticator"));
    command.args(["token", "-i", "web"]).env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", &issued.secret);
    let reply = good(command.env("AWS_SESSION_TOKEN", &issued.token).env("AWS_REGION", "eu-west-1"));
    let reply: Value = serde_json::from_str(&reply).expect("JSON");
    let token = reply["status"]["token"].as_str().expect("a token");
    desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).expect("accepted");
}

/// Ends the tmux server of a test, however the test ends.
struct Server(PathBuf);

impl Drop for Server {
    fn drop(&mut self) {
        _ = Command::new("tmux").arg("-S").arg(&self.0).arg("kill-server").output();
    }
}

/// Runs a script under a session bus of its own; with `keyring`, GNOME Keyring is unlocked on it.
fn on_a_bus(desk: &Desk, keyring: bool, script: &str) -> Output {
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

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus, libsecret-tools)"]
fn the_secret_service_keeps_tokens_and_cache_key() {
    let desk = Desk::configured(World::small());
    let output = on_a_bus(
        &desk,
        true,
        "eksso login && eksso add --cluster=batch --role=EKSAdmin && \
         eksso token --cluster=batch --region=us-east-1 --account=111122223333 --role=EKSAdmin >/dev/null && eksso status -o json && \
         secret-tool lookup service eksso username session/corp | head -c 12 && secret-tool lookup service eksso username cache-key >/dev/null && \
         eksso logout && ! secret-tool lookup service eksso username session/corp && echo GONE",
    );
    let said = said(&output);
    assert!(output.status.success() && said.contains("GONE"), "{said}");
    assert!(said.contains("\"keyring\": \"secret-service\"") && said.contains("{\"version\":1"), "{said}");
    assert!(!desk.path(".local/state/eksso/secrets").exists(), "no secret in files");
}

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus)"]
fn a_locked_keyring_an_absent_one_and_a_hanging_one_are_told_apart() {
    let desk = Desk::configured(World::small());
    let lock = "gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets --method org.freedesktop.Secret.Service.Lock \"['/org/freedesktop/secrets/collection/login']\" >/dev/null; ";
    let start = Instant::now();
    let locked = on_a_bus(&desk, true, &format!("eksso login -q && {lock} eksso roles; echo CODE $?"));
    assert!(said(&locked).contains("is locked") && said(&locked).contains("CODE 7"), "{}", said(&locked));
    let named = on_a_bus(&desk, false, "EKSSO_KEYRING=secret-service eksso roles; echo CODE $?");
    assert!(said(&named).contains("the Secret Service keyring is not here"), "{}", said(&named));
    let deaf = "/usr/bin/python3 -c 'import dbus,time; b=dbus.SessionBus(); b.request_name(\"org.freedesktop.secrets\"); time.sleep(60)' & \
                gdbus wait --session --timeout 5 org.freedesktop.secrets; eksso roles; echo CODE $?; kill %1";
    let hanging = on_a_bus(&desk, false, deaf);
    assert!(
        said(&hanging).contains("did not answer within 5 s") && said(&hanging).contains("CODE 7"),
        "{}",
        said(&hanging)
    );
    assert!(start.elapsed() < Duration::from_secs(120));
}

#[test]
#[ignore = "real part: kernel keyring (keyutils)"]
fn without_a_secret_service_the_kernel_keyring_serves() {
    let desk = Desk::configured(World::small());
    let session = format!("kernel-{}", std::process::id());
    desk.write(".config/eksso/config.toml", &desk.config().replace("corp", &session));
    let script = format!(
        "eksso login && eksso roles && eksso status -o json && eksso logout; echo CODE $?; keyctl search @u user 'eksso:session/{session}'"
    );
    let output = on_a_bus(&desk, false, &script);
    let said = said(&output);
    assert!(said.contains("\"keyring\": \"keyutils\"") && said.contains("CODE 0"), "{said}");
    assert!(!output.status.success(), "the item is gone after logout: {said}");
}

fn driver(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let url = format!("http://127.0.0.1:{port}{path}");
    let sent = match method {
        "POST" => ureq::post(&url).content_type("application/json").send(body.to_string()),
        "DELETE" => ureq::delete(&url).call(),
        _ => ureq::get(&url).call(),
    };
    let text = sent
        .map_err(|error| error.to_string())
        .and_then(|mut reply| reply.body_mut().read_to_string().map_err(|e| e.to_string()));
    text.map_or_else(|error| json!({ "error": error }), |text| serde_json::from_str(&text).expect("JSON"))
}

/// A browser that is driven as a person would drive it; it ends with this.
struct Chromium {
    driver: std::process::Child,
    port: u16,
    session: String,
}

impl Chromium {
    fn start(desk: &Desk) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        let mut command = Command::new("chromedriver");
        let driver = command.arg(format!("--port={port}")).stdout(Stdio::null()).spawn().expect("chromedriver");
        let mut chromium = Self { driver, port, session: String::new() };
        let deadline = Instant::now() + Duration::from_secs(90);
        while self::driver(port, "GET", "/status", &json!({}))["value"]["ready"] != true {
            assert!(Instant::now() < deadline, "chromedriver did not start");
            sleep(Duration::from_millis(50));
        }
        let mut args: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ]
        .map(str::to_owned)
        .to_vec();
        args.push(format!("--user-data-dir={}", desk.path("chromium").display()));
        let options = json!({ "binary": "/usr/bin/chromium", "args": args });
        let wanted = json!({ "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } });
        let made = self::driver(port, "POST", "/session", &json!({ "capabilities": wanted }));
        let id = made["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{made}"));
        chromium.session = format!("/session/{id}");
        chromium
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        driver(self.port, "POST", &format!("{}{path}", self.session), body)
    }

    /// Opens a page, presses its approve button, and answers what is shown once that holds a word.
    fn approve(&self, page: &str, word: &str) -> String {
        self.post("/url", &json!({ "url": page }));
        let button = self.post("/element", &json!({ "using": "css selector", "value": "#approve" }))["value"].clone();
        let button = button.as_object().and_then(|o| o.values().next()?.as_str()).expect("the button").to_owned();
        self.post(&format!("/element/{button}/click"), &json!({}));
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let shown = self.post("/execute/sync", &json!({ "script": "return document.body.innerText", "args": [] }));
            let text = shown["value"].as_str().unwrap_or_default();
            if text.contains(word) || Instant::now() > deadline {
                return text.to_owned();
            }
            sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        driver(self.port, "DELETE", &self.session, &json!({}));
        _ = self.driver.kill();
        _ = self.driver.wait();
    }
}

/// The page that a sign-in asks to open, from what it says.
fn page_of(login: &mut std::process::Child, mark: &str) -> String {
    let said = std::io::BufReader::new(login.stderr.as_mut().expect("a pipe"));
    let mut lines = std::io::BufRead::lines(said);
    let page = lines.find_map(|line| line.ok().filter(|line| line.contains(mark)));
    page.expect("a page to open").trim().to_owned()
}

#[test]
#[ignore = "real part: Chromium"]
fn a_person_approves_the_sign_in_page_in_chromium() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let chromium = Chromium::start(&desk);
    let mut login = eksso(&desk).arg("login").stderr(Stdio::piped()).spawn().expect("started");
    let page = page_of(&mut login, "/device?user_code=");
    let shown = chromium.approve(&page, "Request");
    assert!(shown.contains("Request approved"), "{shown}");
    assert!(login.wait().expect("ended").success());
    desk.run(&["roles"]).ok();
}

#[test]
#[ignore = "real part: Chromium"]
fn chromium_comes_back_from_the_pkce_page_and_says_so() {
    let desk = Desk::configured(World { approve: false, ..World::small() });
    let chromium = Chromium::start(&desk);
    let mut command = eksso(&desk);
    let mut login = command
        .args(["login", "--flow", "pkce"])
        .env("BROWSER", "true")
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let page = page_of(&mut login, "/authorize?");
    let shown = chromium.approve(&page, "close this page");
    assert!(shown.contains("eksso has what it needs. You can close this page"), "{shown}");
    assert!(login.wait().expect("ended").success());
    desk.run(&["roles"]).ok();
}

/// Compares a screen with the one that is kept as text.
fn keep_screen(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
    let port = |line: &str| match line.find("https://127.0.0.1:") {
        Some(at) => format!("{}https://127.0.0.1:PORT", &line[..at]),
        None => line.trim_end().to_owned(),
    };
    let seen: String = screen.lines().map(|line| format!("{}\n", port(line))).collect();
    if std::env::var_os("EKSSO_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &seen).expect("a file");
    }
    assert_eq!(seen, std::fs::read_to_string(&path).unwrap_or_default(), "{name}: EKSSO_BLESS=1 keeps a new one");
}

#[test]
#[ignore = "real part: tmux"]
fn the_picker_works_in_a_terminal_and_gives_it_back() {
    let desk = Desk::signed_in();
    let socket = desk.path("tmux");
    let _server = Server(socket.clone());
    let tmux = |args: &[&str]| {
        let mut command = at(&desk, Path::new("tmux"));
        good(command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args))
    };
    let screen_with = |words: &[&str]| {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
            if words.iter().all(|word| screen.contains(word)) {
                return screen;
            }
            assert!(Instant::now() < deadline, "waiting for {words:?}:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    };
    for (columns, lines) in [("80", "24"), ("40", "10"), ("160", "50")] {
        tmux(&["new-session", "-d", "-s", "t", "-x", columns, "-y", lines, "sh"]);
        tmux(&["send-keys", "-t", "t", "PS1='ready> '; clear", "Enter"]);
        screen_with(&["ready>"]);
        tmux(&["send-keys", "-t", "t", "eksso add", "Enter"]);
        screen_with(&["> ", "6/6"]);
        // The search is over when no notice stands behind the title any more.
        let deadline = Instant::now() + Duration::from_secs(30);
        while tmux(&["capture-pane", "-p", "-t", "t"]).contains('[') {
            assert!(Instant::now() < deadline, "the search does not end");
            sleep(Duration::from_millis(50));
        }
        keep_screen(&format!("picker-{columns}x{lines}"), &tmux(&["capture-pane", "-p", "-t", "t"]));
        tmux(&["send-keys", "-t", "t", "stag"]);
        screen_with(&["> stag", "/6"]);
        tmux(&["send-keys", "-t", "t", "Escape"]);
        screen_with(&["nothing was chosen", "ready>"]);
        tmux(&["send-keys", "-t", "t", "clear; eksso add", "Enter"]);
        screen_with(&["6/6"]);
        tmux(&["send-keys", "-t", "t", "C-c"]);
        screen_with(&["interrupted", "ready>"]);
        tmux(&["send-keys", "-t", "t", "clear; echo raw=$(stty -a | grep -c -- ' -icanon')", "Enter"]);
        screen_with(&["raw=0", "ready>"]);
        tmux(&["send-keys", "-t", "t", "clear; eksso add", "Enter"]);
        screen_with(&["6/6"]);
        for key in ["prod web", "Tab", "Tab", "Enter"] {
            tmux(&["send-keys", "-t", "t", key]);
            sleep(Duration::from_millis(100));
        }
        screen_with(&["2 contexts", "Switch with: eksso use"]);
        // A signal from elsewhere gives the terminal back too, and so does a size that changes meanwhile.
        tmux(&["send-keys", "-t", "t", "clear; eksso add; echo code=$?", "Enter"]);
        screen_with(&["6/6"]);
        tmux(&["resize-window", "-t", "t", "-x", "60", "-y", "20"]);
        screen_with(&["6/6", "Tab mark"]);
        good(at(&desk, Path::new("pkill")).args(["-TERM", "-f", "^eksso add"]));
        screen_with(&["code=143"]);
        tmux(&["send-keys", "-t", "t", "clear; echo raw=$(stty -a | grep -c -- ' -icanon')", "Enter"]);
        screen_with(&["raw=0", "ready>"]);
        tmux(&["kill-server"]);
        sleep(Duration::from_millis(200));
    }
    assert_eq!(desk.kubeconfig()["contexts"].as_sequence().expect("contexts").len(), 2);
    assert!(desk.kubeconfig().get("current-context").is_none());
}

#[test]
#[ignore = "real part: tmux"]
fn a_passphrase_is_asked_for_once_and_twice_when_it_is_new_but_never_by_the_plugin() {
    let desk = Desk::configured(World::small());
    let socket = desk.path("tmux");
    let _server = Server(socket.clone());
    let tmux = |args: &[&str]| {
        let mut command = at(&desk, Path::new("tmux"));
        good(command.env("EKSSO_KEYRING", "passphrase").arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args))
    };
    let type_and_see = |keys: &str, words: &str| {
        tmux(&["send-keys", "-t", "t", keys, "Enter"]);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
            if screen.contains(words) {
                return screen;
            }
            assert!(Instant::now() < deadline, "waiting for {words}:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    };
    tmux(&["new-session", "-d", "-s", "t", "-x", "80", "-y", "60", "sh"]);
    type_and_see("PS1='ready> '; unset EKSSO_PASSPHRASE; clear", "ready>");
    type_and_see("eksso login; echo CODE=$?", "passphrase of the eksso keyring:");
    type_and_see("open sesame", "the same again:");
    // Signed in, looking for clusters, and the picker: no third question.
    type_and_see("open sesame", "6/6");
    tmux(&["send-keys", "-t", "t", "Escape"]);
    let screen = type_and_see("", "CODE=0");
    assert!(!screen.contains("open sesame"), "{screen}");
    type_and_see("clear; eksso --no-input roles; echo CODE=$?", "CODE=7");
    let plugin = "eksso token --cluster web --region eu-west-1 --account 111122223333 --role EKSAdmin; echo CODE=$?";
    let forget = format!("clear; rm -r {}; {plugin}", desk.path(".cache/eksso").display());
    assert!(type_and_see(&forget, "CODE=7").replace('\n', "").contains("nobody may be asked"));
    tmux(&["kill-server"]);
}

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

#[test]
#[ignore = "real part: tmux"]
fn a_shell_of_eksso_keeps_its_terminal_and_cleans_up() {
    let desk = Desk::configured(World::small());
    good(eksso(&desk).arg("login"));
    good(eksso(&desk).args(["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*"]));
    let socket = desk.path("tmux");
    let _server = Server(socket.clone());
    let tmux = |args: &[&str]| {
        let mut command = at(&desk, Path::new("tmux"));
        command.env("SHELL", "/bin/sh").env("XDG_RUNTIME_DIR", desk.path("run"));
        good(command.arg("-S").arg(&socket).args(args))
    };
    let see = |what: &str| {
        let start = Instant::now();
        loop {
            let screen = tmux(&["capture-pane", "-p", "-t", "t"]);
            if screen.contains(what) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "`{what}` is not on the screen:\n{screen}");
            sleep(Duration::from_millis(50));
        }
    };
    let type_in = |line: &str| tmux(&["send-keys", "-t", "t", line, "Enter"]);
    let files = || std::fs::read_dir(desk.path("run/eksso/kubeconfig")).map_or(0, |all| all.count());
    tmux(&["new-session", "-d", "-s", "t", "-x", "80", "-y", "24", "sh"]);
    type_in("PS1='outer> '; clear");
    see("outer>");
    type_in("eksso shell Production/web:EKSViewer");
    see("`exit` leaves it");
    type_in("PS1='inner> '; echo in=$EKSSO_CONTEXT");
    see("in=Production/web:EKSViewer");
    assert_eq!(files(), 1);
    // Ctrl-C, many times, is for the program in front.
    type_in("sleep 60");
    sleep(Duration::from_millis(300));
    for _ in 0..3 {
        tmux(&["send-keys", "-t", "t", "C-c"]);
        sleep(Duration::from_millis(50));
    }
    type_in("echo still=$((1+1))");
    see("still=2");
    type_in("exit 5");
    see("outer>");
    type_in("echo code=$?");
    see("code=5");
    assert_eq!(files(), 0, "removed with the shell");
    // Several at once: Ctrl-C ends them all, and their files go.
    type_in("clear; eksso exec 'Production/*' -- sleep 60; echo code=$?");
    let start = Instant::now();
    while files() < 4 && start.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_millis(300));
    tmux(&["send-keys", "-t", "t", "C-c"]);
    see("code=130");
    assert_eq!(files(), 0);
}

/// The packages build from the release build, and what they install runs.
#[test]
#[ignore = "real part: cargo-deb, cargo-generate-rpm, rpm, ruby"]
fn packages_build_and_install() {
    let desk = Desk::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = |args: &[&str]| good(Command::new(env!("CARGO")).current_dir(root).args(args));
    cargo(&["build", "--release", "--quiet"]);
    let run = |program: &Path| good(at(&desk, program).arg("--version"));
    let deb = desk.path("eksso.deb");
    good(
        Command::new(part("cargo-deb")).current_dir(root).arg("deb").args(["--no-build", "--no-strip", "-o"]).arg(&deb),
    );
    good(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(desk.path("deb")));
    assert!(run(&desk.path("deb/usr/bin/eksso")).starts_with("eksso "));
    let (rpm, into) = (desk.path("eksso.rpm"), desk.path("rpm"));
    good(Command::new(part("cargo-generate-rpm")).current_dir(root).args(["generate-rpm", "-o"]).arg(&rpm));
    std::fs::create_dir_all(&into).expect("a folder");
    good(Command::new("rpm").arg("--root").arg(&into).args(["-i", "--nodeps"]).arg(&rpm));
    assert!(run(&desk.path("rpm/usr/bin/eksso")).starts_with("eksso "));
    for file in [
        "deb/usr/share/man/man1/eksso-token.1.gz",
        "deb/usr/share/bash-completion/completions/eksso",
        "rpm/usr/share/man/man1/eksso-token.1",
    ] {
        assert!(desk.path(file).exists(), "{file}");
    }
    // The formula, run by a stand-in for Homebrew; its `cargo install` is the same as a user's.
    let mut brew = Command::new("ruby");
    brew.arg(root.join("packaging/homebrew/check.rb")).arg(root).arg(desk.path("brew"));
    good(brew.env("CARGO_TARGET_DIR", root.join("target")));
    assert!(run(&desk.path("brew/bin/eksso")).starts_with("eksso "));
    assert!(
        desk.path("brew/share/man/man1/eksso.1").exists() && desk.path("brew/share/zsh/site-functions/_eksso").exists()
    );
}

/// A command that sees the desk's home and reaches the real host names through the simulator's proxy.
fn through_the_proxy(desk: &Desk, program: &Path) -> Command {
    let mut command = at(desk, program);
    let bundle = desk.write("ca.pem", desk.simulator.ca_pem());
    for name in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_EKS"] {
        command.env_remove(name);
    }
    command.env("HTTPS_PROXY", desk.simulator.proxy()).env("AWS_CA_BUNDLE", &bundle).env("SSL_CERT_FILE", &bundle);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

const DEV: &str = "[sso-session corp]\nsso_start_url = https://sim.awsapps.com/start\nsso_region = eu-west-1\n\
    sso_registration_scopes = sso:account:access\n\n[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\n\
    sso_role_name = EKSAdmin\nregion = eu-west-1\n\n[profile ours]\nregion = eu-west-1\n\
    credential_process = eksso credentials --session corp --account 111122223333 --role EKSViewer\n";

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_unmodified_aws_cli_meets_the_simulator_at_the_real_hosts() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    let aws = |args: &[&str]| {
        let mut command = through_the_proxy(&desk, &part("aws"));
        good(command.env("AWS_PROFILE", "dev").args(args))
    };
    aws(&["sso", "login", "--use-device-code", "--no-browser"]);
    assert!(aws(&["sts", "get-caller-identity"]).contains("AWSReservedSSO_EKSAdmin_"));
    assert!(aws(&["eks", "list-clusters"]).contains("web"));
    let hosts = desk.hosts();
    for host in ["oidc.eu-west-1", "portal.sso.eu-west-1", "sts.eu-west-1", "eks.eu-west-1"] {
        assert!(hosts.contains(&format!("{host}.amazonaws.com:443")), "{host}: {hosts:?}");
    }
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_is_signed_in_by_a_shared_sign_in_and_takes_our_credential_process() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    good(through_the_proxy(&desk, Path::new(env!("CARGO_BIN_EXE_eksso"))).args([
        "login",
        "corp",
        "--share-with-aws-cli",
    ]));
    for (profile, role) in [("dev", "AWSReservedSSO_EKSAdmin_"), ("ours", "AWSReservedSSO_EKSViewer_")] {
        let mut aws = through_the_proxy(&desk, &part("aws"));
        let who = good(aws.args(["sts", "get-caller-identity", "--output", "json", "--profile", profile]));
        assert!(who.contains(role), "{profile}: {who}");
    }
    assert_eq!(desk.simulator.count("StartDeviceAuthorization"), 1, "signed in once");
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_signs_in_with_pkce_at_the_simulator_as_eksso_does() {
    let desk = Desk::new();
    desk.write(".aws/config", DEV);
    let mut aws = at(&desk, &part("aws"));
    aws.args(["sso", "login", "--no-browser", "--profile", "dev"]).env("PYTHONUNBUFFERED", "1");
    let mut login = aws.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(login.stdout.take().expect("a pipe")));
    let page = lines.find_map(|line| line.ok().filter(|line| line.contains("/authorize?"))).expect("a page to open");
    ureq::get(page.trim()).call().expect("approved and led back");
    assert!(login.wait().expect("ended").success());
    // The same two requests as ours, field by field.
    let theirs = sign_in_requests(&desk);
    let desk = Desk::configured(World::small());
    let mut ours = eksso(&desk);
    let mut ours =
        ours.args(["login", "--flow", "pkce"]).env("BROWSER", "true").stderr(Stdio::piped()).spawn().expect("started");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(ours.stderr.take().expect("a pipe")));
    let page = lines.find_map(|line| line.ok().filter(|line| line.contains("/authorize?"))).expect("a page to open");
    ureq::get(page.trim()).call().expect("approved and led back");
    assert!(ours.wait().expect("ended").success());
    assert_eq!(sign_in_requests(&desk), theirs);
}

/// The names (and where they are fixed, the values) of what RegisterClient, /authorize and CreateToken were sent.
fn sign_in_requests(desk: &Desk) -> Vec<String> {
    let state = desk.simulator.state();
    let mut seen = Vec::new();
    for request in &state.requests {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let fields = body.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let mut fields: Vec<String> = match request.target.split_once("/authorize?") {
            Some((_, query)) => {
                query.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_owned()).collect()
            }
            None => fields,
        };
        fields.sort();
        let fixed =
            ["grantType", "grantTypes", "redirectUris", "scopes", "clientType"].map(|name| body[name].to_string());
        if ["RegisterClient", "CreateToken", "/authorize"].contains(&request.operation.as_str()) {
            seen.push(format!("{} {fields:?} {fixed:?}", request.operation));
        }
    }
    seen
}

/// What `aws-iam-authenticator verify` and the simulator make of a token for the cluster `web`: both must agree.
#[test]
#[ignore = "real part: aws-iam-authenticator"]
fn the_real_verifier_accepts_our_tokens_and_refuses_what_the_simulator_refuses() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use eksso::domain::eks_token::{HostKind, make};
    use eksso::domain::session::RoleCredentials;

    let judge = |desk: &Desk, name: &str, token: &str| {
        let mut command = through_the_proxy(desk, &part("aws-iam-authenticator"));
        let output = command.args(["verify", "-i", "web", "-o", "json", "-t", token]).output().expect("started");
        let ours = desk.simulator.authenticate("111122223333", "eu-west-1", "web", token);
        assert_eq!(output.status.success(), ours.is_ok(), "{name}: {} / {ours:?}", said(&output));
        if output.status.success() {
            let identity: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let role =
                if desk.simulator.state().world.dedicated { "role/EKSAdmin/" } else { "role/AWSReservedSSO_EKSAdmin_" };
            assert!(identity["ARN"].as_str().is_some_and(|arn| arn.contains(role)), "{identity}");
        }
        output.status.success()
    };
    for (world, padding) in both().into_iter().flat_map(|world| [(world.clone(), 0), (world, 2000)]) {
        let desk = Desk::signed_in_to(World { session_token_padding: padding, ..world });
        let args = ["token", "--account=111122223333", "--role=EKSAdmin", "--region=eu-west-1"];
        let token = |cluster: &'static str| {
            let reply = desk.run(&[&args[..], &[cluster]].concat()).ok().json();
            reply["status"]["token"].as_str().expect("a token").to_owned()
        };
        let good = token("--cluster=web");
        assert!(judge(&desk, "ours", &good), "padding {padding}");
        let (key, issued) =
            desk.simulator.state().issued().next().map(|(k, i)| (k.clone(), i.clone())).expect("issued");
        let credentials = RoleCredentials {
            access_key_id: key,
            secret_access_key: issued.secret.as_str().into(),
            session_token: issued.token.as_str().into(),
            expires_at: jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1),
        };
        let region = "eu-west-1".parse().expect("a region");
        let made_at = |minutes: i64| {
            let when = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
            make(&credentials, &region, "web", HostKind::default(), when).expect("made").text.expose().clone()
        };
        let url =
            String::from_utf8(URL_SAFE_NO_PAD.decode(&good["k8s-aws-v1.".len()..]).expect("base64")).expect("text");
        let wrap = |url: &str| format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url));
        assert!(judge(&desk, "fourteen minutes old", &made_at(14)));
        let signature = url.split("X-Amz-Signature=").nth(1).expect("a signature").to_owned();
        let flipped = if signature.starts_with('0') { "1" } else { "0" };
        for (name, token) in [
            ("for another cluster", token("--cluster=batch")),
            ("sixteen minutes old", made_at(16)),
            ("tampered signature", wrap(&url.replace(&signature, &format!("{flipped}{}", &signature[1..])))),
            ("tampered key", wrap(&url.replace("ASIA", "ASIB"))),
            ("4,097 bytes", format!("{good}{}", "A".repeat(4097 - good.len()))),
            ("without its prefix", good["k8s-aws-v1.".len()..].to_owned()),
            ("padded base64", format!("{good}=")),
            ("http", wrap(&url.replacen("https", "http", 1))),
            ("another path", wrap(&url.replacen("/?", "/x?", 1))),
            ("no path", wrap(&url.replacen("/?", "?", 1))),
            ("another host", wrap(&url.replacen("sts.eu-west-1.amazonaws.com", "sts.evil.example", 1))),
            ("a port", wrap(&url.replacen(".com/", ".com:443/", 1))),
            ("a host in capitals", wrap(&url.replacen("sts.eu", "STS.eu", 1))),
            ("another action", wrap(&url.replacen("GetCallerIdentity", "GetSessionToken", 1))),
            ("one key more", wrap(&format!("{url}&X-Id=1"))),
            ("a key twice", wrap(&format!("{url}&action=GetCallerIdentity"))),
            ("expires too large", wrap(&url.replacen("X-Amz-Expires=60", "X-Amz-Expires=901", 1))),
            ("no expires", wrap(&url.replacen("&X-Amz-Expires=60", "", 1))),
            ("unsigned cluster header", wrap(&url.replacen("host%3Bx-k8s-aws-id", "host", 1))),
            ("a date that is none", wrap(&url.replacen("X-Amz-Date=2", "X-Amz-Date=x", 1))),
            ("nothing", String::new()),
            ("not a URL", wrap("%%%")),
        ] {
            assert!(!judge(&desk, name, &token), "{name} was accepted");
        }
    }
}

#[test]
#[ignore = "real part: seccomp (python3-seccomp)"]
fn where_a_container_forbids_the_kernel_keyring_the_choices_are_named_and_a_passphrase_works() {
    let desk = Desk::configured(World::small());
    let jail = "import errno, os, seccomp, sys\n\
        filter = seccomp.SyscallFilter(defaction=seccomp.ALLOW)\n\
        for call in ('add_key', 'keyctl', 'request_key'): filter.add_rule(seccomp.ERRNO(errno.EPERM), call)\n\
        filter.load()\nos.execvp(sys.argv[1], sys.argv[1:])\n";
    let jailed = |args: &[&str], keyring: &str| {
        let mut command = at(&desk, Path::new("/usr/bin/python3"));
        command
            .args(["-c", jail, "eksso"])
            .args(args)
            .env("EKSSO_KEYRING", keyring)
            .env("EKSSO_PASSPHRASE", "open sesame");
        command.stdin(Stdio::null()).output().expect("python3-seccomp")
    };
    let refused = jailed(&["login"], "auto");
    let words = said(&refused);
    assert_eq!(refused.status.code(), Some(7), "{words}");
    for word in
        ["no keyring can be used here", "the kernel keyring cannot be used here", "keyutils, passphrase, plaintext"]
    {
        assert!(words.contains(word), "{word}: {words}");
    }
    let token = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];
    for args in [&["login"][..], &token, &token, &["logout"]] {
        let output = jailed(args, "passphrase");
        assert!(output.status.success(), "{args:?}: {}", said(&output));
    }
    assert_eq!(
        desk.simulator.count("GetRoleCredentials"),
        1,
        "the sealed cache works without the kernel's copy of its key"
    );
}

/// The real kubectl's reading of a kubeconfig.
fn viewed(kubectl: &Path, home: &Path, name: &str, text: &str) -> Result<Value, String> {
    let file = home.join(name);
    std::fs::write(&file, text).expect("a file");
    let mut command = Command::new(kubectl);
    command.env_clear().env("HOME", home).args(["config", "view", "--raw", "-o", "json", "--kubeconfig"]).arg(&file);
    let output = command.stdin(Stdio::null()).output().expect("kubectl");
    std::fs::remove_file(file).expect("removed");
    if output.status.success() { Ok(serde_json::from_slice(&output.stdout).expect("JSON")) } else { Err(said(&output)) }
}

#[test]
#[ignore = "real part: kubectl"]
fn kubectl_reads_every_edited_shape_as_it_was_intended() {
    use crate::kubeconfig::{edits_of_every_kind, intended, shapes};
    use eksso::domain::kubeconfig::{Document, Edit, List};
    let (kubectl, home) = (part("kubectl-1.35"), tempfile::tempdir().expect("a folder"));
    // Names that one YAML version or another takes for something else.
    let odd = [
        "y",
        "yes",
        "on",
        "off",
        "~",
        "null",
        "1_000",
        "0o7",
        "0x1f",
        "1:30",
        ".inf",
        "1e3",
        "2001-01-01",
        "=",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "'",
        "%x",
        "@x",
        " a",
        "a ",
        "ä",
        "!x",
        "&a",
        "*a",
        "[",
        "{}",
    ];
    let naming: Vec<Vec<Edit>> = odd
        .iter()
        .map(|name| {
            let body: serde_yaml::Value =
                serde_json::from_value(json!({"cluster": name, "user": name, "namespace": name})).expect("a value");
            vec![Edit::Put(List::Contexts, (*name).into(), body), Edit::CurrentContext((*name).into())]
        })
        .collect();
    // What kubectl makes of tags, and of merges over keys that are there, is its own; the parser judges those alone.
    let own = ["hand-tags-whole.yaml", "hand-merge-list.yaml"];
    let work: Vec<(String, String, Vec<Edit>)> = shapes()
        .into_iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .flat_map(|(name, text)| {
            let document = Document::parse(text.clone()).expect("valid");
            let mut edits = edits_of_every_kind(&document);
            if ["kubectl-minimal.yaml", "json-line.json"].contains(&name.as_str()) {
                edits.extend(naming.clone());
            }
            edits.into_iter().map(move |edits| (name.clone(), text.clone(), edits))
        })
        .collect();
    assert!(work.len() > 500);
    std::thread::scope(|scope| {
        for (worker, part) in work.chunks(work.len().div_ceil(3)).enumerate() {
            let (kubectl, home) = (&kubectl, home.path());
            scope.spawn(move || {
                for (name, text, edits) in part {
                    let mut document = Document::parse(text.clone()).expect("valid");
                    if document.edit(edits).is_err() {
                        continue;
                    }
                    let file = |which: &str| format!("{which}-{worker}.yaml");
                    let mut wanted = intended(text, edits);
                    wanted.apply_merge().expect("merge keys, which kubectl obeys");
                    let wanted = serde_json::to_string(&wanted).expect("JSON");
                    let (after, wanted) = (
                        viewed(kubectl, home, &file("after"), document.text()),
                        viewed(kubectl, home, &file("wanted"), &wanted),
                    );
                    // What kubectl refuses in the file as it is, such as `{x: 1}` for a cluster, it refuses in both.
                    match (&after, &wanted) {
                        (Err(_), Err(_)) => {}
                        _ => assert_eq!(after, wanted, "{name} {edits:?}:\n{}", document.text()),
                    }
                }
            });
        }
    });
}

/// kubectl takes its lock only to write, and writes what it read before: of fifty kubectl alone, about ten updates are
/// lost. So what can be asked of eksso is that it loses none: not its own, and not those of a kubectl beside it.
#[test]
#[ignore = "real part: kubectl"]
fn fifty_writers_lose_no_update_of_each_other_and_none_of_kubectls() {
    let desk = Desk::new();
    let entry = |number: usize| format!("- name: c{number:02}\n  context:\n    cluster: k\n    user: u\n");
    let text = |count| (0..count).fold("# shared\ncontexts:\n".to_owned(), |text, number| text + &entry(number));
    let lost = |numbers: std::ops::Range<usize>| {
        let config = desk.kubeconfig();
        let contexts = config["contexts"].as_sequence().expect("contexts").clone();
        let kept =
            |number: &usize| contexts[*number]["context"]["namespace"].as_str() == Some(&format!("n{number:02}"));
        numbers.filter(|number| !kept(number)).collect::<Vec<_>>()
    };
    let write = |number: usize| {
        let mut command = eksso(&desk);
        command.args(["use", &format!("c{number:02}"), "-n", &format!("n{number:02}")]);
        move || {
            let output = command.output().expect("started");
            assert!(output.status.success(), "{}", said(&output));
        }
    };
    desk.write(".kube/config", &text(50));
    std::thread::scope(|scope| (0..50).map(write).for_each(|write| _ = scope.spawn(write)));
    assert_eq!(lost(0..50), [0usize; 0], "of eksso alone");
    assert!(desk.read(".kube/config").starts_with("# shared\n"));

    desk.write(".kube/config", &text(50));
    let kubectl = part("kubectl-1.35");
    let mut theirs: Vec<Command> = (25..50)
        .map(|number| {
            let mut command = at(&desk, &kubectl);
            command.args(["config", "set-context", &format!("c{number:02}"), &format!("--namespace=n{number:02}")]);
            command
        })
        .collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for command in &mut theirs {
                // It does not wait for its own lock either; whoever uses it tries again.
                while !command.output().expect("kubectl").status.success() {
                    sleep(Duration::from_millis(5));
                }
            }
        });
        (0..25).map(write).for_each(|write| _ = scope.spawn(write));
    });
    assert_eq!(lost(25..50), [0usize; 0], "kubectl's, written over by eksso");
    println!("updates of eksso that kubectl wrote over with what it had read before: {:?}", lost(0..25));
    let left: Vec<_> =
        std::fs::read_dir(desk.path(".kube")).expect("the folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["config"]);
}
