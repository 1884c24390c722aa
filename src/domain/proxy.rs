//! Proxies as kubectl reads them, and the hosts that go without one.
//!
//! Source: Go's `golang.org/x/net/http/httpproxy` (`config.init`, `useProxy`) and `net/http`'s schemes, which are those of a
//! kubeconfig's `proxy-url` too.

use core::net::IpAddr;
use std::fmt;

use crate::domain::secret::{Secret, SecretString};

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// CONNECT in plain text.
    Http,
    /// CONNECT inside TLS.
    Https,
    /// SOCKS 5. Names are looked up by the proxy, for `socks5` and `socks5h` alike, as Go does it.
    Socks5,
}

/// A proxy, and what it wants to know of its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Its host; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password.
    pub user: Option<(String, SecretString)>,
}

impl Proxy {
    /// Reads a URL, or a host and port alone, which mean http. The reason never repeats the text, as it may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (protocol, usual) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Protocol::Http, 80),
            "https" => (Protocol::Https, 443),
            "socks5" | "socks5h" => (Protocol::Socks5, 1080),
            _ => return Err("its scheme is none of http, https, socks5 and socks5h"),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A password may hold an `@` that nobody encoded.
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (host, port) = split_port(place);
        let port = port.map_or(Ok(usual), str::parse).map_err(|_| "its port is no number up to 65535")?;
        let plain = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        if host.is_empty() || !(plain(host) || host.parse::<IpAddr>().is_ok()) {
            return Err("it names no host");
        }
        let user = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            (decoded(name), Secret::new(decoded(password)))
        });
        Ok(Self { protocol, host: host.to_owned(), port, user })
    }
}

impl fmt::Display for Proxy {
    /// Without the user and the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&authority(&self.host, self.port))
    }
}

/// `host:port`, with the brackets that an IPv6 address needs.
pub fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Parts `host:port`, `[::1]:port`, `host` and `::1`.
fn split_port(text: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':'));
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

/// Percent-decodes; what is no encoding stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let (mut found, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                found.push(high << 4 | low);
                at += 3;
            }
            _ => {
                found.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(found).unwrap_or_else(|_| text.to_owned())
}

/// The hosts that no proxy is used for.
#[derive(Debug, Clone, Default)]
pub struct NoProxy(Vec<Rule>);

#[derive(Debug, Clone)]
enum Rule {
    /// `*`
    All,
    /// `10.0.0.0/8`
    Network(IpAddr, u8),
    /// `10.1.2.3`, `10.1.2.3:443`
    Address(IpAddr, Option<u16>),
    /// `example.com` is the name and all below it; `.example.com` and `*.example.com` are those below it only.
    Domain { suffix: String, itself: bool, port: Option<u16> },
}

impl NoProxy {
    /// Reads the list of NO_PROXY. What makes no sense matches nothing.
    pub fn parse(list: &str) -> Self {
        let rule = |entry: &str| -> Option<Rule> {
            let entry = entry.trim().to_ascii_lowercase();
            if entry == "*" {
                return Some(Rule::All);
            }
            if let Some((network, bits)) = entry.split_once('/') {
                let network: IpAddr = network.parse().ok()?;
                let most = if network.is_ipv4() { 32 } else { 128 };
                return bits.parse().ok().filter(|bits| *bits <= most).map(|bits| Rule::Network(network, bits));
            }
            let (host, port) = split_port(&entry);
            let port = port.map(str::parse::<u16>).transpose().ok()?;
            if let Ok(address) = host.parse() {
                return Some(Rule::Address(address, port));
            }
            let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
            let itself = !host.starts_with('.');
            let suffix = if itself { format!(".{host}") } else { host.to_owned() };
            (suffix.len() > 1).then_some(Rule::Domain { suffix, itself, port })
        };
        Self(list.split(',').filter_map(rule).collect())
    }

    /// Whether a host goes without: those of the list, and this machine itself.
    pub fn covers(&self, host: &str, port: u16) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        let at = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        self.0.iter().any(|rule| match rule {
            Rule::All => true,
            Rule::Network(network, bits) => address.is_some_and(|address| is_within(address, *network, *bits)),
            Rule::Address(known, wanted) => address == Some(*known) && at(wanted),
            Rule::Domain { suffix, itself, port } => {
                (host.ends_with(suffix) || *itself && host == suffix[1..]) && at(port)
            }
        })
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let same = |a: u128, b: u128, width: u8| (a ^ b).checked_shr(u32::from(width - bits)).unwrap_or(0) == 0;
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

/// The variables that let a program reach a host of this machine without the proxy that its environment names: NO_PROXY with
/// the host behind what is there. In both spellings: curl and Python read the small one first, Go the large one, and some
/// programs one alone. Nothing where no proxy is named for http: to Python, NO_PROXY alone is a configuration too.
pub fn without_proxy(var: &dyn Fn(&str) -> Option<String>, host: &str) -> Vec<(&'static str, String)> {
    const HTTP: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    if HTTP.iter().all(|name| var(name).is_none()) {
        return Vec::new();
    }
    let with = |list: String| match list.trim() {
        // Alone, it stands for all hosts; in a list it does not, to curl.
        "*" => list,
        _ if list.split([',', ' ']).any(|word| word == host) => list,
        "" => host.to_owned(),
        _ => format!("{list},{host}"),
    };
    let pairs = [("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")];
    pairs.map(|(name, other)| (name, with(var(name).or_else(|| var(other)).unwrap_or_default()))).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_read_as_kubectl_reads_them() {
        for (text, protocol, place, user) in [
            ("proxy.corp:3128", Protocol::Http, "proxy.corp:3128", None),
            (" http://proxy.corp:3128/ ", Protocol::Http, "proxy.corp:3128", None),
            ("proxy_1", Protocol::Http, "proxy_1:80", None),
            ("HTTPS://proxy.corp", Protocol::Https, "proxy.corp:443", None),
            ("socks5://[::1]", Protocol::Socks5, "[::1]:1080", None),
            ("socks5h://10.0.0.1:9", Protocol::Socks5, "10.0.0.1:9", None),
            ("http://jane:p%40ss%3A@proxy:1", Protocol::Http, "proxy:1", Some(("jane", "p@ss:"))),
            ("jane:p@ss%@proxy:1", Protocol::Http, "proxy:1", Some(("jane", "p@ss%"))),
            ("http://jane@proxy:1", Protocol::Http, "proxy:1", Some(("jane", ""))),
        ] {
            let proxy = Proxy::parse(text).expect(text);
            assert_eq!((proxy.protocol, proxy.to_string().as_str()), (protocol, place), "{text}");
            let found = proxy.user.as_ref().map(|(name, password)| (name.as_str(), password.expose().as_str()));
            assert_eq!(found, user, "{text}");
            assert!(!format!("{proxy:?}").contains("p@ss"), "{proxy:?}");
        }
        for bad in
            ["", "http://", "ftp://proxy", "http://proxy:99999", "http://proxy:x", "http://a b", "socks4://proxy"]
        {
            assert!(Proxy::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_that_go_without_are_those_that_go_without_in_kubectl() {
        for (list, host, port, without) in [
            ("", "sts.amazonaws.com", 443, false),
            ("*", "sts.amazonaws.com", 443, true),
            ("a, amazonaws.com ,b", "sts.amazonaws.com", 443, true),
            ("amazonaws.com", "amazonaws.com", 443, true),
            ("amazonaws.com", "evilamazonaws.com", 443, false),
            (".amazonaws.com", "sts.amazonaws.com", 443, true),
            (".amazonaws.com", "amazonaws.com", 443, false),
            ("*.amazonaws.com", "STS.amazonaws.com", 443, true),
            ("*.amazonaws.com", "amazonaws.com", 443, false),
            ("*amazonaws.com", "sts.amazonaws.com", 443, false),
            ("sts.amazonaws.com:443", "sts.amazonaws.com", 443, true),
            ("sts.amazonaws.com:8443", "sts.amazonaws.com", 443, false),
            ("10.0.0.0/8", "10.1.2.3", 443, true),
            ("10.0.0.0/8", "11.1.2.3", 443, false),
            ("10.1.2.3:443", "10.1.2.3", 443, true),
            ("10.1.2.3:80", "10.1.2.3", 443, false),
            ("0.0.0.0/0", "8.8.8.8", 443, true),
            ("::/0,10.0.0.0/33,x/y,:,/", "8.8.8.8", 443, false),
            ("fd00::/8", "fd12::1", 443, true),
            ("[fd12::1]:443", "fd12::1", 443, true),
            ("fd12::1", "fd12::1", 443, true),
            ("", "localhost", 443, true),
            ("", "127.0.0.1", 443, true),
            ("", "::1", 443, true),
        ] {
            assert_eq!(NoProxy::parse(list).covers(host, port), without, "{list}: {host}");
        }
    }
}
