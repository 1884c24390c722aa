//! SAML as Okta's AWS app speaks it: the page that carries a response, the assertion in it, the roles of that.
//!
//! Read with a real HTML tokenizer and a real XML parser: no DTD, no entities but XML's own five, sizes bounded. The
//! signature is for AWS to check. Source: protocols.md G.1, and the IAM user guide, "Configure SAML assertions".

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use html5gum::{DefaultEmitter, Token, Tokenizer};
use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};
use zeroize::Zeroizing;

use crate::domain::assignments::SamlRole;
use crate::domain::secret::{Secret, SecretString};
use crate::domain::text::shorten;

const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
const USER: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
/// An assertion of 10,000 roles; AWS takes a few hundred.
const MAX_XML: usize = 2 << 20;
const MAX_NODES: u32 = 100_000;
/// Of one tag, of elements within each other, and of the namespaces that these declare together: the parser compares each
/// with each, and some documents are made of nothing else.
const MAX_TAG: usize = 4 << 10;
const MAX_DEPTH: usize = 64;
const MAX_NAMESPACES: usize = 64;
/// What AWS takes of a response, in base64 characters. Source: AssumeRoleWithSAML, `SAMLAssertion`.
pub const MAX_RESPONSE: usize = 100_000;

/// What a page says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The value of its field `SAMLResponse`.
    pub response: Option<SecretString>,
    /// Its title, to say what came instead.
    pub title: Option<String>,
}

impl Page {
    /// Reads a page, whatever it is.
    pub fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // What scripts and styles hold is no tag.
        emitter.naively_switch_states(true);
        let mut page = Self::default();
        let (mut in_title, mut title) = (false, String::new());
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) if tag.name.as_slice() == b"input" && page.response.is_none() => {
                    let value = |name: &[u8]| {
                        let mut all = tag.attributes.iter();
                        all.find(|(key, _)| key.as_slice() == name).map(|(_, value)| value.value.as_slice())
                    };
                    if value(b"name") == Some(b"SAMLResponse") {
                        page.response =
                            value(b"value").map(|value| Secret::new(String::from_utf8_lossy(value).into_owned()));
                    }
                }
                Token::StartTag(tag) => in_title = tag.name.as_slice() == b"title" && title.is_empty(),
                Token::String(text) if in_title => title.push_str(&String::from_utf8_lossy(&text)),
                Token::EndTag(_) => in_title = false,
                _ => {}
            }
        }
        let words: Vec<&str> = title.split_whitespace().take(20).collect();
        page.title = (!words.is_empty()).then(|| words.join(" "));
        page
    }
}

/// What a SAML response says to AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assertion {
    /// The roles, each once, in the order of their ARNs.
    pub roles: Vec<SamlRole>,
    /// Values of the Role attribute that make no sense.
    pub left_out: usize,
    /// RoleSessionName: who the person is to AWS.
    pub user: Option<String>,
    /// Whom it is made for.
    pub audience: Option<String>,
    /// When it ends, some minutes after it was made.
    pub expires_at: Option<Timestamp>,
    /// Whether only AWS can read it; then nothing else is known.
    pub is_encrypted: bool,
}

/// Why a response cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// Not base64.
    Base64,
    /// Not XML, or XML with a DTD, or too much of it.
    Xml(String),
    /// No assertion is in it; the status it has instead.
    NoAssertion(Option<String>),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64 => f.write_str("the SAML response is not base64"),
            Self::Xml(why) => write!(f, "the SAML response is not XML as SAML has it: {why}"),
            Self::NoAssertion(Some(status)) => write!(f, "the SAML response holds no assertion, but `{status}`"),
            Self::NoAssertion(None) => f.write_str("the SAML response holds no assertion"),
        }
    }
}

impl Assertion {
    /// Reads a response as the page has it: base64 of XML.
    pub fn read(response: &SecretString) -> Result<Self, Unreadable> {
        let packed: Zeroizing<Vec<u8>> =
            Zeroizing::new(response.expose().bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
        let xml = Zeroizing::new(STANDARD.decode(&*packed).map_err(|_| Unreadable::Base64)?);
        let text = std::str::from_utf8(&xml).map_err(|error| Unreadable::Xml(error.to_string()))?;
        Self::of_xml(text)
    }

    /// Reads the XML.
    pub fn of_xml(xml: &str) -> Result<Self, Unreadable> {
        check(xml).map_err(|why| Unreadable::Xml(why.to_owned()))?;
        let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(xml, options)
            .map_err(|error| Unreadable::Xml(shorten(&error.to_string(), 120)))?;
        let root = document.root_element();
        let named = |name: &'static str| root.children().find(move |node| node.has_tag_name((ASSERTION, name)));
        let assertion = match (named("Assertion"), named("EncryptedAssertion")) {
            _ if root.has_tag_name((ASSERTION, "Assertion")) => root,
            (Some(assertion), _) => assertion,
            (None, Some(_)) => return Ok(Self { is_encrypted: true, ..Self::default() }),
            (None, None) => return Err(Unreadable::NoAssertion(status(root))),
        };
        let mut found = Self { expires_at: end(assertion), ..Self::default() };
        let audience = assertion.descendants().find(|node| node.has_tag_name((ASSERTION, "Audience")));
        found.audience = audience.map(text_of).filter(|text| !text.is_empty());
        for attribute in assertion.descendants().filter(|node| node.has_tag_name((ASSERTION, "Attribute"))) {
            let values = attribute.children().filter(|node| node.has_tag_name((ASSERTION, "AttributeValue")));
            let mut values = values.map(text_of);
            match attribute.attribute("Name") {
                Some(ROLE) => values.for_each(|value| match value.parse() {
                    Ok(role) => found.roles.push(role),
                    Err(_) => found.left_out += 1,
                }),
                Some(USER) => found.user = values.next().filter(|user| !user.is_empty()),
                _ => {}
            }
        }
        found.roles.sort();
        found.roles.dedup();
        Ok(found)
    }
}

/// The earliest end that is named for the assertion itself.
fn end(assertion: Node<'_, '_>) -> Option<Timestamp> {
    let dated = assertion.descendants().filter(|node| {
        ["Conditions", "SubjectConfirmationData"].iter().any(|name| node.has_tag_name((ASSERTION, *name)))
    });
    dated.filter_map(|node| node.attribute("NotOnOrAfter")?.parse().ok()).min()
}

/// The status of a response, when it is none of success: the last and most telling part of its name.
fn status(root: Node<'_, '_>) -> Option<String> {
    let codes = root.descendants().filter(|node| node.has_tag_name((PROTOCOL, "StatusCode")));
    let last = codes.filter_map(|node| node.attribute("Value")).rfind(|code| *code != SUCCESS)?;
    Some(last.rsplit(':').next().unwrap_or(last).to_owned())
}

/// The text of an element, blanks around it trimmed; not that of elements in it.
fn text_of(node: Node<'_, '_>) -> String {
    let text: String = node.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    text.trim().to_owned()
}

/// Refuses what no SAML response has and only serves to keep a parser busy, or to mislead one: DTDs, comments, CDATA,
/// processing instructions, huge tags, great depth, many namespaces.
fn check(xml: &str) -> Result<(), &'static str> {
    if xml.len() > MAX_XML {
        return Err("it is too large");
    }
    let start = xml.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let mut rest = match start.strip_prefix("<?xml") {
        Some(declaration) => declaration.split_once("?>").ok_or("its declaration does not end")?.1,
        None => start,
    };
    // The namespaces that each open element declares.
    let mut open: Vec<usize> = Vec::new();
    while let Some(at) = rest.find('<') {
        let tag = &rest[at..];
        if tag.starts_with("<!") || tag.starts_with("<?") {
            return Err("it has a DTD, comments or instructions");
        }
        let length = tag_length(tag).ok_or("it has a tag without an end, or one that is too large")?;
        let tag = &tag[..length];
        let declared = tag.matches("xmlns").count();
        if tag.starts_with("</") {
            open.pop();
        } else if open.len() >= MAX_DEPTH || open.iter().sum::<usize>() + declared > MAX_NAMESPACES {
            return Err("it is too deep, or has too many namespaces");
        } else if !tag.ends_with("/>") {
            open.push(declared);
        }
        rest = &rest[at + length..];
    }
    Ok(())
}

/// The length of the tag at the start, to its `>` outside of quotes.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().take(MAX_TAG) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::partition::Partition;

    const RESPONSE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ID="id1" Version="2.0"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">http://www.okta.com/exk</saml2:Issuer><saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="id2" Version="2.0"><saml2:Subject><saml2:SubjectConfirmation><saml2:SubjectConfirmationData NotOnOrAfter="2026-11-25T10:05:00.123Z" Recipient="https://signin.aws.amazon.com/saml"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="2026-11-25T09:55:00.123Z" NotOnOrAfter="2026-11-25T10:04:00Z"><saml2:AudienceRestriction><saml2:Audience>urn:amazon:webservices</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AttributeStatement><saml2:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">arn:aws:iam::111122223333:saml-provider/Okta,arn:aws:iam::111122223333:role/eks/Admin</saml2:AttributeValue><saml2:AttributeValue>
      arn:aws-us-gov:iam::444455556666:role/View ,
      arn:aws-us-gov:iam::444455556666:saml-provider/Okta
    </saml2:AttributeValue><saml2:AttributeValue>nonsense&#27;[2J</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><saml2:AttributeValue>jane@example.com</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="https://aws.amazon.com/SAML/Attributes/SessionDuration"><saml2:AttributeValue>28800</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement></saml2:Assertion></saml2p:Response>"#;

    #[test]
    fn roles_are_found_in_either_order_with_user_duration_and_end() {
        // A control character is no character of XML; the rest of this response is as Okta writes it.
        assert!(matches!(Assertion::of_xml(RESPONSE), Err(Unreadable::Xml(_))));
        let found = Assertion::of_xml(&RESPONSE.replace("&#27;", "")).expect("an assertion");
        let roles: Vec<&str> = found.roles.iter().map(|role| role.arn.as_str()).collect();
        assert_eq!(roles, ["arn:aws-us-gov:iam::444455556666:role/View", "arn:aws:iam::111122223333:role/eks/Admin"]);
        let admin = &found.roles[1];
        assert_eq!(admin.provider.as_str(), "arn:aws:iam::111122223333:saml-provider/Okta");
        assert_eq!((admin.account.as_str(), admin.role.as_str()), ("111122223333", "Admin"));
        assert_eq!((admin.partition, found.roles[0].partition), (Partition::Aws, Partition::AwsUsGov));
        assert_eq!(found.left_out, 1);
        assert_eq!(found.user.as_deref(), Some("jane@example.com"));
        assert_eq!(found.audience.as_deref(), Some("urn:amazon:webservices"));
        assert_eq!(found.expires_at.map(|at| at.to_string()).as_deref(), Some("2026-11-25T10:04:00Z"));
    }

    #[test]
    fn the_prefix_does_not_matter_the_namespace_does() {
        let plain = RESPONSE.replace("&#27;", "");
        for prefix in ["saml:", "x-", "a2:"] {
            let (new, xmlns) = match prefix {
                "x-" => (String::new(), "xmlns".to_owned()),
                other => (other.to_owned(), format!("xmlns:{}", other.trim_end_matches(':'))),
            };
            let text = plain.replace("xmlns:saml2=", &format!("{xmlns}=")).replace("saml2:", &new);
            assert_eq!(Assertion::of_xml(&text), Assertion::of_xml(&plain), "{prefix}");
        }
        let other = plain.replace("SAML:2.0:assertion", "SAML:1.0:assertion");
        assert_eq!(Assertion::of_xml(&other), Err(Unreadable::NoAssertion(None)));
    }

    #[test]
    fn what_only_aws_can_read_and_what_is_no_assertion_is_told_apart() {
        let response = |inner: &str| {
            format!(
                "<p:Response xmlns:p=\"{PROTOCOL}\" xmlns:a=\"{ASSERTION}\"><p:Status><p:StatusCode \
                 Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\"><p:StatusCode \
                 Value=\"urn:oasis:names:tc:SAML:2.0:status:RequestDenied\"/></p:StatusCode></p:Status>{inner}</p:Response>"
            )
        };
        let encrypted = Assertion::of_xml(&response("<a:EncryptedAssertion>…</a:EncryptedAssertion>"));
        assert!(encrypted.expect("readable so far").is_encrypted);
        let refused = Assertion::of_xml(&response(""));
        assert_eq!(refused, Err(Unreadable::NoAssertion(Some("RequestDenied".into()))));
        assert_eq!(Assertion::read(&"%%%".into()), Err(Unreadable::Base64));
    }

    #[test]
    fn bombs_are_refused_before_they_go_off() {
        let entities = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>";
        let outside = "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>";
        let many = format!("<r>{}</r>", "<a/>".repeat(200_000));
        let deep = format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
        let attributes: String = (0..150_000).map(|n| format!(" a{n}=\"\"")).collect();
        let attributes = format!("<r{attributes}/>");
        let hidden = format!("<r a0=\">\"{}/>", attributes.trim_start_matches("<r").trim_end_matches("/>"));
        let within: String = (0..30_000).map(|n| format!("<a xmlns:p{n}=\"u\">")).collect();
        let beside: String = (0..60).map(|n| format!("<a xmlns:p{n}=\"u\" xmlns:q{n}=\"u\">")).collect();
        let values = format!("<a:AttributeValue xmlns:a=\"{ASSERTION}\">").repeat(10_000);
        let large = format!("<r>{}</r>", "x".repeat(3 << 20));
        let begun = std::time::Instant::now();
        for bomb in [
            entities,
            outside,
            &many,
            &deep,
            &attributes,
            &hidden,
            &within,
            &beside,
            &values,
            &large,
            "<!-- \" --><r/>",
            "<r><![CDATA[x]]></r>",
            "<r><?x \" ?></r>",
            "<?xml version=\"1.0\"",
            "<r>&a;</r>",
            "<r",
            "",
        ] {
            assert!(matches!(Assertion::of_xml(bomb), Err(Unreadable::Xml(_))), "{}", &bomb[..bomb.len().min(60)]);
        }
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }

    #[test]
    fn five_thousand_roles_are_read() {
        let value = |n: usize| {
            format!(
                "<saml2:AttributeValue>arn:aws:iam::{n:012}:role/R,arn:aws:iam::{n:012}:saml-provider/O</saml2:AttributeValue>"
            )
        };
        let values: String = (0..5000).map(value).collect();
        let text = RESPONSE.replace("<saml2:AttributeValue>nonsense&#27;[2J</saml2:AttributeValue>", &values);
        assert_eq!(Assertion::of_xml(&text).expect("an assertion").roles.len(), 5002);
    }

    #[test]
    fn values_that_are_no_pair_of_one_account_are_refused() {
        let (role, provider) = ("arn:aws:iam::111122223333:role/A", "arn:aws:iam::111122223333:saml-provider/O");
        for good in [format!("{role},{provider}"), format!(" {provider} ,\n\t{role} ")] {
            assert_eq!(good.parse::<SamlRole>().map(|found| found.arn.to_string()).as_deref(), Ok(role), "{good}");
        }
        for bad in [
            role.to_owned(),
            format!("{role},{role}"),
            format!("{provider},{provider}"),
            format!("{role},{provider},{role}"),
            format!("{role},{}", provider.replace("1111222", "2222333")),
            format!("{},{provider}", role.replace("arn:aws:", "arn:aws-cn:")),
            format!("{},{provider}", role.replace("111122223333", "11112222333")),
            format!("{role}\u{1b}[2J,{provider}"),
            String::new(),
        ] {
            assert!(bad.parse::<SamlRole>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_response_is_found_however_the_page_is_written() {
        for tag in [
            r#"<input type="hidden" name="SAMLResponse" value="PHNhbWw&#x2b;&#x3d;"/>"#,
            "<INPUT VALUE='PHNhbWw&#43;&#61;' NAME='SAMLResponse'>",
            "<input\n name=SAMLResponse\n value=PHNhbWw+= >",
        ] {
            let html = format!(
                "<html><head><title> Signing\n in </title><script>var x = '<input name=\"SAMLResponse\" value=\"no\">'</script>\
                 </head><body><form><input name=RelayState value=''>{tag}</form></body>"
            );
            let page = Page::read(&html);
            assert_eq!(page.response.as_ref().map(|found| found.expose().as_str()), Some("PHNhbWw+="), "{tag}");
            assert_eq!(page.title.as_deref(), Some("Signing in"));
        }
        assert_eq!(Page::read("<title>Sign In</title><form><input name=username>").response, None);
        assert_eq!(Page::read(&"<div ".repeat(300_000)), Page::default());
        assert_eq!(Page::read(&"<a><b>".repeat(300_000)), Page::default());
    }
}
