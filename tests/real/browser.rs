//! Chromium, driven as a person would drive it through the pages of a sign-in.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::eksso;
use crate::support::Desk;
use eksso_simulator::World;
use serde_json::{Value, json};

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
pub struct Chromium {
    driver: std::process::Child,
    port: u16,
    session: String,
}

impl Chromium {
    pub fn start(desk: &Desk) -> Self {
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
        let logs = json!({ "browser": "ALL" });
        let wanted = json!({
            "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": logs }
        });
        let made = self::driver(port, "POST", "/session", &json!({ "capabilities": wanted }));
        let id = made["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{made}"));
        chromium.session = format!("/session/{id}");
        chromium
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        driver(self.port, "POST", &format!("{}{path}", self.session), body)
    }

    /// Shows a page in a window of so many pixels, in light or in dark; narrower ones than a window may be, too.
    pub fn open(&self, page: &str, width: u32, scheme: &str) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        for (command, params) in
            [("Emulation.setDeviceMetricsOverride", metrics), ("Emulation.setEmulatedMedia", media)]
        {
            let sent = self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": params }));
            assert!(sent["value"]["error"].is_null(), "{sent}");
        }
        self.post("/url", &json!({ "url": page }));
    }

    /// What a script answers; it may be an asynchronous function's body.
    pub fn script(&self, script: &str) -> Value {
        let script = format!("return (async () => {{ {script} }})()");
        let reply = self.post("/execute/sync", &json!({ "script": script, "args": [] }));
        assert!(reply["value"]["error"].is_null(), "{script}: {reply}");
        reply["value"].clone()
    }

    /// Presses keys, one after the other: a sign, or one of WebDriver's code points.
    pub fn keys(&self, keys: &str) {
        let press = |key: char| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        let sent = self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
        assert!(sent["value"].is_null(), "{sent}");
    }

    /// The page as a person gets it on paper: PDF in base64.
    pub fn print(&self) -> String {
        self.post("/print", &json!({}))["value"].as_str().expect("a PDF").to_owned()
    }

    /// What the browser noted since the last call: errors of scripts, refusals of policies.
    pub fn log(&self) -> Vec<Value> {
        self.post("/se/log", &json!({ "type": "browser" }))["value"].as_array().cloned().unwrap_or_default()
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

#[test]
#[ignore = "real part: script (util-linux)"]
fn a_browser_gets_no_secret_of_ours_and_stays_when_the_terminal_goes() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::configured(World::small());
    let seen = desk.path("seen");
    let browser = desk.write("browser", &format!("#!/bin/sh\nenv > {0}.new && mv {0}.new {0}\n", seen.display()));
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let config = format!("{}browser = \"{} --profile work\"\n", desk.config(), browser.display());
    desk.write(".config/eksso/config.toml", &config);
    let mut command = Command::new("script");
    let eksso = format!("{} login", env!("CARGO_BIN_EXE_eksso"));
    command.args(["-qec", &eksso, "/dev/null"]).env_clear().envs(&desk.env).env("HOME", desk.home.path());
    command.env("PATH", "/usr/bin:/bin").env("EKSSO_PASSPHRASE", "hunter2").env("KEPT", "yes");
    let mut login = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !seen.exists() && Instant::now() < deadline {
        sleep(Duration::from_millis(20));
    }
    _ = login.kill();
    _ = login.wait();
    let environment = desk.read("seen");
    assert!(environment.contains("KEPT=yes"), "{environment}");
    assert!(!environment.contains("hunter2") && !environment.contains("EKSSO_PASSPHRASE"), "{environment}");
}
