//! Which certificates are trusted, and what is said where one is not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eksso_simulator::{Simulator, World};

use crate::support::Desk;

/// A desk that trusts nothing yet, and the file of the CA it should trust.
fn untrusting() -> (Desk, String) {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    let bundle = desk.env.remove("AWS_CA_BUNDLE").expect("a bundle");
    (desk, bundle)
}

#[test]
fn a_refused_certificate_hints_at_aws_ca_bundle_whatever_is_wrong_with_its_issuer() {
    let (mut desk, _) = untrusting();
    let words = ["shows a certificate that is not trusted here", "AWS_CA_BUNDLE", "ca_bundle"];
    desk.run(&["login"]).fails(6, &words);
    // Of the same name, with another key: as a proxy has it whose CA was renewed.
    let other = Simulator::start(World::small());
    let twin = desk.write("twin.pem", other.ca_pem()).display().to_string();
    desk.set("AWS_CA_BUNDLE", &twin);
    let login = desk.run(&["login"]).fails(6, &words);
    assert!(login.err.contains("BadSignature"), "{}", login.err);
    assert!(login.err.contains(&format!("trusted are the certificates of AWS_CA_BUNDLE ({twin})")), "{}", login.err);
    assert_eq!(desk.simulator.count("CONNECT"), 2, "asking again changes nothing");
}

#[test]
fn the_bundles_count_in_the_order_of_botocore() {
    let (mut desk, good) = untrusting();
    let bad = desk.write("bad.pem", Simulator::start(World::small()).ca_pem()).display().to_string();
    let aws_config = |desk: &Desk, profile: &str, bundle: &str| {
        desk.write(".aws/config", &format!("[{profile}]\nca_bundle = {bundle}\n"));
    };
    desk.set("SSL_CERT_FILE", &good);
    desk.run(&["login"]).ok();
    desk.set("SSL_CERT_FILE", &bad).set("REQUESTS_CA_BUNDLE", &good);
    desk.run(&["login", "--force"]).ok();
    desk.set("REQUESTS_CA_BUNDLE", &bad);
    aws_config(&desk, "default", &good);
    desk.run(&["login", "--force"]).ok();
    desk.set("AWS_PROFILE", "work");
    desk.run(&["login", "--force"]).fails(6, &["REQUESTS_CA_BUNDLE"]);
    aws_config(&desk, "profile work", &good);
    desk.run(&["login", "--force"]).ok();
    aws_config(&desk, "profile work", "~/ca.pem");
    desk.run(&["login", "--force"]).ok();
    aws_config(&desk, "profile work", &bad);
    desk.run(&["login", "--force"]).fails(6, &["`ca_bundle` of the profile `work`", ".aws/config"]);
    desk.set("AWS_CA_BUNDLE", &good);
    desk.run(&["login", "--force"]).ok();
    desk.set("AWS_CA_BUNDLE", "");
    aws_config(&desk, "profile work", "/nowhere.pem");
    desk.run(&["login", "--force"]).fails(7, &["`ca_bundle` of the profile `work`", "/nowhere.pem", "no such file"]);
}

/// The CA as OpenSSL's `x509 -trustout` writes it: what it is trusted for follows it.
fn trusted(pem: &str, aux: &[u8]) -> String {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let mut der = STANDARD.decode(body).expect("base64");
    der.extend_from_slice(aux);
    format!("-----BEGIN TRUSTED CERTIFICATE-----\n{}\n-----END TRUSTED CERTIFICATE-----\n", STANDARD.encode(der))
}

#[test]
fn blocks_of_openssl_are_read_and_what_they_are_not_trusted_for_is_kept() {
    const SERVER: [u8; 10] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    const MAIL: [u8; 10] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04];
    let list = |tag: u8, oid: [u8; 10]| [&[0x30, 12, tag, 10], oid.as_slice()].concat();
    let (mut desk, _) = untrusting();
    let ca = desk.simulator.ca_pem().to_owned();
    let mut login = |text: &str| {
        let path = desk.write("trusted.pem", text).display().to_string();
        desk.set("AWS_CA_BUNDLE", &path);
        desk.run(&["login", "--force"])
    };
    for aux in [vec![], vec![0x30, 0], list(0x30, SERVER), list(0xa0, MAIL)] {
        login(&trusted(&ca, &aux)).ok();
    }
    login(
        &ca.replace("BEGIN CERTIFICATE", "BEGIN X509 CERTIFICATE").replace("END CERTIFICATE", "END X509 CERTIFICATE"),
    )
    .ok();
    for aux in [list(0x30, MAIL), list(0xa0, SERVER)] {
        login(&trusted(&ca, &aux)).fails(7, &["it holds no certificate"]);
    }
    let two = format!("{}{}", Simulator::start(World::small()).ca_pem(), trusted(&ca, &[]));
    login(&two).ok();
}
