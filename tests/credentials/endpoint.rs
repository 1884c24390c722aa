//! `eksso exec --aws`: the credentials of a context's role, for the command that runs in it and for nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::eksso;
use crate::support::{Desk, Outcome, both};
use eksso_simulator::Simulator;

const VIEWER: &str = "Production/web:EKSViewer";
const ADD: [&str; 6] = ["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"];

fn desk() -> Desk {
    let desk = Desk::signed_in();
    desk.run(&ADD).ok();
    desk
}

/// What the command is told, seen by somebody else while it runs.
pub struct Place {
    pub url: String,
    pub token: String,
    pub home: PathBuf,
    pub simulator: Arc<Simulator>,
}

impl Place {
    /// A request as it stands; the whole answer, empty where the connection is just closed.
    fn say(&self, request: &str) -> String {
        let host = self.host();
        let mut stream = TcpStream::connect(&host).expect("connected");
        _ = stream.write_all(request.replace("HOST", &host).as_bytes());
        let mut answer = String::new();
        _ = stream.read_to_string(&mut answer);
        answer
    }

    fn host(&self) -> String {
        self.url.strip_prefix("http://").expect("http").split('/').next().expect("a host").to_owned()
    }

    fn path(&self) -> String {
        format!("/{}", self.url.rsplit('/').next().expect("a path"))
    }

    /// A request as SDKs make it: status and body.
    pub fn ask(&self, token: &str) -> (u16, Value) {
        let answer = self.say(&format!("GET {} HTTP/1.1\r\nHost: HOST\r\nAuthorization: {token}\r\n\r\n", self.path()));
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        (status(&answer), serde_json::from_str(body).unwrap_or_default())
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// Runs `exec --aws` with a command that tells its place and waits, and somebody beside it.
pub fn beside(desk: &Desk, args: &[&str], other: impl FnOnce(Place) + Send) -> Outcome {
    let (told, done) = (desk.path("told"), desk.path("done"));
    let line = format!(
        "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN >{0}.new; mv {0}.new {0}; \
         while [ ! -e {1} ]; do sleep 0.02; done",
        told.display(),
        done.display()
    );
    let (simulator, home) = (Arc::clone(&desk.simulator), desk.home.path().to_owned());
    scope(|scope| {
        scope.spawn(move || {
            let end = End(done);
            let deadline = Instant::now() + Duration::from_secs(30);
            while !told.exists() && Instant::now() < deadline {
                sleep(Duration::from_millis(10));
            }
            // Why it has not is in the outcome.
            let Ok(text) = std::fs::read_to_string(&told) else { return };
            let (url, token) = text.trim().split_once(' ').expect("two words");
            other(Place { url: url.to_owned(), token: token.to_owned(), home, simulator });
            drop(end);
        });
        desk.run(&[&["exec", "--aws"], args, &["--", "sh", "-c", &line]].concat())
    })
}

/// Lets the command end, also where an assertion failed.
struct End(PathBuf);

impl Drop for End {
    fn drop(&mut self) {
        std::fs::write(&self.0, "").expect("a file");
    }
}

#[test]
fn a_command_gets_fresh_credentials_of_its_contexts_role_for_as_long_as_it_runs() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&ADD).ok();
        // Okta has no names of accounts.
        let names = desk.run(&["use", "-o", "name"]).ok().out;
        let viewer = names.lines().find(|name| name.contains("web:EKSViewer")).expect("a context").to_owned();
        let mut port = None;
        let outcome = beside(&desk, &[&viewer], |place| {
            let (status, first) = place.ask(&place.token);
            assert_eq!(status, 200, "{first}");
            assert_eq!(first["AccountId"], "111122223333");
            let issued = |reply: &Value| {
                let key = reply["AccessKeyId"].as_str().expect("a key").to_owned();
                let state = place.simulator.state();
                let found = state.issued().find(|(known, _)| **known == key).map(|(_, issued)| issued.clone());
                let issued = found.expect("issued by the simulator");
                assert_eq!(reply["SecretAccessKey"], issued.secret.as_str());
                assert_eq!(reply["Token"], issued.token.as_str());
                let end: jiff::Timestamp = reply["Expiration"].as_str().expect("a time").parse().expect("RFC 3339");
                assert_eq!(end.as_second(), issued.ends);
                end
            };
            let end = issued(&first);
            assert_eq!(place.ask(&place.token).1, first, "from the cache");
            place.simulator.advance(2900);
            let (status, later) = place.ask(&place.token);
            assert_eq!(status, 200, "{later}");
            assert_ne!(later["AccessKeyId"], first["AccessKeyId"], "renewed ahead of their end");
            assert!(issued(&later) >= end);
            port = Some(place.host());
        });
        outcome.ok();
        assert!(TcpStream::connect(port.expect("a port")).is_err(), "the endpoint ends with the command");
        assert_eq!(std::fs::read_dir(desk.path("run/eksso/kubeconfig")).expect("a folder").count(), 0);
    }
}

#[test]
fn strangers_get_nothing_and_keep_nobody_out() {
    let desk = desk();
    beside(&desk, &[VIEWER], |place| {
        let (own, token) = (place.path(), place.token.clone());
        let get = |path: &str, host: &str, token: &str| {
            place.say(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n"))
        };
        // Silent and slow ones, more than are served at once.
        let silent: Vec<TcpStream> = (0..80).map(|_| TcpStream::connect(place.host()).expect("connected")).collect();
        let mut slow = TcpStream::connect(place.host()).expect("connected");
        slow.write_all(b"GET / HT").expect("sent");
        for (what, answer, wanted) in [
            ("no token", place.say(&format!("GET {own} HTTP/1.1\r\nHost: HOST\r\n\r\n")), 403),
            ("an empty token", get(&own, "HOST", ""), 403),
            ("a wrong token", get(&own, "HOST", &token.to_lowercase()), 403),
            ("more than the token", get(&own, "HOST", &format!("Bearer {token}")), 403),
            (
                "two tokens",
                place.say(&format!(
                    "GET {own} HTTP/1.1\r\nHost: HOST\r\nAuthorization: {token}\r\nAuthorization: x\r\n\r\n"
                )),
                403,
            ),
            ("another path", get("/", "HOST", &token), 404),
            ("a path below", get(&format!("{own}/x"), "HOST", &token), 404),
            ("the path in a query", get(&format!("/?{own}"), "HOST", &token), 404),
            (
                "another method",
                place.say(&format!("POST {own} HTTP/1.1\r\nHost: HOST\r\nAuthorization: {token}\r\n\r\n")),
                405,
            ),
            // DNS rebinding: a page of another name that resolves to this machine sends that name.
            ("another host", get(&own, "evil.example", &token), 400),
            ("another port", get(&own, "127.0.0.1:1", &token), 400),
            ("no port", get(&own, "127.0.0.1", &token), 400),
            ("a host behind ours", get(&own, "HOST.evil.example", &token), 400),
            ("two hosts", get(&own, "HOST\r\nHost: evil.example", &token), 400),
            ("no host", place.say(&format!("GET {own} HTTP/1.1\r\nAuthorization: {token}\r\n\r\n")), 400),
            ("no HTTP", place.say("\x16\x03\x01 not http\r\n\r\n"), 400),
            ("a proxy's request", get(&format!("http://evil.example{own}"), "HOST", &token), 404),
        ] {
            assert_eq!(status(&answer), wanted, "{what}: {answer}");
            assert!(!answer.contains("AccessKeyId") && !answer.contains(&token), "{what}: {answer}");
        }
        let big = place.say(&format!("GET {own} HTTP/1.1\r\nHost: HOST\r\nX: {}\r\n\r\n", "x".repeat(64 << 10)));
        assert!(!big.contains("AccessKeyId"), "{big}");
        assert_eq!(place.ask(&token).0, 200);
        drop((silent, slow));
    })
    .ok();
}

/// More than the connections that may be silent at once: none of those that were let in is given up for another.
#[test]
fn all_who_were_let_in_are_answered_however_many_wait() {
    let desk = desk();
    beside(&desk, &[VIEWER], |place| {
        place.simulator.advance(2900);
        place.simulator.state().world.latency = Duration::from_millis(700);
        let answers: Vec<u16> = scope(|scope| {
            let asking: Vec<_> = (0..60).map(|_| scope.spawn(|| place.ask(&place.token).0)).collect();
            asking.into_iter().map(|answer| answer.join().expect("an answer")).collect()
        });
        assert_eq!(answers, [200; 60]);
        place.simulator.state().world.latency = Duration::ZERO;
    })
    .ok();
}

#[test]
fn contexts_have_endpoints_of_their_own() {
    let desk = desk();
    let line =
        "curl -sf -H \"Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN\" $AWS_CONTAINER_CREDENTIALS_FULL_URI; echo";
    let outcome = desk.run(&["exec", "--aws", "Production/web:*", "--", "sh", "-c", line]).ok();
    let role_of = |context: &str| {
        let line = outcome.out.lines().find(|line| line.starts_with(context)).expect("a line of each");
        let reply: Value = serde_json::from_str(line.split_once(" | ").expect("a prefix").1).expect("JSON");
        let key = reply["AccessKeyId"].as_str().expect("a key").to_owned();
        let state = desk.simulator.state();
        state.issued().find(|(known, _)| **known == key).map(|(_, issued)| issued.role.clone()).expect("issued")
    };
    assert_eq!([role_of("Production/web:EKSAdmin"), role_of("Production/web:EKSViewer")], ["EKSAdmin", "EKSViewer"]);
}

#[test]
fn what_cannot_be_served_is_not_started_and_what_ends_later_says_so_to_the_sdk() {
    let desk = desk();
    let outcome = beside(&desk, &[VIEWER], |place| {
        place.simulator.state().end_session();
        place.simulator.advance(3700);
        let (status, why) = place.ask(&place.token);
        assert_eq!((status, why["code"].as_str()), (403, Some("SignInNeeded")), "{why}");
        assert!(why["message"].as_str().expect("words").ends_with("; eksso login corp"), "{why}");
    });
    outcome.ok();
    let mark = desk.path("started");
    let touch = ["--", "touch", mark.to_str().expect("text")];
    desk.run(&[&["exec", "--aws", VIEWER], &touch[..]].concat()).fails(3, &["eksso login corp"]);
    desk.write(
        ".kube/other",
        "{clusters: [{name: k, cluster: {server: 'https://k'}}], contexts: [{name: kind, context: {cluster: k}}]}",
    );
    let other = desk.path(".kube/other").display().to_string();
    desk.run(&[&["exec", "--aws", "kind", "--kubeconfig", &other], &touch[..]].concat())
        .fails(2, &["was not written by eksso"]);
    assert!(!mark.exists());
}

#[test]
fn the_end_of_a_use_is_the_end_of_its_credentials() {
    let desk = desk();
    beside(&desk, &[VIEWER, "--for", "30m"], |place| {
        let reply = place.ask(&place.token).1;
        let end: jiff::Timestamp = reply["Expiration"].as_str().expect("a time").parse().expect("RFC 3339");
        let left = end.as_second() - place.simulator.state().now();
        assert!((1700..=1800).contains(&left), "{left}");
        place.simulator.advance(1801);
        let (status, why) = place.ask(&place.token);
        assert_eq!((status, why["code"].as_str()), (403, Some("AccessDenied")), "{why}");
        assert!(why["message"].as_str().expect("words").contains("ended at"), "{why}");
    })
    .ok();
}

/// A shell's line in a context, at a desk whose user has identities of all kinds already.
fn among_others(desk: &Desk, line: &str) -> String {
    desk.write(
        ".aws/config",
        &format!(
            "[default]\nsso_account_id = 1\ncredential_process = false\nregion = sa-east-1\n[profile dev]\nregion = x\n\
             [sso-session theirs]\nsso_start_url = {}/start\nsso_region = eu-west-1\n",
            desk.simulator.url()
        ),
    );
    desk.write(".aws/credentials", "[default]\naws_access_key_id = AKIADECOY\naws_secret_access_key = decoy\n");
    let mut command = eksso(desk);
    for name in ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "DEFAULT_PROFILE", "ROLE_ARN", "SECURITY_TOKEN"]
    {
        command.env(format!("AWS_{name}"), "decoy");
    }
    for name in ["WEB_IDENTITY_TOKEN_FILE", "CONTAINER_CREDENTIALS_RELATIVE_URI", "CONTAINER_AUTHORIZATION_TOKEN_FILE"]
    {
        command.env(format!("AWS_{name}"), "/decoy");
    }
    command.env("AWS_BEARER_TOKEN_BEDROCK", "decoy");
    command.env("AWS_REGION", "decoy").env("AWS_PROFILE", "decoy").env("AWS_PAGER", "less");
    let bin = Path::new(env!("CARGO_BIN_EXE_eksso")).parent().expect("a folder");
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    let output = command.args(["exec", "--aws", VIEWER, "--", "sh", "-c", line]).output().expect("started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn no_other_identity_of_the_user_reaches_the_command() {
    let desk = desk();
    let out = among_others(&desk, "env; cat $AWS_CONFIG_FILE $AWS_SHARED_CREDENTIALS_FILE $BOTO_CONFIG");
    assert!(!out.contains("decoy") && !out.contains("DECOY") && !out.contains("credential_process"), "{out}");
    for line in [
        "AWS_REGION=eu-west-1",
        "AWS_DEFAULT_REGION=eu-west-1",
        "AWS_EC2_METADATA_DISABLED=true",
        "AWS_PAGER=less",
        "[default]",
        "[sso-session theirs]",
    ] {
        assert!(out.lines().any(|found| found == line), "{line} is not in {out}");
    }
    assert!(!out.contains("[profile"), "{out}");
}

#[test]
fn kubectls_eksso_knows_the_sessions_of_the_aws_configuration_in_there_too() {
    let desk = desk();
    // The session is one of ~/.aws/config alone.
    std::fs::remove_file(desk.path(".config/eksso/config.toml")).expect("removed");
    let kubeconfig = desk.read(".kube/config").replace("- corp", "- theirs").replace("eksso/corp/", "eksso/theirs/");
    let kubeconfig = kubeconfig.replace("session: corp", "session: theirs");
    desk.write(".kube/config", &kubeconfig);
    desk.write(
        ".aws/config",
        &format!("[sso-session theirs]\nsso_start_url = {}/start\nsso_region = eu-west-1\n", desk.simulator.url()),
    );
    desk.run(&["login", "theirs"]).ok();
    let line = "eksso token --session theirs --account 111122223333 --role EKSViewer --region eu-west-1 --cluster web";
    let out = among_others(&desk, line);
    assert!(out.contains("\"token\":\"k8s-aws-v1."), "{out}");
}

/// Asks for the credentials, as SDKs do, and shows the status.
const ASK: &str = "curl -s -o /dev/null -w '%{http_code}' -H \"Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN\" $AWS_CONTAINER_CREDENTIALS_FULL_URI";

/// Waits for a file that a command makes.
fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} is not there", path.display());
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_reader_that_stops_reading_keeps_no_command_from_its_credentials() {
    let desk = desk();
    let (said, end) = (desk.path("said"), desk.path("end"));
    // One floods the output that nobody reads; the other asks after that, and says so in a file.
    let line = format!(
        "case $EKSSO_CONTEXT in *EKSAdmin) head -c 4000000 /dev/zero | tr '\\0' '\\n' ;; \
         *) sleep 1; {ASK} >{0}.new; mv {0}.new {0} ;; esac; while [ ! -e {1} ]; do sleep 0.02; done",
        said.display(),
        end.display()
    );
    let mut command = eksso(&desk);
    command.args(["exec", "--aws", "Production/web:*", "--", "sh", "-c", &line]);
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().expect("started");
    wait_for(&said);
    std::fs::write(&end, "").expect("a file");
    drop(child.stdout.take());
    assert_eq!(std::fs::read_to_string(&said).expect("text"), "200");
    child.wait().expect("ended");
}

/// Runs a command that ends with 7 as soon as the call that its request for credentials leads to has arrived, with a fault set on
/// that call; answers how long it took from then on.
fn ends_amid(desk: &Desk, call: &'static str, times: usize, fault: eksso_simulator::Fault) -> Duration {
    let [ready, go, asked] = ["ready", "go", "asked"].map(|name| desk.path(name));
    let line = format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.02; done; ({ASK} >/dev/null 2>&1 &); while [ ! -e {} ]; do sleep 0.02; done; exit 7",
        ready.display(),
        go.display(),
        asked.display()
    );
    let simulator = Arc::clone(&desk.simulator);
    scope(|scope| {
        let other = scope.spawn(move || {
            wait_for(&ready);
            let before = simulator.count(call);
            simulator.advance(3700);
            simulator.fault(call, times, fault);
            std::fs::write(go, "").expect("a file");
            while simulator.count(call) == before {
                sleep(Duration::from_millis(10));
            }
            std::fs::write(asked, "").expect("a file");
            Instant::now()
        });
        assert_eq!(desk.run(&["exec", "--aws", VIEWER, "--", "sh", "-c", &line]).code, 7);
        other.join().expect("ended").elapsed()
    })
}

#[test]
fn the_exit_code_of_a_command_waits_for_no_credentials() {
    let since = ends_amid(&desk(), "GetRoleCredentials", 9, eksso_simulator::Fault::Hang);
    assert!(since < Duration::from_secs(2), "{since:?}");
}

#[test]
fn a_refresh_token_that_is_being_redeemed_is_not_lost_with_the_end_of_the_command() {
    let desk = desk();
    ends_amid(&desk, "CreateToken", 1, eksso_simulator::Fault::Late(Duration::from_secs(2)));
    // The sign-in goes on with the successor.
    desk.simulator.advance(3700);
    desk.run(&["roles", "--refresh"]).ok();
}

#[test]
fn a_proxy_for_http_is_not_asked_for_what_this_machine_answers() {
    let mut desk = desk();
    let direct = |desk: &Desk| {
        let mut command = eksso(desk);
        let output = command
            .args([
                "exec",
                "--aws",
                VIEWER,
                "--",
                "sh",
                "-c",
                &format!("{ASK}; echo; echo \"$NO_PROXY\"; echo \"$no_proxy\""),
            ])
            .output()
            .expect("started");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(direct(&desk), "200\n\n\n");
    // Nobody listens there. The simulator is on this machine, too.
    desk.set("http_proxy", "http://127.0.0.1:9");
    assert_eq!(direct(&desk), "200\n127.0.0.1\n127.0.0.1\n");
    desk.set("no_proxy", "corp.example, .internal");
    assert_eq!(direct(&desk), "200\ncorp.example, .internal,127.0.0.1\ncorp.example, .internal,127.0.0.1\n");
    desk.set("NO_PROXY", "*");
    assert_eq!(direct(&desk), "200\n*\ncorp.example, .internal,127.0.0.1\n");
}
