//! SAML: assertions as Okta makes and signs them, and STS AssumeRoleWithSAML, which checks them.
//!
//! What is signed is written in canonical form (exclusive XML canonicalization) from the start. Characters that a
//! terminal could obey are then replaced by references, which canonicalization resolves.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use sha2::{Digest, Sha256};

use crate::state::{Issued, Shared, State, random};
use crate::sts::{iso, refusal_with, unix, xml};
use crate::web::Call;
use crate::world::{dedicated_arn, partition};

const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const NAMES: &str = "https://aws.amazon.com/SAML/Attributes";
const C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// The key of the org, and its certificate.
#[derive(Debug)]
pub(crate) struct Signer {
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
}

/// What an assertion says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    /// The prefix of the assertion's namespace.
    pub prefix: String,
    pub issuer: String,
    pub subject: String,
    pub recipient: String,
    pub audience: String,
    /// When it was made, and how long it may be used.
    pub made: i64,
    pub ends: i64,
    pub session_ends: Option<i64>,
    /// The values of `Role`.
    pub roles: Vec<String>,
    /// `RoleSessionName`
    pub user: Option<String>,
    /// `SessionDuration`
    pub duration: Option<i64>,
}

impl Signer {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "eksso simulator org");
        let certificate = params.self_signed(&key).expect("a certificate").der().to_vec();
        let (pkcs8, random) = (key.serialize_der(), SystemRandom::new());
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random).expect("a P-256 key");
        Self { key, certificate }
    }

    /// A response with one signed assertion.
    pub fn response(&self, claims: &Claims) -> String {
        envelope(claims, &self.assertion(claims))
    }

    fn assertion(&self, claims: &Claims) -> String {
        let id = format!("id{}", random(12));
        let (head, tail) = (head(claims, &id), tail(claims));
        let digest = STANDARD.encode(Sha256::digest(format!("{head}{tail}")));
        let info = signed_info(&id, &digest);
        // Alone, an element declares the prefix it uses.
        let alone = info.replacen("<ds:SignedInfo>", &format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"), 1);
        let signature = self.key.sign(&SystemRandom::new(), alone.as_bytes()).expect("a signature");
        let (signature, certificate) = (STANDARD.encode(signature), STANDARD.encode(&self.certificate));
        referenced(&format!(
            "{head}<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{signature}</ds:SignatureValue>\
             <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
             </ds:Signature>{tail}"
        ))
    }

    /// The claims of a response, if the org signed them.
    pub fn verify(&self, response: &str) -> Result<Claims, &'static str> {
        let (prefix, assertion) = only_assertion(response).ok_or("Response does not contain one assertion")?;
        let assertion = resolved(assertion);
        self.verify_signature(&assertion).ok_or("Response signature invalid")?;
        read(&prefix, &assertion).ok_or("SAML assertion is malformed")
    }

    fn verify_signature(&self, assertion: &str) -> Option<()> {
        let start = assertion.find("<ds:Signature ")?;
        let close = "</ds:Signature>";
        let end = start + assertion[start..].find(close)? + close.len();
        let (signature, rest) = (&assertion[start..end], [&assertion[..start], &assertion[end..]].concat());
        let info_end = signature.find("</ds:SignedInfo>")? + "</ds:SignedInfo>".len();
        let info = &signature[signature.find("<ds:SignedInfo>")?..info_end];
        let digest = STANDARD.encode(Sha256::digest(&rest));
        let reference = between(info, "URI=\"#", "\"")?;
        if rest.contains("<ds:Signature ")
            || between(info, "<ds:DigestValue>", "<")? != digest
            || between(&rest, " ID=\"", "\"")? != reference
        {
            return None;
        }
        let alone = info.replacen("<ds:SignedInfo>", &format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"), 1);
        let value = STANDARD.decode(between(signature, "<ds:SignatureValue>", "<")?).ok()?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.key.public_key().as_ref());
        key.verify(alone.as_bytes(), &value).ok()
    }
}

/// A response whose assertion nobody but the receiver could read.
pub(crate) fn encrypted(claims: &Claims) -> String {
    let data = |bytes| STANDARD.encode(random(bytes));
    let (key, assertion, colon) = (data(128), data(1024), colon(&claims.prefix));
    let space = declaration(&claims.prefix);
    envelope(
        claims,
        &format!(
            "<{colon}EncryptedAssertion {space}><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
             Type=\"http://www.w3.org/2001/04/xmlenc#Element\">\
             <xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/><ds:KeyInfo xmlns:ds=\"{DS}\">\
             <xenc:EncryptedKey><xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/>\
             <xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>\
             <xenc:CipherData><xenc:CipherValue>{assertion}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>\
             </{colon}EncryptedAssertion>"
        ),
    )
}

/// The response around an assertion.
fn envelope(claims: &Claims, assertion: &str) -> String {
    let (id, made, to) = (random(12), instant(claims.made), escaped(&claims.recipient));
    let (colon, space, issuer) = (colon(&claims.prefix), declaration(&claims.prefix), escaped(&claims.issuer));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><saml2p:Response Destination=\"{to}\" ID=\"id{id}\" \
         IssueInstant=\"{made}\" Version=\"2.0\" xmlns:saml2p=\"{PROTOCOL}\"><{colon}Issuer \
         Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\" {space}>{issuer}</{colon}Issuer>\
         <saml2p:Status><saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></saml2p:Status>\
         {assertion}</saml2p:Response>"
    )
}

/// The assertion up to where the signature goes.
fn head(claims: &Claims, id: &str) -> String {
    let (colon, made, issuer) = (colon(&claims.prefix), instant(claims.made), escaped(&claims.issuer));
    let xs = "xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"".to_owned();
    let mut spaces = [declaration(&claims.prefix), xs];
    if claims.prefix.as_str() > "xs" {
        spaces.reverse();
    }
    format!(
        "<{colon}Assertion {} ID=\"{id}\" IssueInstant=\"{made}\" Version=\"2.0\"><{colon}Issuer \
         Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">{issuer}</{colon}Issuer>",
        spaces.join(" ")
    )
}

/// The assertion from there on.
fn tail(claims: &Claims) -> String {
    let p = colon(&claims.prefix);
    let (subject, recipient) = (escaped(&claims.subject), escaped(&claims.recipient));
    let (made, ends, audience) = (instant(claims.made), instant(claims.ends), escaped(&claims.audience));
    let (not_before, index) = (instant(claims.made - 300), random(12));
    let session = claims.session_ends.map(|end| format!(" SessionNotOnOrAfter=\"{}\"", instant(end)));
    let session = session.unwrap_or_default();
    let duration = claims.duration.map(|seconds| seconds.to_string());
    let attributes = [
        attribute(p.as_str(), "Role", &claims.roles),
        attribute(p.as_str(), "RoleSessionName", claims.user.as_slice()),
        attribute(p.as_str(), "SessionDuration", duration.as_slice()),
    ];
    format!(
        "<{p}Subject><{p}NameID Format=\"{UNSPECIFIED}\">{subject}</{p}NameID>\
         <{p}SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
         <{p}SubjectConfirmationData NotOnOrAfter=\"{ends}\" Recipient=\"{recipient}\"></{p}SubjectConfirmationData>\
         </{p}SubjectConfirmation></{p}Subject><{p}Conditions NotBefore=\"{not_before}\" NotOnOrAfter=\"{ends}\">\
         <{p}AudienceRestriction><{p}Audience>{audience}</{p}Audience></{p}AudienceRestriction></{p}Conditions>\
         <{p}AuthnStatement AuthnInstant=\"{made}\" SessionIndex=\"id{index}\"{session}><{p}AuthnContext>\
         <{p}AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
         </{p}AuthnContextClassRef></{p}AuthnContext></{p}AuthnStatement>\
         <{p}AttributeStatement>{}</{p}AttributeStatement></{p}Assertion>",
        attributes.concat()
    )
}

/// An attribute, unless it has no value.
fn attribute(p: &str, name: &str, values: &[String]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let format = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
    let mut text = format!("<{p}Attribute Name=\"{NAMES}/{name}\" NameFormat=\"{format}\">");
    for value in values {
        let (value, xsi) = (escaped(value), "http://www.w3.org/2001/XMLSchema-instance");
        write!(text, "<{p}AttributeValue xmlns:xsi=\"{xsi}\" xsi:type=\"xs:string\">{value}</{p}AttributeValue>")
            .expect("writing to a string");
    }
    text + &format!("</{p}Attribute>")
}

fn signed_info(id: &str, digest: &str) -> String {
    format!(
        "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{C14N}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{DS}enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"{C14N}\">\
         <ec:InclusiveNamespaces xmlns:ec=\"{C14N}\" PrefixList=\"xs\"></ec:InclusiveNamespaces></ds:Transform>\
         </ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
}

fn colon(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!("{prefix}:") }
}

fn declaration(prefix: &str) -> String {
    if prefix.is_empty() { format!("xmlns=\"{ASSERTION}\"") } else { format!("xmlns:{prefix}=\"{ASSERTION}\"") }
}

/// Unix seconds as Okta writes them.
fn instant(seconds: i64) -> String {
    iso(seconds).replace('Z', ".000Z")
}

/// Text as canonical XML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

/// Whether a character is written as a reference: all that has no picture of its own.
fn is_odd(c: char) -> bool {
    matches!(c, '\t' | '\u{7f}'..='\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same XML with odd characters as references.
fn referenced(xml: &str) -> String {
    let mut text = String::with_capacity(xml.len());
    for c in xml.chars() {
        match is_odd(c) {
            true => write!(text, "&#x{:X};", u32::from(c)).expect("writing to a string"),
            false => text.push(c),
        }
    }
    text
}

/// Resolves references as canonicalization does.
fn resolved(xml: &str) -> String {
    let mut parts = xml.split("&#");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(';').and_then(|(number, rest)| Some((character(number)?, rest))) {
            Some((c, rest)) if c != '\r' => text.extend([String::from(c).as_str(), rest]),
            _ => text.extend(["&#", part]),
        }
    }
    text
}

fn character(number: &str) -> Option<char> {
    let code = number.strip_prefix('x').map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
    char::from_u32(code)
}

/// The prefix and the text of the one assertion that is not encrypted.
fn only_assertion(response: &str) -> Option<(String, &str)> {
    let mut starts = response.match_indices("Assertion xmlns");
    let (at, None) = (starts.next()?.0, starts.next()) else { return None };
    let start = response[..at].rfind('<')?;
    let prefix = &response[start + 1..at];
    let close = format!("</{prefix}Assertion>");
    let end = start + response[start..].find(&close)? + close.len();
    Some((prefix.trim_end_matches(':').to_owned(), &response[start..end]))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    Some(&rest[..rest.find(end)?])
}

/// The text of the first element of a name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name} ")).or_else(|| xml.find(&format!("<{name}>")))?;
    between(&xml[start..], ">", "</")
}

/// The values of an attribute of AWS.
fn values(xml: &str, p: &str, name: &str) -> Vec<String> {
    let start = format!("<{p}Attribute Name=\"{NAMES}/{name}\"");
    let all = between(xml, &start, &format!("</{p}Attribute>")).unwrap_or_default();
    let parts: Vec<&str> = all.split(&format!("</{p}AttributeValue>")).collect();
    let texts = parts.iter().take(parts.len() - 1).filter_map(|part| part.rsplit_once('>'));
    texts.map(|(_, text)| plain(text)).collect()
}

fn plain(text: &str) -> String {
    text.replace("&#xD;", "\r").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn seconds(instant: &str) -> Option<i64> {
    unix(&instant.replace(['-', ':'], "").replace(".000", ""))
}

fn read(prefix: &str, xml: &str) -> Option<Claims> {
    let p = colon(prefix);
    let text = |name: &str| element(xml, &format!("{p}{name}")).map(plain);
    let session = between(xml, " SessionNotOnOrAfter=\"", "\"").map(seconds);
    let ends = xml.match_indices(" NotOnOrAfter=\"").map(|(at, _)| seconds(between(&xml[at..], "\"", "\"")?));
    Some(Claims {
        prefix: prefix.to_owned(),
        issuer: text("Issuer")?,
        subject: text("NameID")?,
        recipient: plain(between(xml, " Recipient=\"", "\"")?),
        audience: text("Audience")?,
        made: seconds(between(xml, " IssueInstant=\"", "\"")?)?,
        ends: ends.collect::<Option<Vec<i64>>>()?.into_iter().min()?,
        session_ends: session.map(|end| end.ok_or(())).transpose().ok()?,
        roles: values(xml, &p, "Role"),
        user: values(xml, &p, "RoleSessionName").pop(),
        duration: values(xml, &p, "SessionDuration").pop().and_then(|n| n.parse().ok()),
    })
}

/// Where AWS takes assertions for a partition, and the audience it is there.
pub(crate) fn receiver(partition: &str) -> (&'static str, &'static str) {
    match partition {
        "aws-us-gov" => ("https://signin.amazonaws-us-gov.com/saml", "urn:amazon:webservices:govcloud"),
        "aws-cn" => ("https://signin.amazonaws.cn/saml", "urn:amazon:webservices:cn-north-1"),
        _ => ("https://signin.aws.amazon.com/saml", "urn:amazon:webservices"),
    }
}

/// Why a role is not given: status, error name, message.
struct Refusal(u16, &'static str, String);

fn refuse<T>(status: u16, code: &'static str, message: &str) -> Result<T, Refusal> {
    Err(Refusal(status, code, message.to_owned()))
}

/// A session of a role that is granted.
struct Session {
    account: String,
    partition: String,
    role: String,
    claims: Claims,
    user: String,
    ends: i64,
}

/// AssumeRoleWithSAML.
pub(crate) fn assume_role(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    match session(&state, &shared.signer, call) {
        Ok(session) => issue(&mut state, session),
        Err(Refusal(status, code, message)) => refusal_with(status, code, &message),
    }
}

fn session(state: &State, signer: &Signer, call: &Call) -> Result<Session, Refusal> {
    let form = |name: &str| call.form(name).unwrap_or_default();
    let (role_arn, provider) = (form("RoleArn"), form("PrincipalArn"));
    if call.header("authorization").is_some() {
        return refuse(403, "SignatureDoesNotMatch", "AssumeRoleWithSAML is not signed");
    }
    if form("Version") != "2011-06-15" {
        return refuse(400, "InvalidAction", "Could not find operation AssumeRoleWithSAML for this version");
    }
    let wanted = wanted_seconds(call)?;
    let claims = claims(state, signer, &form("SAMLAssertion"))?;
    let parts: Vec<&str> = role_arn.splitn(6, ':').collect();
    let (["arn", of, "iam", "", account, _], name) = (parts.as_slice(), role_arn.rsplit('/').next()) else {
        return refuse(400, "ValidationError", "RoleArn is invalid");
    };
    let role = name.unwrap_or_default();
    if partition_of_host(call.header("host").unwrap_or_default()).is_some_and(|here| here != *of) {
        return refuse(400, "InvalidIdentityToken", "Provided SAML provider does not exist in this partition");
    }
    let (recipient, audience) = receiver(of);
    if claims.recipient != recipient || claims.audience != audience {
        return refuse(400, "InvalidIdentityToken", "The audience or the recipient of the assertion is another");
    }
    let now = state.now();
    if now >= claims.ends || now < claims.made - 300 {
        return refuse(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance");
    }
    let known = state.account(account).is_some_and(|found| found.roles.iter().any(|known| known == role));
    if !holds(&claims, &role_arn, &provider) || !known || role_arn != dedicated_arn(account, of, role) {
        return refuse(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
    }
    if wanted > state.world.longest(role) {
        let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return refuse(400, "ValidationError", message);
    }
    let Some(user) = claims.user.clone() else {
        return refuse(400, "InvalidIdentityToken", "RoleSessionName is required in AuthnResponse");
    };
    let ends = claims.session_ends.map_or(now + wanted, |end| end.min(now + wanted));
    Ok(Session {
        account: (*account).to_owned(),
        partition: (*of).to_owned(),
        role: role.to_owned(),
        claims,
        user,
        ends,
    })
}

fn wanted_seconds(call: &Call) -> Result<i64, Refusal> {
    let Some(text) = call.form("DurationSeconds") else { return Ok(3600) };
    let wanted = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    wanted.map_or_else(
        || refuse(400, "ValidationError", "1 validation error detected: durationSeconds is not in 900..43200"),
        Ok,
    )
}

/// What the assertion of a request says.
fn claims(state: &State, signer: &Signer, encoded: &str) -> Result<Claims, Refusal> {
    if !(4..=100_000).contains(&encoded.len()) {
        return refuse(
            400,
            "ValidationError",
            "1 validation error detected: the length of sAMLAssertion is not in 4..100000",
        );
    }
    let Some(text) = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return refuse(400, "InvalidIdentityToken", "Invalid base64 SAMLResponse");
    };
    // AWS has the key for what is encrypted.
    let text = state.okta.sealed.get(encoded).unwrap_or(&text);
    signer.verify(text).or_else(|why| refuse(400, "InvalidIdentityToken", why))
}

/// Whether a value of `Role` is this pair, in either order.
fn holds(claims: &Claims, role: &str, provider: &str) -> bool {
    let right = provider.contains(":saml-provider/");
    let pairs = claims.roles.iter().filter_map(|value| value.split_once(','));
    right && pairs.map(|(a, b)| (a.trim(), b.trim())).any(|pair| pair == (role, provider) || pair == (provider, role))
}

/// The partition of an STS host by its region; `None` for addresses.
fn partition_of_host(host: &str) -> Option<&'static str> {
    let mut labels = host.split('.');
    let service = labels.next()?;
    ["sts", "sts-fips"].contains(&service).then(|| partition(labels.next().unwrap_or_default()))
}

fn issue(state: &mut State, session: Session) -> Response<Body> {
    let Session { account, partition, role, claims, user, ends } = session;
    let key = format!("ASIA{}", random(8).to_uppercase());
    let padding = state.world.session_token_padding;
    let (secret, token) = (state.secret("sk", 0), state.secret("st", padding));
    let arn = escaped(&format!("arn:{partition}:sts::{account}:assumed-role/{role}/{user}"));
    let id = escaped(&format!("AROASIMULATED{}:{user}", role.to_uppercase()));
    let (subject, issuer, audience) = (escaped(&claims.subject), escaped(&claims.issuer), escaped(&claims.recipient));
    let qualifier = STANDARD.encode(&Sha256::digest(format!("{issuer}{account}/Okta"))[..20]);
    let end = iso(ends);
    let reply = format!(
        "<AssumeRoleWithSAMLResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleWithSAMLResult>\n    \
         <Audience>{audience}</Audience>\n    <AssumedRoleUser>\n      <AssumedRoleId>{id}</AssumedRoleId>\n      \
         <Arn>{arn}</Arn>\n    </AssumedRoleUser>\n    <Credentials>\n      <AccessKeyId>{key}</AccessKeyId>\n      \
         <SecretAccessKey>{secret}</SecretAccessKey>\n      <SessionToken>{token}</SessionToken>\n      \
         <Expiration>{end}</Expiration>\n    </Credentials>\n    <Subject>{subject}</Subject>\n    \
         <NameQualifier>{qualifier}</NameQualifier>\n    <SubjectType>{UNSPECIFIED}</SubjectType>\n    \
         <Issuer>{issuer}</Issuer>\n  </AssumeRoleWithSAMLResult>\n  \
         <ResponseMetadata>\n    <RequestId>sim</RequestId>\n  </ResponseMetadata>\n</AssumeRoleWithSAMLResponse>\n"
    );
    state.issued.insert(key, Issued { secret, token, account, iam_role: role.clone(), role, ends, chained: false });
    xml(200, reply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn some(prefix: &str) -> Claims {
        let pair = "arn:aws:iam::111122223333:saml-provider/Okta,arn:aws:iam::111122223333:role/eks/Admin";
        Claims {
            prefix: prefix.into(),
            issuer: "http://www.okta.com/0oaaws".into(),
            subject: "jane & <joe>@example.com".into(),
            recipient: "https://signin.aws.amazon.com/saml".into(),
            audience: "urn:amazon:webservices".into(),
            made: 1_790_000_000,
            ends: 1_790_000_300,
            session_ends: Some(1_790_003_600),
            roles: vec![pair.into(), "\n  a\t\u{9b}31m\u{202e}\r,\u{e9} & <b>\n".into()],
            user: Some("jane@example.com".into()),
            duration: Some(7200),
        }
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let signer = Signer::new();
        for prefix in ["saml2", "saml", "", "zz"] {
            let claims = some(prefix);
            let response = signer.response(&claims);
            assert!(response.contains("&#x9B;31m&#x202E;"), "{response}");
            let read = signer.verify(&response).expect("a good response");
            assert_eq!(format!("{read:?}"), format!("{claims:?}"));
        }
    }

    #[test]
    fn what_was_changed_is_refused() {
        let signer = Signer::new();
        let response = signer.response(&some("saml2"));
        assert!(Signer::new().verify(&response).is_err(), "another org's");
        for (from, to) in
            [("eks/Admin", "eks/Owner"), ("ecdsa-sha256", "ecdsa-sha1"), ("<ds:Signature ", "<ds:Signaturf ")]
        {
            let changed = response.replacen(from, to, 1);
            assert_ne!(changed, response);
            assert!(signer.verify(&changed).is_err(), "{from}");
        }
        let (_, assertion) = only_assertion(&response).expect("an assertion");
        assert!(signer.verify(&response.replacen(assertion, &assertion.repeat(2), 1)).is_err(), "two assertions");
        assert!(signer.verify(&encrypted(&some("saml2"))).is_err(), "nobody can read it");
    }

    #[test]
    #[ignore = "real part: xmlsec1"]
    fn xmlsec1_agrees() {
        let signer = Signer::new();
        let folder = std::env::temp_dir().join(format!("eksso-saml-{}", random(8)));
        std::fs::create_dir(&folder).expect("a folder");
        let certificate = folder.join("certificate.pem");
        let pem = STANDARD.encode(&signer.certificate);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
        std::fs::write(&certificate, pem).expect("a file");
        let verify = |response: &str| {
            let file = folder.join("response.xml");
            std::fs::write(&file, response).expect("a file");
            let mut command = Command::new("xmlsec1");
            command.args(["--verify", "--id-attr:ID", &format!("{ASSERTION}:Assertion"), "--pubkey-cert-pem"]);
            let output = command.arg(&certificate).arg(&file).output().expect("xmlsec1");
            (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        for prefix in ["saml2", "saml", "", "zz"] {
            let response = signer.response(&some(prefix));
            let (good, said) = verify(&response);
            assert!(good && said.contains("OK"), "{prefix}: {said}");
            let (good, said) = verify(&response.replacen("eks/Admin", "eks/Owner", 1));
            assert!(!good && said.contains("FAIL"), "{prefix}: {said}");
        }
        std::fs::remove_dir_all(&folder).expect("the folder");
    }
}
