//! The `[sso-session NAME]` blocks of `~/.aws/config`, read as botocore reads them (RawConfigParser).
//!
//! No inline comments, `#` and `;` only at line start, section headers split like shell words, keys lower-cased. A block
//! that lacks something or breaks a pattern is left out: the file belongs to other tools, and may hold more than we need.

use std::collections::HashMap;

use super::session::Session;

/// The usable sessions of the file, in its order.
pub fn sessions(text: &str) -> Vec<Session> {
    let mut found: Vec<(String, HashMap<String, String>)> = Vec::new();
    let mut inside = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            // What follows the bracket is a comment. A header that is not understood ends the section before it all the
            // same: its keys are not that section's.
            let name = rest.rsplit_once(']').and_then(|(header, _)| session_name(header));
            inside = name.is_some();
            found.extend(name.map(|name| (name, HashMap::new())));
        } else if inside
            && !line.starts_with([' ', '\t'])
            && let Some((key, value)) = trimmed.split_once(['=', ':'])
            && let Some((_, keys)) = found.last_mut()
        {
            keys.insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    found.into_iter().filter_map(|(name, keys)| session(&name, &keys)).collect()
}

fn session(name: &str, keys: &HashMap<String, String>) -> Option<Session> {
    let (url, region) = (keys.get("sso_start_url")?, keys.get("sso_region")?);
    Some(Session::new(name.parse().ok()?, url.parse().ok()?, region.parse().ok()?))
}

/// `sso-session corp`, `sso-session "my corp"`, `sso-session 'my corp'` → the name.
fn session_name(header: &str) -> Option<String> {
    let rest = header.trim().strip_prefix("sso-session")?;
    let name = rest.strip_prefix([' ', '\t'])?.trim();
    let unquoted = ['"', '\''].iter().find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(name);
    (!unquoted.is_empty() && (unquoted.len() < name.len() || !name.contains([' ', '\t']))).then(|| unquoted.to_owned())
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
        let seen: Vec<String> = sessions(&text).iter().map(|s| format!("{} {}", s.name, s.start_url)).collect();
        assert_eq!(seen, ["a https://a.awsapps.com/start", "b https://b.awsapps.com/start"]);
    }

    #[test]
    fn sessions_read_as_botocore_reads_them() {
        let text = "\u{feff}[default]\nregion = us-east-1\n\n[sso-session corp]\n# comment\nSSO_Start_URL = https://corp.awsapps.com/start#/\nsso_region=eu-west-1\nsso_registration_scopes = sso:account:access\n\n[profile dev]\nsso_session = corp\nsso_region = us-east-1\n[sso-session \"my corp\"]\nsso_start_url = https://my.awsapps.com/start\nsso_region = us-east-1\ns3 =\n  sso_region = nested\n[sso-session]\n[sso-session broken]\nsso_region = us-east-1\n[sso-session odd]\nsso_start_url = https://o.awsapps.com/start\nsso_region = us-east-1 # inline\n";
        let sessions = sessions(text);
        let seen: Vec<(&str, &str, &str)> =
            sessions.iter().map(|s| (s.name.as_str(), s.start_url.as_str(), s.region.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("corp", "https://corp.awsapps.com/start", "eu-west-1"),
                ("my corp", "https://my.awsapps.com/start", "us-east-1")
            ]
        );
    }
}
