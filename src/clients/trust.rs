//! Which certificates are trusted: the first of AWS_CA_BUNDLE, `ca_bundle`, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, this machine's.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::clients::dial::Tls;
use crate::error::{Error, Kind, Result};
use crate::ports::{Env, Files};

const MAX_BUNDLE: u64 = 16 << 20;

/// The variables that name a file of PEM certificates, as botocore, requests and OpenSSL read them. `ca_bundle` of
/// ~/.aws/config comes after the first.
const VARIABLES: [&str; 3] = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"];

/// A file that ~/.aws/config names.
#[derive(Debug, Clone)]
pub struct CaBundle {
    /// The file.
    pub path: PathBuf,
    /// Who names it, in words.
    pub origin: String,
}

/// The certificates that are trusted, and what they are called.
#[derive(Debug)]
pub struct Trust {
    roots: RootCertStore,
    called: String,
}

impl Trust {
    /// What the user names in place of this machine's certificates, as in the AWS CLI.
    ///
    /// # Errors
    /// A file that is named cannot be read, or holds something else.
    pub fn of(env: &dyn Env, files: &dyn Files, configured: Option<&CaBundle>) -> Result<Self> {
        let [first, others @ ..] = VARIABLES;
        let set = |name: &'static str| Some((name.to_owned(), PathBuf::from(env.var(name)?)));
        let configured = configured.map(|bundle| (bundle.origin.clone(), bundle.path.clone()));
        let named = set(first).or(configured).or_else(|| others.into_iter().find_map(set));
        let Some((origin, path)) = named else { return Self::machine() };
        Self::file(files, &origin, &path)
    }

    fn file(files: &dyn Files, origin: &str, path: &Path) -> Result<Self> {
        let bad = |cause: String| {
            let fact = format!("{origin}: {} is not a file of PEM certificates", path.display());
            Error::new(Kind::LocalState, fact).cause(cause).hint(format!("correct or remove {origin}"))
        };
        let bundle = files.read(path, MAX_BUNDLE)?.ok_or_else(|| bad("there is no such file".to_owned()))?;
        let called = format!("the certificates of {origin} ({})", path.display());
        Self::pem(&bundle, called).map_err(bad)
    }

    /// The certificates of PEM text, which must all be good ones; the reason where they are not.
    pub fn pem(text: &[u8], called: String) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(text)? {
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        if roots.is_empty() {
            return Err("it holds no certificate".to_owned());
        }
        Ok(Self { roots, called })
    }

    /// This machine's own certificates.
    ///
    /// # Errors
    /// It has none.
    pub fn machine() -> Result<Self> {
        let mut roots = RootCertStore::empty();
        // A machine may have old ones that are not understood.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Error::new(Kind::LocalState, "this machine has no trusted CA certificates")
                .hint("install the package `ca-certificates`, or set AWS_CA_BUNDLE to a PEM file"));
        }
        Ok(Self { roots, called: "this machine's CA certificates".to_owned() })
    }

    /// TLS that trusts these.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn tls(self) -> Result<Tls> {
        let config = builder()?.with_root_certificates(self.roots).with_no_client_auth();
        Ok(tls(config, self.called))
    }
}

/// TLS that takes any certificate: for `insecure-skip-tls-verify` of a kubeconfig, where the user chose so by name.
///
/// # Errors
/// TLS cannot be set up.
pub fn unchecked() -> Result<Tls> {
    let verifier = Arc::new(Unchecked(provider()));
    let config = builder()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(tls(config, "all certificates".to_owned()))
}

fn tls(mut config: ClientConfig, trusted: String) -> Tls {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Tls { config: Arc::new(config), trusted: trusted.into(), server_name: None }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    builder.map_err(|error| Error::new(Kind::LocalState, "TLS cannot be set up").cause(error))
}

/// Believes every certificate; the server must still hold its key.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificates of PEM text; those that OpenSSL trusts for other things than servers are left out.
fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let plain = plain_labels(text);
    let mut found = Vec::new();
    for der in CertificateDer::pem_slice_iter(&plain) {
        let der = der.map_err(|error| error.to_string())?;
        let (certificate, uses) = der.split_at(element(&der).map_or(der.len(), |(header, size)| header + size));
        if is_for_servers(uses) {
            found.push(CertificateDer::from(certificate.to_vec()));
        }
    }
    Ok(found)
}

/// PEM whose `TRUSTED CERTIFICATE` and `X509 CERTIFICATE` blocks, as OpenSSL and p11-kit write them, are called by the usual
/// name. In the former, what the certificate may be used for follows it.
fn plain_labels(text: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(text) else { return Cow::Borrowed(text) };
    let plain = text.replace("TRUSTED CERTIFICATE-----", "CERTIFICATE-----");
    Cow::Owned(plain.replace("X509 CERTIFICATE-----", "CERTIFICATE-----").into_bytes())
}

/// Whether OpenSSL's CertAux lets a certificate vouch for servers: a list of uses names that, a list of rejected ones does
/// not. Source: OpenSSL `crypto/x509/x_x509a.c`, X509_CERT_AUX.
fn is_for_servers(aux: &[u8]) -> bool {
    const SERVER: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    const ANY: &[u8] = &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];
    let names = |list: &[u8]| [SERVER, ANY].iter().any(|oid| list.windows(oid.len()).any(|window| window == *oid));
    let Some((header, size)) = element(aux) else { return true };
    let mut rest = aux.get(header..header + size).unwrap_or_default();
    while let (Some(tag), Some((header, size))) = (rest.first(), element(rest)) {
        let content = rest.get(header..header + size).unwrap_or_default();
        match tag {
            0x30 if !names(content) => return false,
            0xa0 if names(content) => return false,
            _ => {}
        }
        rest = rest.get(header + size..).unwrap_or_default();
    }
    true
}

/// The sizes of the header and of the content of a DER element, where it lies within these bytes.
fn element(der: &[u8]) -> Option<(usize, usize)> {
    let (header, size) = match *der.get(1)? {
        short @ ..0x80 => (2, usize::from(short)),
        long => {
            let digits = der.get(2..2 + usize::from(long & 0x7f)).filter(|digits| (1..=4).contains(&digits.len()))?;
            (2 + digits.len(), digits.iter().fold(0, |size, digit| size << 8 | usize::from(*digit)))
        }
    };
    (header + size <= der.len()).then_some((header, size))
}
