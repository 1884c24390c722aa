//! Sessions and profiles of `~/.aws/config`, read as botocore reads them (RawConfigParser of Python's configparser).
//!
//! No inline comments, `#` and `;` only at the start of a line, headers and keys may be indented, what is indented further
//! than its key belongs to the key's value, section headers are split like shell words, keys lower-cased. A block that lacks
//! something or breaks a pattern is of no use to us and is named with its line: the file belongs to other tools, and may
//! hold more than we need.

use std::collections::{HashMap, HashSet};

use crate::domain::ids::{AccountId, Invalid, Region, RoleArn, RoleName, SessionName};
use crate::domain::session::Session;
use crate::domain::url::StartUrl;

/// What a section is about.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::domain::settings) enum Section {
    Session(String),
    Profile(String),
}

type Keys = HashMap<String, String>;

/// A section with the line of its header.
struct Block {
    section: Section,
    line: usize,
    keys: Keys,
}

/// The usable sessions of the file, in its order.
pub fn sessions(text: &str) -> Vec<Session> {
    let found = sections(text).into_iter().filter_map(|block| match block.section {
        Section::Session(name) => session(&name, &block.keys).ok(),
        Section::Profile(_) => None,
    });
    found.collect()
}

/// A configuration that gives no identity to anybody: the sessions of a text, so that eksso knows them there too, and a
/// default profile that says where work is done and which certificates are trusted.
pub fn without_identities(text: &str, region: &Region, ca_bundle: Option<&str>) -> String {
    let mut out = format!("[default]\nregion = {region}\n");
    if let Some(path) = ca_bundle {
        out.push_str(&format!("ca_bundle = {path}\n"));
    }
    for Block { section, keys, .. } in sections(text) {
        let Section::Session(name) = section else { continue };
        let name = match name.contains([' ', '\t', '\'']) {
            true => format!("\"{name}\""),
            false => name,
        };
        out.push_str(&format!("\n[sso-session {name}]\n"));
        for key in ["sso_start_url", "sso_region", "sso_registration_scopes"] {
            // A value of several lines is none of these.
            if let Some(value) = keys.get(key).filter(|value| !value.contains('\n')) {
                out.push_str(&format!("{key} = {value}\n"));
            }
        }
    }
    out
}

/// What is of no use, or refused by the AWS CLI.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its line, from 1.
    pub line: usize,
    /// What it is, and what becomes of it.
    pub what: String,
    /// Why.
    pub why: String,
}

/// The sessions of the file that cannot be used, and the lines for which the AWS CLI refuses the whole file.
pub fn refused(text: &str) -> Vec<Refused> {
    let (blocks, mut found) = scan(text);
    found.extend(blocks.into_iter().filter_map(|Block { section, line, keys }| match section {
        Section::Session(name) => {
            session(&name, &keys).err().map(|why| left_out(line, &format!("sso-session {name}"), why))
        }
        Section::Profile(_) => None,
    }));
    found.sort_by_key(|refused| refused.line);
    found
}

fn left_out(line: usize, header: &str, why: impl Into<String>) -> Refused {
    Refused { line, what: format!("[{header}] is left out"), why: why.into() }
}

/// A portal that a profile of the old kind, without a session, signs in to.
#[derive(Debug, PartialEq, Eq)]
pub struct LegacyPortal {
    /// The first profile that names it.
    pub profile: String,
    /// Its start URL.
    pub url: StartUrl,
    /// Its region.
    pub region: Region,
}

/// The portals that only profiles of the old kind name, each once.
pub fn legacy_portals(text: &str) -> Vec<LegacyPortal> {
    let mut found: Vec<LegacyPortal> = Vec::new();
    for Block { section, keys, .. } in sections(text) {
        let (Section::Profile(profile), None) = (section, keys.get("sso_session")) else { continue };
        let Ok(portal) = session("legacy", &keys) else { continue };
        let Some(portal) = portal.identity_center().cloned() else { continue };
        if found.iter().all(|known| (&known.url, &known.region) != (&portal.start_url, &portal.region)) {
            found.push(LegacyPortal { profile, url: portal.start_url, region: portal.region });
        }
    }
    found
}

/// What the AWS CLI names its token files after for a portal: the names of its sessions, and its start URL as profiles
/// without a session spell it.
pub fn cache_keys(text: &str, start_url: &StartUrl, region: &Region) -> Vec<String> {
    let is_here = |keys: &Keys| {
        let url = keys.get("sso_start_url").and_then(|url| url.parse::<StartUrl>().ok());
        url.as_ref() == Some(start_url) && keys.get("sso_region").map(String::as_str) == Some(region.as_str())
    };
    let found = sections(text).into_iter().filter(|block| is_here(&block.keys)).filter_map(
        |Block { section, keys, .. }| match section {
            Section::Session(name) => Some(name),
            Section::Profile(_) if keys.contains_key("sso_session") => None,
            Section::Profile(_) => keys.get("sso_start_url").cloned(),
        },
    );
    found.collect()
}

/// What a profile says about who it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Where to sign in: a session by name, or a start URL and its region.
    pub portal: Portal,
    /// The account.
    pub account: AccountId,
    /// The permission set.
    pub role: RoleName,
    /// The region it works in.
    pub region: Option<Region>,
    /// A role that it assumes from there.
    pub assume: Option<RoleArn>,
    /// What it says about that.
    pub options: AssumeOptions,
}

/// What a profile wants to be sent when its role is assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeOptions {
    /// `external_id`
    pub external_id: Option<String>,
    /// `duration_seconds`
    pub duration_seconds: Option<i32>,
    /// `role_session_name`
    pub role_session_name: Option<String>,
}

impl AssumeOptions {
    /// None of them.
    pub const NONE: Self = Self { external_id: None, duration_seconds: None, role_session_name: None };

    /// The keys that are set, as the file calls them.
    pub fn names(&self) -> Vec<&'static str> {
        [
            ("external_id", self.external_id.is_some()),
            ("duration_seconds", self.duration_seconds.is_some()),
            ("role_session_name", self.role_session_name.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, set)| set.then_some(name))
        .collect()
    }
}

/// Where a profile signs in.
#[derive(Debug, PartialEq, Eq)]
pub enum Portal {
    /// `sso_session`
    Session(SessionName),
    /// `sso_start_url` and `sso_region` in the profile itself.
    Url(StartUrl, Region),
}

/// Reads a profile; the reason in words where it is of no use to us.
pub fn profile(text: &str, name: &str) -> Result<Profile, String> {
    let sections = sections(text);
    let mut seen = Vec::new();
    resolve(&sections, name, &mut seen)
}

/// The profiles that assume a role from an assigned one, in the file's order. A context can carry nothing but the role, so that
/// those that send more with the request are left out.
pub fn chained(text: &str) -> Vec<Profile> {
    let sections = sections(text);
    let names = sections.iter().filter_map(|block| match &block.section {
        Section::Profile(name) if block.keys.contains_key("role_arn") => Some(name.as_str()),
        Section::Profile(_) | Section::Session(_) => None,
    });
    let profiles = names.filter_map(|name| resolve(&sections, name, &mut Vec::new()).ok());
    profiles.filter(|profile| profile.assume.is_some() && profile.options == AssumeOptions::NONE).collect()
}

/// The file of CA certificates that a profile names for all its calls.
pub fn ca_bundle(text: &str, name: &str) -> Option<String> {
    let wanted = Section::Profile(name.to_owned());
    let keys = sections(text).into_iter().rev().find(|block| block.section == wanted)?.keys;
    keys.get("ca_bundle").filter(|path| !path.is_empty()).cloned()
}

/// The names of all profiles.
pub fn profile_names(text: &str) -> Vec<String> {
    let names = sections(text).into_iter().filter_map(|block| match block.section {
        Section::Profile(name) => Some(name),
        Section::Session(_) => None,
    });
    names.collect()
}

/// The profiles of the file of plain keys, whose headers say the name alone.
pub fn credentials_profiles(text: &str) -> Vec<String> {
    let header = |line: &str| Some(line.trim().strip_prefix('[')?.split_once(']')?.0.trim().to_owned());
    text.lines().filter_map(header).collect()
}

fn resolve<'a>(sections: &'a [Block], name: &'a str, seen: &mut Vec<&'a str>) -> Result<Profile, String> {
    if seen.contains(&name) {
        return Err(format!("the profiles {} lead round in a circle", [seen.as_slice(), &[name]].concat().join(" → ")));
    }
    seen.push(name);
    // Of two sections of one name the later counts, as in botocore.
    let find = |wanted: &Section| sections.iter().rfind(|block| block.section == *wanted).map(|block| &block.keys);
    let keys = find(&Section::Profile(name.to_owned())).ok_or_else(|| format!("there is no profile `{name}`"))?;
    let get = |key: &str| keys.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let bad = |invalid: Invalid| format!("profile `{name}`: {invalid}");
    let region = get("region").map(|region| lower(region).parse()).transpose().map_err(bad)?;
    if let (Some(arn), Some(source)) = (get("role_arn"), get("source_profile")) {
        if get("mfa_serial").is_some() {
            return Err(format!("profile `{name}` asks for an MFA code (mfa_serial), which eksso cannot give"));
        }
        let seconds = get("duration_seconds").map(|text| {
            text.parse().map_err(|_| format!("profile `{name}`: duration_seconds is `{text}`, which is no number"))
        });
        let options = AssumeOptions {
            external_id: get("external_id").map(str::to_owned),
            duration_seconds: seconds.transpose()?,
            role_session_name: get("role_session_name").map(str::to_owned),
        };
        let source = resolve(sections, source, seen)?;
        if source.assume.is_some() {
            return Err(format!("profile `{name}` assumes a role by way of two others; eksso goes one step"));
        }
        let assume = Some(arn.parse().map_err(bad)?);
        return Ok(Profile { assume, options, region: region.or(source.region), ..source });
    }
    // Which of the two it means is for nobody to guess.
    if get("role_arn").is_some() {
        let source = ["credential_source", "web_identity_token_file"].into_iter().find(|key| get(key).is_some());
        return Err(match source {
            Some(source) => format!("profile `{name}` assumes a role with {source}, which eksso does not do"),
            None => format!("profile `{name}` has a role_arn and no source_profile"),
        });
    }
    let (Some(account), Some(role)) = (get("sso_account_id"), get("sso_role_name")) else {
        let program = get("credential_process").unwrap_or_default();
        let first = program.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
        let file = first.rsplit(['/', '\\']).next().unwrap_or_default();
        return Err(match () {
            () if file.trim_end_matches(".exe") == "eksso" => {
                format!("profile `{name}` gets its credentials from eksso itself, which would go round in a circle")
            }
            () if !program.is_empty() => format!("profile `{name}` gets its credentials from a program, `{file}`"),
            () if get("login_session").is_some() => format!("profile `{name}` signs in with `aws login`"),
            () => format!("profile `{name}` has no sso_account_id and sso_role_name"),
        });
    };
    // The AWS CLI looks at these with a role_arn alone; what they are to do beside a sign-in is for nobody to guess.
    if let Some(key) = ["external_id", "mfa_serial"].into_iter().find(|key| get(key).is_some()) {
        return Err(format!("profile `{name}` has {key} beside sso_account_id, which eksso does not send"));
    }
    let portal = match (get("sso_session"), get("sso_start_url"), get("sso_region")) {
        (Some(session), url, sso_region) => {
            let block = find(&Section::Session(session.to_owned()));
            let block = block.ok_or_else(|| format!("profile `{name}` names the missing [sso-session {session}]"))?;
            for (key, here) in [("sso_start_url", url), ("sso_region", sso_region)] {
                if here.is_some_and(|here| block.get(key).is_some_and(|there| there != here)) {
                    return Err(format!("profile `{name}` and [sso-session {session}] disagree about {key}"));
                }
            }
            Portal::Session(session.parse().map_err(bad)?)
        }
        (None, Some(url), Some(region)) => Portal::Url(url.parse().map_err(bad)?, lower(region).parse().map_err(bad)?),
        _ => return Err(format!("profile `{name}` has neither sso_session nor sso_start_url and sso_region")),
    };
    Ok(Profile {
        portal,
        account: account.parse().map_err(bad)?,
        role: role.parse().map_err(bad)?,
        region,
        assume: None,
        options: AssumeOptions::NONE,
    })
}

/// Regions are host names to botocore, which no case tells apart.
fn lower(region: &str) -> String {
    region.to_ascii_lowercase()
}

fn sections(text: &str) -> Vec<Block> {
    scan(text).0
}

/// The sections, and what is wrong besides: sessions whose headers are none, and the lines that Python's configparser refuses, with the
/// whole file.
fn scan(text: &str) -> (Vec<Block>, Vec<Refused>) {
    let (mut found, mut refused): (Vec<Block>, Vec<Refused>) = (Vec::new(), Vec::new());
    // Whether the section is one of ours; its last key, and how far that was indented.
    let (mut inside, mut last): (bool, Option<(String, usize)>) = (false, None);
    let (mut headers, mut keys): (HashSet<&str>, Option<HashSet<String>>) = (HashSet::new(), None);
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let number = number + 1;
        // The text of the line is not told: what is broken may be a key with its secret.
        let mut refuse = |why: &str| {
            let what = "the AWS CLI refuses the whole file because of this line".to_owned();
            refused.push(Refused { line: number, what, why: why.to_owned() });
        };
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if let Some((key, _)) = last.as_ref().filter(|(_, own)| indent > *own) {
            if let (true, Some(block)) = (inside, found.last_mut()) {
                let value = block.keys.entry(key.clone()).or_default();
                value.push('\n');
                value.push_str(trimmed);
            }
        } else if let Some(rest) = trimmed.strip_prefix('[') {
            // What follows the bracket is a comment. A header that is not understood ends the section before it all the
            // same: its keys are not that section's.
            let header = rest.rsplit_once(']').map(|(header, _)| header);
            match header {
                None if !rest.contains(['=', ':']) => refuse("its bracket is not closed; write `]` at its end"),
                Some("") => refuse("it names no section; write a name into the brackets, or remove them"),
                Some(header) if !headers.insert(header) => {
                    refuse("there is such a section further up; put the two together")
                }
                _ => {}
            }
            let section = header.and_then(section);
            (inside, last, keys) = (section.is_some(), None, Some(HashSet::new()));
            if let (None, Some(header)) = (&section, header) {
                let rest = header.trim().strip_prefix("sso-session");
                if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])) {
                    let why =
                        "its name is not one word, so that the AWS CLI leaves it out, too; put all of it in quotes";
                    refused.push(left_out(number, header.trim(), why));
                }
            }
            found.extend(section.map(|section| Block { section, line: number, keys: HashMap::new() }));
        } else if let Some((key, value)) = trimmed.split_once(['=', ':']) {
            let key = key.trim().to_lowercase();
            match keys.as_mut().map(|keys| keys.insert(key.clone())) {
                None => refuse("it stands before the first section; put it behind a header such as [default]"),
                Some(_) if key.is_empty() => {
                    refuse("no key stands in front of its value; write one, or remove the line")
                }
                Some(false) => refuse("its key stands twice in this section; remove one"),
                Some(true) => {}
            }
            if let (true, Some(block)) = (inside, found.last_mut()) {
                block.keys.insert(key.clone(), value.trim().to_owned());
            }
            last = Some((key, indent));
        } else {
            refuse("it is neither a header nor `key = value`; correct or remove it");
        }
    }
    (found, refused)
}

/// The reason in words where it is none.
fn session(name: &str, keys: &Keys) -> Result<Session, String> {
    let get = |key: &str| keys.get(key).filter(|value| !value.is_empty()).ok_or_else(|| format!("it has no {key}"));
    let (url, region) = (get("sso_start_url")?, get("sso_region")?);
    let bad = |invalid: Invalid| invalid.to_string();
    Ok(Session::new(name.parse().map_err(bad)?, url.parse().map_err(bad)?, lower(region).parse().map_err(bad)?))
}

/// `default`, `profile dev`, `sso-session "my corp"`, `sso-session 'my corp'` → what it is about.
pub(in crate::domain::settings) fn section(header: &str) -> Option<Section> {
    let header = header.trim();
    if header == "default" {
        return Some(Section::Profile("default".to_owned()));
    }
    let named = |kind: &str| {
        let name = header.strip_prefix(kind)?.strip_prefix([' ', '\t'])?.trim();
        let bare = ['"', '\''].iter().find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(name);
        let one_word = bare.len() < name.len() || !name.contains([' ', '\t']);
        (!bare.is_empty() && one_word).then(|| bare.to_owned())
    };
    named("sso-session").map(Section::Session).or_else(|| named("profile").map(Section::Profile))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_a_comment_or_a_mistake_never_lends_its_keys_to_the_section_before() {
        let block = |header: &str, host: &str| {
            format!("{header}\nsso_start_url: https://{host}.awsapps.com/start\nsso_region = us-east-1\n")
        };
        let text =
            block("[sso-session a]", "a") + &block("[sso-session b]   ; other", "b") + &block("[sso-session c", "c");
        let seen: Vec<String> = sessions(&text).iter().map(|s| format!("{} {}", s.name, s.address())).collect();
        assert_eq!(seen, ["a https://a.awsapps.com/start", "b https://b.awsapps.com/start"]);
    }

    #[test]
    fn sessions_read_as_botocore_reads_them() {
        let text = "\u{feff}[default]\nregion = us-east-1\n\n[sso-session corp]\n# comment\nSSO_Start_URL = https://corp.awsapps.com/start#/\nsso_region=eu-west-1\nsso_registration_scopes = sso:account:access\n\n[profile dev]\nsso_session = corp\nsso_region = us-east-1\n[sso-session \"my corp\"]\nsso_start_url = https://my.awsapps.com/start\nsso_region = us-east-1\ns3 =\n  sso_region = nested\n[sso-session]\n[sso-session broken]\nsso_region = us-east-1\n[sso-session odd]\nsso_start_url = https://o.awsapps.com/start\nsso_region = us-east-1 # inline\n";
        let sessions = sessions(text);
        let seen: Vec<String> = sessions.iter().map(|s| format!("{}: {}", s.name, s.place())).collect();
        assert_eq!(
            seen,
            ["corp: https://corp.awsapps.com/start in eu-west-1", "my corp: https://my.awsapps.com/start in us-east-1"]
        );
    }

    #[test]
    fn headers_and_keys_may_be_indented_names_are_free_and_what_is_refused_has_a_line() {
        let text = "  [sso-session team/eu]\n    sso_start_url = https://a.awsapps.com/start\n    sso_region = EU-WEST-1\n\
            [sso-session \"it's ours\"]\nsso_start_url = https://b.awsapps.com/start\nsso_region = us-east-1\n\
            \n[sso-session no-region]\nsso_start_url = https://c.awsapps.com/start\n\
            [sso-session odd]\nsso_start_url = http://c.example.com/start\nsso_region = us-east-1\n\
            [sso-session two]\nsso_start_url = https://d.awsapps.com/start\n   more\nsso_region = us-east-1\n";
        let long = "n".repeat(200);
        let text = format!(
            "{text}[sso-session {long}]\nsso_start_url = https://e.awsapps.com/start\nsso_region = us-east-1\n"
        );
        let seen: Vec<String> = sessions(&text).iter().map(|s| format!("{}: {}", s.name, s.place())).collect();
        assert_eq!(
            seen,
            [
                "team/eu: https://a.awsapps.com/start in eu-west-1",
                "it's ours: https://b.awsapps.com/start in us-east-1",
                &format!("{long}: https://e.awsapps.com/start in us-east-1"),
            ]
        );
        let refused: Vec<(usize, String)> = refused(&text).into_iter().map(|r| (r.line, r.what)).collect();
        let left = |line, name: &str| (line, format!("[sso-session {name}] is left out"));
        assert_eq!(refused, [left(8, "no-region"), left(10, "odd"), left(13, "two")]);
        assert_eq!(super::refused(&text)[0].why, "it has no sso_region");
    }

    #[test]
    fn without_identities_the_sessions_are_the_same_and_no_profile_is_left() {
        let text = format!(
            "{PROFILES}[sso-session \"it's ours\"]\nsso_start_url = https://b.awsapps.com/start\nsso_region = us-east-1\n"
        );
        let lean = without_identities(&text, &"eu-west-1".parse().expect("a region"), Some("/ca.pem"));
        assert_eq!(sessions(&lean), sessions(&text));
        assert_eq!(profile_names(&lean), ["default"]);
        assert_eq!(ca_bundle(&lean, "default").as_deref(), Some("/ca.pem"));
        assert!(!lean.contains("account_id") && !lean.contains("credential_process"), "{lean}");
    }

    #[test]
    fn portals_of_old_profiles_are_found_once() {
        let text = "[profile a]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 1\n\
            [profile b]\nsso_start_url = https://a.awsapps.com/start\nsso_region = EU-WEST-1\n\
            [profile c]\nsso_session = x\nsso_start_url = https://c.awsapps.com/start\nsso_region = eu-west-1\n";
        let found = legacy_portals(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].profile.as_str(), found[0].region.as_str()), ("a", "eu-west-1"));
    }

    #[test]
    fn what_a_profile_wants_to_be_sent_is_read_and_what_cannot_be_honoured_is_refused_by_name() {
        let base = "[profile dev]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\n\
            sso_account_id = 111122223333\nsso_role_name = Dev\n[profile x]\nrole_arn = arn:aws:iam::444455556666:role/D\n";
        let read = |more: &str| profile(&format!("{base}{more}"), "x");
        let found = read("source_profile = dev\nexternal_id = e\nduration_seconds = 900\nrole_session_name = me\n");
        let options = found.expect("usable").options;
        assert_eq!(options.names(), ["external_id", "duration_seconds", "role_session_name"]);
        assert_eq!(options.duration_seconds, Some(900));
        for (more, word) in [
            ("source_profile = dev\nmfa_serial = arn:x\n", "mfa_serial"),
            ("source_profile = dev\nduration_seconds = soon\n", "duration_seconds"),
            ("credential_source = Environment\n", "credential_source"),
            ("web_identity_token_file = /t\n", "web_identity_token_file"),
            ("sso_account_id = 111122223333\nsso_role_name = Dev\n", "has a role_arn and no source_profile"),
        ] {
            let why = read(more).expect_err(more);
            assert!(why.contains(word), "{more}: {why}");
        }
    }

    const PROFILES: &str = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n\
        [profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Dev\nregion = us-east-1\n\
        [profile 'my legacy']\nsso_start_url = https://old.awsapps.com/start\nsso_region = us-east-1\n\
        sso_account_id = 111122223333\nsso_role_name = Dev\n\
        [profile deploy]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = dev\n\
        [profile twice]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = deploy\n\
        [profile round]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = round\n\
        [profile self]\ncredential_process = \"/opt/bin/eksso\" credentials --profile self\n\
        [profile other]\ncredential_process = /usr/bin/vault read\n\
        [profile lost]\nsso_session = gone\nsso_account_id = 111122223333\nsso_role_name = Dev\n\
        [profile torn]\nsso_session = corp\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = Dev\n\
        [profile keys]\naws_access_key_id = AKIA\n[profile new]\nlogin_session = arn:aws:iam::111122223333:user/x\n";

    #[test]
    fn profiles_say_who_they_are() {
        let dev = profile(PROFILES, "dev").expect("usable");
        assert_eq!(dev.portal, Portal::Session("corp".parse().expect("name")));
        assert_eq!((dev.account.as_str(), dev.role.as_str(), dev.assume), ("111122223333", "Dev", None));
        assert_eq!(dev.region.expect("a region").as_str(), "us-east-1");
        assert!(matches!(profile(PROFILES, "my legacy").expect("usable").portal, Portal::Url(..)));
        let deploy = profile(PROFILES, "deploy").expect("usable");
        assert_eq!(deploy.assume.expect("a role").as_str(), "arn:aws:iam::444455556666:role/Deploy");
    }

    #[test]
    fn profiles_of_no_use_say_why() {
        for (name, word) in [
            ("none", "there is no profile"),
            ("twice", "one step"),
            ("round", "round → round"),
            ("self", "eksso itself"),
            ("other", "a program, `vault`"),
            ("lost", "missing [sso-session gone]"),
            ("torn", "disagree about sso_region"),
            ("keys", "no sso_account_id"),
            ("new", "aws login"),
        ] {
            let why = profile(PROFILES, name).expect_err(name);
            assert!(why.contains(word), "{name}: {why}");
        }
    }
}
