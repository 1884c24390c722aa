//! The program as it is shipped for Linux: what a C library decides (names, threads), where distributions keep their
//! certificates, the session bus, proxies. `tests/run --all` builds the static one and names it in EKSSO_STATIC_BINARY; without
//! it the same promises are held by the program of this build.
#![cfg(target_os = "linux")]

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use super::parts::{at, good, instructions, on_a_bus, said};
use crate::support::Desk;
use eksso_simulator::World;

const TOKEN: [&str; 5] = ["token", "--cluster=web", "--region=eu-west-1", "--account=111122223333", "--role=EKSAdmin"];

/// How large the program may be, as it is shipped.
const LARGEST: u64 = 14 << 20;

/// The static program, where there is one.
fn shipped() -> Option<PathBuf> {
    std::env::var_os("EKSSO_STATIC_BINARY").map(|path| std::path::absolute(path).expect("a path"))
}

fn program() -> PathBuf {
    shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_eksso").into())
}

/// A desk whose AWS is reached through a proxy; the program keeps no key in the kernel keyring of who runs the tests.
fn proxied() -> Desk {
    let desk = Desk::proxied(World::small(), "eu-west-1");
    let config = desk.read(".config/eksso/config.toml");
    desk.write(".config/eksso/config.toml", &format!("kernel_key_cache = \"off\"\n{config}"));
    desk
}

/// The program in a mount namespace of its own whose /etc holds nothing but these files. Needs root.
fn with_etc(desk: &Desk, files: &[(&str, &str)], args: &[&str]) -> Output {
    let etc = desk.path("etc");
    _ = std::fs::remove_dir_all(&etc);
    // An empty file is better than none: without it, both C libraries assume a name server on this machine.
    desk.write("etc/resolv.conf", "");
    for (name, text) in files {
        desk.write(&format!("etc/{name}"), text);
    }
    let mut command = at(desk, Path::new("unshare"));
    command.arg("--mount").args(["sh", "-c", "mount --bind \"$0\" /etc && exec \"$@\""]);
    command.arg(&etc).arg(program()).args(args).output().expect("unshare")
}

/// A name server that knows one name, and what it was asked for.
fn name_server(address: &str, known: &'static str) -> Arc<Mutex<Vec<String>>> {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let socket = UdpSocket::bind((address, 53)).expect("port 53 of an address of this machine's own: needs root");
    let log = Arc::clone(&asked);
    // Ends with the tests.
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((size, from)) = socket.recv_from(&mut question) {
            // RFC 1035, 4.1: a header of 12 octets, then the name as labels, its type and its class.
            let (mut name, mut at) = (String::new(), 12);
            while question[at] != 0 {
                let length = usize::from(question[at]);
                name += &String::from_utf8_lossy(&question[at + 1..=at + length]);
                name.push('.');
                at += length + 1;
            }
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let (end, is_v4) = (at + 5, question[at + 2] == 1);
            let found = name == known;
            let mut answer = question[..end.min(size)].to_vec();
            answer[2..4].copy_from_slice(&[0x81, if found { 0x80 } else { 0x83 }]);
            answer[6..12].copy_from_slice(&[0, u8::from(found && is_v4), 0, 0, 0, 0]);
            if found && is_v4 {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
            }
            log.lock().expect("a log").push(name);
            _ = socket.send_to(&answer, from);
        }
    });
    asked
}

#[track_caller]
fn signs_in(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}: {}", said(output));
}

#[test]
#[ignore = "real part: root, for a mount namespace and port 53"]
fn names_are_found_in_etc_hosts_and_at_name_servers_with_search_and_ndots() {
    let mut desk = proxied();
    let port = desk.simulator.proxy().rsplit(':').next().expect("a port").to_owned();
    let login = ["login", "--force"];
    desk.set("HTTPS_PROXY", &format!("http://way-out.corp.test:{port}"));
    let hosts = "127.0.0.1 localhost\n127.0.0.1\tother way-out.corp.test # the proxy\n";
    signs_in(&with_etc(&desk, &[("hosts", hosts)], &login), "/etc/hosts");
    let unknown = with_etc(&desk, &[("hosts", "127.0.0.1 localhost\n")], &login);
    assert_eq!(unknown.status.code(), Some(6), "{}", said(&unknown));
    assert!(said(&unknown).contains("way-out.corp.test"), "{}", said(&unknown));

    let asked = name_server("127.83.47.1", "way-out.eu.corp.test");
    let take = || std::mem::take(&mut *asked.lock().expect("a log"));
    let search = "nameserver 127.83.47.1\nsearch none.test corp.test\noptions timeout:2 attempts:1";
    for (name, options) in [("way-out.eu.corp.test", ""), ("way-out.eu", " ndots:2")] {
        desk.set("HTTPS_PROXY", &format!("http://{name}:{port}"));
        let resolv = format!("{search}{options}\n");
        let hosts = "127.0.0.1 localhost\n";
        let files = [("hosts", hosts), ("resolv.conf", &resolv), ("nsswitch.conf", "hosts: files dns\n")];
        signs_in(&with_etc(&desk, &files, &login), name);
        let asked = take();
        assert!(asked.contains(&"way-out.eu.corp.test".to_owned()), "{asked:?}");
        assert_eq!(asked.contains(&"way-out.eu.none.test".to_owned()), !options.is_empty(), "{asked:?}");
    }
}

#[test]
#[ignore = "real part: root, for a mount namespace"]
fn the_certificates_of_every_distribution_are_found() {
    let mut desk = proxied();
    desk.env.remove("AWS_CA_BUNDLE");
    let ca = desk.simulator.ca_pem().to_owned();
    let other = eksso_simulator::Simulator::start(World::small()).ca_pem().to_owned();
    for place in [
        "ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Alpine
        "pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL, Amazon Linux
        "pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // the same, where the old name is gone
        "ssl/ca-bundle.pem",                            // openSUSE
        "ssl/cert.pem",                                 // Alpine
        "ssl/certs/5ed36f99.0",                         // a folder of single ones, named by OpenSSL's hash
    ] {
        signs_in(&with_etc(&desk, &[(place, &ca)], &["login", "--force"]), place);
        let refused = with_etc(&desk, &[(place, &other)], &["login", "--force"]);
        assert_eq!(refused.status.code(), Some(6), "{place}: {}", said(&refused));
        assert!(said(&refused).contains("not trusted here"), "{place}: {}", said(&refused));
    }
    let none = with_etc(&desk, &[], &["login", "--force"]);
    assert!(said(&none).contains("no trusted CA certificates") && none.status.code() == Some(7), "{}", said(&none));
}

#[test]
#[ignore = "real part: the shipped program"]
fn every_kind_of_proxy_leads_to_aws_and_the_token_is_accepted() {
    let urls: [fn(&Desk) -> &str; 3] =
        [|desk| desk.simulator.proxy(), |desk| desk.simulator.secure_proxy(), |desk| desk.simulator.socks_proxy()];
    for url in urls {
        let mut desk = proxied();
        let proxy = url(&desk).to_owned();
        desk.set("HTTPS_PROXY", &proxy);
        good(at(&desk, &program()).args(["login"]));
        let reply = good(at(&desk, &program()).args(TOKEN));
        let reply: serde_json::Value = serde_json::from_str(&reply).expect("JSON");
        let token = reply["status"]["token"].as_str().expect("a token");
        assert!(desk.simulator.authenticate("111122223333", "eu-west-1", "web", token).is_ok(), "{proxy}");
        assert!(desk.hosts().contains(&"oidc.eu-west-1.amazonaws.com:443".to_owned()), "{proxy}: {:?}", desk.hosts());
    }
}

#[test]
#[ignore = "real part: Secret Service (gnome-keyring, dbus, libsecret-tools)"]
fn the_secret_service_is_reached_over_the_bus() {
    let desk = Desk::configured(World::small());
    desk.write(".config/eksso/config.toml", &format!("kernel_key_cache = \"off\"\n{}", desk.config()));
    let bin = desk.path("shipped");
    std::fs::create_dir_all(&bin).expect("a folder");
    std::os::unix::fs::symlink(program(), bin.join("eksso")).expect("a link");
    let script = format!(
        "PATH={}:$PATH; eksso login && eksso {} >/dev/null && eksso status -o json && \
         secret-tool lookup service eksso username session/corp | head -c 12 && eksso logout && \
         ! secret-tool lookup service eksso username session/corp && echo GONE",
        bin.display(),
        TOKEN.join(" ")
    );
    let output = on_a_bus(&desk, true, &script);
    let said = said(&output);
    assert!(output.status.success() && said.contains("GONE"), "{said}");
    assert!(said.contains("\"keyring\": \"secret-service\"") && said.contains("{\"version\":2"), "{said}");
}

/// A desk that has signed in and made a token with a program.
fn warm(program: &Path) -> Desk {
    let desk = Desk::configured(World::small());
    good(at(&desk, program).arg("login"));
    good(at(&desk, program).args(TOKEN));
    desk
}

/// A token's line as kubeconfigs hold it: with the session's name, each option and its value a word.
fn line() -> Vec<&'static str> {
    TOKEN.iter().chain(&["--session=corp"]).flat_map(|word| word.split('=')).collect()
}

/// A warm token is as fast as it is small, and neither shows in a clock on a busy machine.
fn counted(desk: &Desk, program: &Path) -> u64 {
    instructions(desk, program, &line())
}

#[test]
#[ignore = "real part: valgrind, a release build"]
fn the_release_build_is_small_and_a_warm_token_takes_few_instructions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    good(Command::new(env!("CARGO")).current_dir(root).args(["build", "--release", "--quiet"]));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = target.join("release/eksso");
    let size = std::fs::metadata(&program).expect("the program").len();
    // The dynamic one has unwind tables, which packaging/cross leaves out: 1 MiB more.
    assert!(size <= LARGEST + (1 << 20), "{size} bytes");
    let counted = counted(&warm(&program), &program);
    assert!(counted < 950_000, "{counted} instructions");
}

#[test]
#[ignore = "real part: the shipped program, strace, valgrind"]
fn the_static_program_loads_nothing_and_a_warm_token_costs_little() {
    let program = shipped().expect("EKSSO_STATIC_BINARY: run tests/run --all, which builds it");
    let elf = std::fs::read(&program).expect("the program");
    let number =
        |at: usize, size: usize| elf[at..at + size].iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte));
    const NOT_POSITION_INDEPENDENT: usize = 2;
    assert_eq!(number(16, 2), NOT_POSITION_INDEPENDENT, "its kind");
    // ELF-64: where the program headers are, how large one is, how many there are; each begins with its type.
    let (first, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let kinds: Vec<usize> = (0..count).map(|n| number(first + n * size, 4)).collect();
    const INTERPRETER: usize = 3;
    assert!(!kinds.contains(&INTERPRETER), "a loader would be asked for: {kinds:?}");
    assert!(elf.len() as u64 <= LARGEST, "{} bytes", elf.len());
    let desk = warm(&program);
    let mut traced = at(&desk, Path::new("strace"));
    good(traced.arg("-fo").arg(desk.path("strace.log")).arg(&program).args(line()));
    let text = desk.read("strace.log");
    assert!(text.lines().count() < 80, "{} system calls:\n{text}", text.lines().count());
    let counted = counted(&desk, &program);
    assert!(counted < 700_000, "{counted} instructions");
}
