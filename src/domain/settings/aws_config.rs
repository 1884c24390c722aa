//! Sessions and profiles of `~/.aws/config`, read as botocore reads them (RawConfigParser).
//!
//! No inline comments, `#` and `;` only at line start, section headers split like shell words, keys lower-cased. A block
//! that lacks something or breaks a pattern is left out: the file belongs to other tools, and may hold more than we need.

use std::collections::HashMap;

use crate::domain::ids::{AccountId, Invalid, Region, RoleArn, RoleName, SessionName};
use crate::domain::session::Session;
use crate::domain::url::StartUrl;

/// What a section is about.
#[derive(Debug, PartialEq, Eq)]
enum Section {
    Session(String),
    Profile(String),
}

type Keys = HashMap<String, String>;

/// The usable sessions of the file, in its order.
pub fn sessions(text: &str) -> Vec<Session> {
    let found = sections(text).into_iter().filter_map(|(section, keys)| match section {
        Section::Session(name) => session(&name, &keys),
        Section::Profile(_) => None,
    });
    found.collect()
}

/// What the AWS CLI names its token files after for a portal: the names of its sessions, and its start URL as profiles
/// without a session spell it.
pub fn cache_keys(text: &str, start_url: &StartUrl, region: &Region) -> Vec<String> {
    let is_here = |keys: &Keys| {
        let url = keys.get("sso_start_url").and_then(|url| url.parse::<StartUrl>().ok());
        url.as_ref() == Some(start_url) && keys.get("sso_region").map(String::as_str) == Some(region.as_str())
    };
    let found =
        sections(text).into_iter().filter(|(_, keys)| is_here(keys)).filter_map(|(section, keys)| match section {
            Section::Session(name) => Some(name),
            Section::Profile(_) if keys.contains_key("sso_session") => None,
            Section::Profile(_) => keys.get("sso_start_url").cloned(),
        });
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

/// The file of CA certificates that a profile names for all its calls.
pub fn ca_bundle(text: &str, name: &str) -> Option<String> {
    let wanted = Section::Profile(name.to_owned());
    let keys = sections(text).into_iter().rev().find(|(section, _)| *section == wanted)?.1;
    keys.get("ca_bundle").filter(|path| !path.is_empty()).cloned()
}

/// The names of all profiles.
pub fn profile_names(text: &str) -> Vec<String> {
    let names = sections(text).into_iter().filter_map(|(section, _)| match section {
        Section::Profile(name) => Some(name),
        Section::Session(_) => None,
    });
    names.collect()
}

fn resolve<'a>(sections: &'a [(Section, Keys)], name: &'a str, seen: &mut Vec<&'a str>) -> Result<Profile, String> {
    if seen.contains(&name) {
        return Err(format!("the profiles {} lead round in a circle", [seen.as_slice(), &[name]].concat().join(" → ")));
    }
    seen.push(name);
    // Of two sections of one name the later counts, as in botocore.
    let find = |wanted: &Section| sections.iter().rev().find(|(section, _)| section == wanted).map(|(_, keys)| keys);
    let keys = find(&Section::Profile(name.to_owned())).ok_or_else(|| format!("there is no profile `{name}`"))?;
    let get = |key: &str| keys.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let bad = |invalid: Invalid| format!("profile `{name}`: {invalid}");
    let region = get("region").map(str::parse).transpose().map_err(bad)?;
    if let (Some(arn), Some(source)) = (get("role_arn"), get("source_profile")) {
        let source = resolve(sections, source, seen)?;
        if source.assume.is_some() {
            return Err(format!("profile `{name}` assumes a role by way of two others; eksso goes one step"));
        }
        return Ok(Profile { assume: Some(arn.parse().map_err(bad)?), region: region.or(source.region), ..source });
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
        (None, Some(url), Some(region)) => Portal::Url(url.parse().map_err(bad)?, region.parse().map_err(bad)?),
        _ => return Err(format!("profile `{name}` has neither sso_session nor sso_start_url and sso_region")),
    };
    Ok(Profile {
        portal,
        account: account.parse().map_err(bad)?,
        role: role.parse().map_err(bad)?,
        region,
        assume: None,
    })
}

fn sections(text: &str) -> Vec<(Section, Keys)> {
    let mut found: Vec<(Section, Keys)> = Vec::new();
    let mut inside = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            // What follows the bracket is a comment. A header that is not understood ends the section before it all the
            // same: its keys are not that section's.
            let section = rest.rsplit_once(']').and_then(|(header, _)| section(header));
            inside = section.is_some();
            found.extend(section.map(|section| (section, HashMap::new())));
        } else if inside
            && !line.starts_with([' ', '\t'])
            && let Some((key, value)) = trimmed.split_once(['=', ':'])
            && let Some((_, keys)) = found.last_mut()
        {
            keys.insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    found
}

fn session(name: &str, keys: &Keys) -> Option<Session> {
    let (url, region) = (keys.get("sso_start_url")?, keys.get("sso_region")?);
    Some(Session::new(name.parse().ok()?, url.parse().ok()?, region.parse().ok()?))
}

/// `default`, `profile dev`, `sso-session "my corp"`, `sso-session 'my corp'` → what it is about.
fn section(header: &str) -> Option<Section> {
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
