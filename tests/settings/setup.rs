//! `eksso setup` against servers that mean no good, and the one that does.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::support::Desk;
use eksso_simulator::World;

const MANAGED: &str = ".config/eksso/managed.toml";
const FILE: &str = "version = 2\nregions = [\"us-east-1\"]\n[help]\ndenied = \"https://wiki.example.com\"\n";

/// What a server answers a path with; it may write for ever.
type Answers = Arc<Mutex<Box<dyn Fn(&str, &mut TcpStream) + Send>>>;

/// A web server of a test's own: plain http on a loopback address, which is taken as https is.
struct Server {
    url: String,
    answers: Answers,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answers: Answers = Arc::new(Mutex::new(Box::new(|_, _| {})));
        let paths = Arc::<Mutex<Vec<String>>>::default();
        let (own, seen) = (Arc::clone(&answers), Arc::clone(&paths));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().expect("paths").push(path.clone());
                own.lock().expect("answers")(&path, &mut stream);
            }
        });
        Self { url, answers, paths }
    }

    fn answers(&self, answer: impl Fn(&str, &mut TcpStream) + Send + 'static) {
        *self.answers.lock().expect("answers") = Box::new(answer);
    }

    /// A file, and its signature where one is given.
    fn serves(&self, file: &str, signature: &str) {
        let (file, signature) = (file.to_owned(), signature.to_owned());
        self.answers(move |path, stream| body(stream, if path.ends_with(".minisig") { &signature } else { &file }));
    }

    fn file(&self) -> String {
        format!("{}/eksso.toml", self.url)
    }
}

fn body(stream: &mut TcpStream, text: &str) {
    _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
}

fn hash(text: &str) -> String {
    eksso::domain::text::digest(text)
}

/// A key of minisign, and what it signs.
struct Signer(Ed25519KeyPair, u8);

impl Signer {
    fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key"), seed)
    }

    fn key(&self) -> String {
        STANDARD.encode([b"Ed".as_slice(), &[self.1; 8], self.0.public_key().as_ref()].concat())
    }

    fn sign(&self, file: &str) -> String {
        let own = self.0.sign(&Blake2b512::digest(file.as_bytes()));
        let comment = "timestamp:1\tfile:eksso.toml";
        let whole = self.0.sign(&[own.as_ref(), comment.as_bytes()].concat());
        let first = STANDARD.encode([b"ED".as_slice(), &[self.1; 8], own.as_ref()].concat());
        format!("untrusted comment: x\n{first}\ntrusted comment: {comment}\n{}\n", STANDARD.encode(whole.as_ref()))
    }
}

/// A desk with a person who says yes so often.
fn agreeing(times: usize) -> Desk {
    let desk = Desk::configured(World::small());
    desk.person().present = true;
    desk.person().answers = vec!["y".into(); times];
    desk
}

#[test]
fn a_pinned_file_is_shown_and_installed_once_a_person_says_yes() {
    let (server, desk) = (Server::start(), agreeing(1));
    server.serves(FILE, "");
    let (url, pin) = (server.file(), hash(FILE));
    let done = desk.run(&["setup", &url, "--sha256", &pin.to_uppercase()]).ok();
    assert!(done.err.contains("+regions = [\"us-east-1\"]") && done.err.contains("Installed in"), "{}", done.err);
    assert!(desk.read(MANAGED).starts_with(FILE));
    // Again: nothing is asked.
    assert!(desk.run(&["setup", &url, "--sha256", &pin]).ok().err.contains("installed already"));
    let told = desk.run(&["setup"]).ok();
    assert!(told.out == FILE && told.err.contains(&format!("From {url}, fixed.")), "{}{}", told.out, told.err);
    // Fixed: no sign-in asks for it.
    server.paths.lock().expect("paths").clear();
    desk.person().present = false;
    desk.run(&["login"]).ok();
    assert!(server.paths.lock().expect("paths").is_empty());
    // The person's own goes before it.
    let shown = |key: &str| desk.run(&["config", "show", key, "-o", "json"]).ok().json()[0]["origin"].clone();
    assert_eq!((shown("regions"), shown("help.denied")), ("user".into(), "managed".into()));
    assert!(desk.run(&["setup", "--remove"]).ok().err.contains("removed") && !desk.path(MANAGED).exists());
}

/// What a terminal of 80 columns shows, with the lines that it takes several rows for put together again.
fn rows(shown: &str) -> String {
    assert!(shown.lines().all(|row| row.chars().count() < 80), "{shown}");
    shown.replace("\n…", "")
}

#[test]
fn a_person_sees_every_character_that_they_agree_to() {
    let (server, desk, signer) = (Server::start(), agreeing(2), Signer::new(7));
    let hidden = format!("denied = \"{}{}https://evil.example\"\n", "a".repeat(90), " ".repeat(100));
    let (one, two) =
        (format!("version = 1\n[help]\n{hidden}"), format!("version = 2\n[help]\nsign_in{}", &hidden[6..]));
    desk.person().hears = true;
    desk.person().reads = true;
    server.serves(&one, &signer.sign(&one));
    let offered = desk.run(&["--color=never", "setup", &server.file(), "--minisign-key", &signer.key()]).ok();
    let (diff, _) = offered.err.split_once("Install these").expect("a question");
    assert!(rows(diff).contains(&format!("\n+{hidden}")), "{diff}");
    let kept = desk.run(&["--color=never", "setup"]).ok();
    assert!(rows(&kept.out).contains(&format!("\n{hidden}")), "{}", kept.out);
    // What is offered anew at a sign-in, and is not what hides at the end of a row.
    server.serves(&two, &signer.sign(&two));
    let login = desk.run(&["--color=never", "login"]).ok();
    assert!(login.err.replace("\n…", "").contains(&format!("\n+sign_in{}", &hidden[6..])), "{}", login.err);
    assert!(desk.read(MANAGED).starts_with(&two));
}

#[test]
fn without_a_yes_nothing_is_installed() {
    let (server, desk) = (Server::start(), Desk::configured(World::small()));
    server.serves(FILE, "");
    let (url, pin) = (server.file(), hash(FILE));
    let args = ["setup", &url, "--sha256", &pin];
    desk.run(&args).fails(2, &["nothing was installed", "nobody can be asked"]);
    desk.person().present = true;
    desk.person().answers = vec!["n".into()];
    desk.run(&args).fails(130, &["nothing was installed"]);
    assert!(!desk.path(MANAGED).exists());
    // What makes it to be trusted must be named, and http is not taken.
    desk.run(&["setup", &url]).fails(2, &["--sha256 HASH", "--minisign-key KEY"]);
    desk.run(&["setup", "http://example.com/x.toml", "--sha256", &pin]).fails(2, &["is no https URL"]);
    desk.run(&["setup", "ftp://example.com/x.toml", "--sha256", &pin]).fails(2, &["is no https URL"]);
}

#[test]
fn a_hostile_server_installs_nothing() {
    let (server, desk) = (Server::start(), agreeing(20));
    let (url, pin) = (server.file(), hash(FILE));
    let refused = |code: u8, words: &[&str]| {
        let outcome = desk.run(&["setup", &url, "--sha256", &pin]);
        outcome.fails(code, words);
        assert!(!desk.path(MANAGED).exists());
    };
    // Another file than the pinned one.
    server.serves("regions = [\"eu-west-1\"]\n", "");
    refused(4, &["is not the file that is meant", "its SHA-256 is"]);
    // A sign-in page.
    server.serves("\n<!DOCTYPE html><html><title>Sign in</title></html>", "");
    refused(1, &["is a web page, and no settings"]);
    server.answers(|_, stream| {
        _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    });
    refused(1, &["answers HTTP 404"]);
    // Redirects: to another scheme, to plain http elsewhere, for ever.
    for target in ["file:///etc/passwd", "http://example.com/x.toml", "//example.com/x", "javascript:x"] {
        server.answers(move |_, stream| {
            _ = write!(
                stream,
                "HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        });
        refused(1, &["which is no https URL"]);
    }
    server.paths.lock().expect("paths").clear();
    server.answers(|_, stream| {
        _ = stream
            .write_all(b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    });
    refused(1, &["it leads on more than 3 times"]);
    assert!(server.paths.lock().expect("paths").len() <= 5);
    // A gigabyte: announced, and not.
    server.answers(|_, stream| {
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\nconnection: close\r\n\r\n")
    });
    refused(1, &["larger than 256 KiB"]);
    let sent = Arc::<Mutex<u64>>::default();
    let count = Arc::clone(&sent);
    server.answers(move |_, stream| {
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        let piece = vec![b'#'; 1 << 16];
        for _ in 0..(1 << 14) {
            if stream.write_all(&piece).is_err() {
                break;
            }
            *count.lock().expect("a count") += piece.len() as u64;
        }
    });
    refused(1, &["larger than 256 KiB"]);
    assert!(*sent.lock().expect("a count") < 64 << 20, "it goes on reading");
    // No text, and what ends early.
    server.answers(|_, stream| _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe"));
    refused(1, &["it is no text"]);
    server.answers(|_, stream| _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\nversion"));
    refused(1, &["ends early"]);
    assert_eq!(desk.person().answers.len(), 20, "nobody was asked");
}

#[test]
fn what_such_a_file_may_not_set_is_refused_also_where_its_hash_is_right() {
    let (server, desk) = (Server::start(), agreeing(20));
    for (text, key) in [
        ("keyring = \"plaintext\"\n", "keyring"),
        ("kernel_key_cache = \"12h\"\n", "kernel_key_cache"),
        ("endpoints = [\"https://sts.evil.example\"]\n", "endpoints"),
        (
            "[sessions.x]\nstart_url = \"https://x.awsapps.com/start\"\nregion = \"eu-west-1\"\nbrowser = \"sh -c evil\"\n",
            "sessions.x.browser",
        ),
        ("[clusters.\"*\"]\nproxy_url = \"socks5://evil.example\"\n", "clusters"),
        ("[clusters.\"*\"]\nserver = \"https://evil.example\"\n", "clusters"),
        ("trail = \"off\"\n", "trail"),
    ] {
        server.serves(text, "");
        let (url, pin) = (server.file(), hash(text));
        desk.run(&["setup", &url, "--sha256", &pin])
            .fails(2, &["cannot be used; nothing was installed", &format!("`{key}`")]);
    }
    let file = desk.write("org.toml", "keyring = \"plaintext\"\n").display().to_string();
    desk.run(&["setup", &file]).fails(2, &["`keyring`"]);
    assert!(!desk.path(MANAGED).exists() && desk.person().answers.len() == 20);
    let file = desk.write("org.toml", FILE).display().to_string();
    desk.run(&["setup", &file]).ok();
    assert!(desk.read(MANAGED).starts_with(FILE));
    desk.run(&["setup", "/nope.toml"]).fails(5, &["there is no file /nope.toml"]);
    if cfg!(unix) {
        desk.run(&["setup", "/dev/zero"]).fails(7, &["/dev/zero is larger than 256 KiB"]);
    }
}

#[test]
fn a_signed_file_is_offered_anew_at_sign_ins_and_its_version_only_rises() {
    let (server, desk, signer) = (Server::start(), agreeing(1), Signer::new(7));
    let (url, key) = (server.file(), signer.key());
    let args = ["setup", &url, "--minisign-key", &key];
    let version = |number: u32| FILE.replace("version = 2", &format!("version = {number}"));
    let serve = |text: &str| server.serves(text, &signer.sign(text));
    // Signed with another key, signed for another file, not signed.
    server.serves(FILE, &Signer::new(8).sign(FILE));
    desk.run(&args).fails(4, &["cannot be trusted", "it is signed with another key"]);
    server.serves(FILE, &signer.sign("version = 2\n"));
    desk.run(&args).fails(4, &["cannot be trusted", "its signature is of another file"]);
    server.serves(FILE, "<html>");
    desk.run(&args).fails(4, &["cannot be trusted", "no file of minisign"]);
    serve("regions = []\n");
    desk.run(&args).fails(2, &["has no `version`"]);
    assert!(!desk.path(MANAGED).exists());
    serve(FILE);
    desk.run(&args).ok();
    assert!(desk.person().answers.is_empty());
    // The same again: a sign-in says nothing of it.
    desk.run(&["login"]).ok();
    assert!(server.paths.lock().expect("paths").iter().filter(|path| !path.ends_with(".minisig")).count() >= 6);
    // A newer one: without a terminal the old one stays.
    serve(&version(3));
    desk.person().present = false;
    let told = desk.run(&["login", "--force"]).ok();
    assert!(told.err.contains("the old ones stay until you sign in on a terminal"), "{}", told.err);
    assert!(desk.read(MANAGED).starts_with(FILE));
    // On one it is shown; no keeps the old one, yes takes it.
    desk.person().present = true;
    desk.run(&["add", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"]).ok();
    for (answer, wanted) in [("n", 2), ("y", 3)] {
        desk.person().answers = vec![answer.into()];
        let told = desk.run(&["login", "--force"]).ok();
        assert!(told.err.contains("-version = 2") && told.err.contains("+version = 3"), "{}", told.err);
        assert!(desk.read(MANAGED).starts_with(&format!("version = {wanted}\n")), "{answer}");
    }
    // Back to an older one, or another text under the same number: never, whoever serves it.
    desk.person().answers = Vec::new();
    for (text, why) in [
        (version(2), "its version is 2, and 3 is installed"),
        (version(3).replace("us-east-1", "eu-west-1"), "its version is 3, and 3 is installed"),
    ] {
        serve(&text);
        let told = desk.run(&["login", "--force"]).ok();
        assert!(told.err.contains("stay as they are") && told.err.contains(why), "{}", told.err);
        desk.run(&args).fails(4, &["is not newer than what is installed", why]);
        assert!(desk.read(MANAGED).starts_with(&version(3)));
    }
    // Forbidden keys and a lost signature at a refresh: the sign-in is made, and the old ones stay.
    serve("version = 9\nkeyring = \"plaintext\"\n");
    assert!(desk.run(&["login", "--force"]).ok().err.contains("`keyring`"));
    server.serves(&version(9), "");
    assert!(desk.run(&["login", "--force"]).ok().err.contains("stay as they are"));
    assert!(desk.read(MANAGED).starts_with(&version(3)));
}

#[test]
fn a_server_that_is_gone_is_in_the_way_of_no_sign_in() {
    let (server, desk, signer) = (Server::start(), agreeing(1), Signer::new(7));
    server.serves(FILE, &signer.sign(FILE));
    desk.run(&["setup", &server.file(), "--minisign-key", &signer.key()]).ok();
    let gone = desk.read(MANAGED).replace(&server.url, "http://127.0.0.1:1");
    desk.write(MANAGED, &gone);
    desk.person().present = false;
    let told = desk.run(&["login"]).ok();
    assert!(told.err.contains("Signed in to `corp`") && !told.err.contains("organisation"), "{}", told.err);
}

#[test]
fn the_doctor_tells_what_is_installed_whether_it_was_changed_and_what_waits_for_a_yes() {
    let (server, desk, signer) = (Server::start(), agreeing(1), Signer::new(7));
    server.serves(FILE, &signer.sign(FILE));
    let (url, key) = (server.file(), signer.key());
    desk.run(&["setup", &url, "--minisign-key", &key]).ok();
    desk.person().present = false;
    let row = || {
        let rows = desk.run(&["doctor", "-o", "json"]).json();
        let rows = rows.as_array().expect("rows").clone();
        rows.into_iter().find(|row| row["check"] == "organisation").expect("its row")
    };
    let finds = |status: &str, words: &[&str]| {
        let row = row();
        assert_eq!(row["status"], status, "{row}");
        words.iter().for_each(|word| assert!(row.to_string().contains(word), "`{word}` is not in {row}"));
    };
    let today = jiff::Timestamp::now().strftime("%F").to_string();
    finds("ok", &[&format!("version 2 of {url}, signed with {key}, installed {today}")]);
    let newer = FILE.replace("version = 2", "version = 3");
    server.serves(&newer, &signer.sign(&newer));
    finds("warning", &["version 3 waits for your yes", &format!("eksso setup {url} --minisign-key ")]);
    assert!(desk.read(MANAGED).starts_with(FILE), "nothing is installed");
    server.serves(&newer, "");
    finds("warning", &["it stays, as a newer one cannot be taken"]);
    let installed = desk.read(MANAGED);
    desk.write(MANAGED, &installed.replace(&server.url, "http://127.0.0.1:1"));
    finds("warning", &["whether there is a newer one is not known"]);
    desk.write(MANAGED, &installed.replace("us-east-1", "us-west-2"));
    finds("warning", &["were changed after they were installed", "eksso setup"]);
    desk.write(MANAGED, FILE.trim_start_matches("version = 2\n"));
    finds("warning", &["nobody knows where they come from"]);
}
