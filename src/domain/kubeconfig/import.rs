//! Users that other programs made for EKS: what their exec blocks say about cluster, profile and role.

use serde_yaml::{Mapping, Value};

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::edit::{Edit, List};
use crate::domain::kubeconfig::entries::{Plugin, exec, marked, program};

/// An exec block of `aws eks get-token` or `aws-iam-authenticator token`, alone or behind a wrapper such as aws-vault.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The cluster's name, or the id of a local one.
    pub cluster: Option<String>,
    /// The id of a local cluster on an Outpost.
    pub cluster_id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The profile of `~/.aws/config`.
    pub profile: Option<String>,
    /// The role that is assumed.
    pub role_arn: Option<String>,
}

/// Reads a user's body; `None` for one that is not about EKS.
pub fn foreign(user: &Value) -> Option<Foreign> {
    let block = user.get("exec")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut words = vec![text(block.get("command")?)?];
    let args = block.get("args").and_then(Value::as_sequence).into_iter().flatten();
    // Granted and `sh -c` take the whole command as one word.
    words.extend(args.filter_map(text).flat_map(|word| match word.contains("get-token") || word.contains(" token ") {
        true => word.split_whitespace().map(|part| part.trim_matches(['"', '\'']).to_owned()).collect(),
        false => vec![word],
    }));
    let word = |place: usize| words.get(place).map(|word| program(word)).unwrap_or_default();
    let aws = (0..words.len()).find(|place| word(*place) == "eks" && word(place + 1) == "get-token");
    let authenticator = (0..words.len()).find(|p| word(*p) == "aws-iam-authenticator" && word(p + 1) == "token");
    let start = match (aws, authenticator) {
        (Some(eks), _) => words[..eks].iter().rposition(|word| program(word) == "aws")?,
        (None, Some(start)) => start,
        (None, None) => return None,
    };
    let (wrapper, own) = words.split_at(start);
    let flag = |words: &[String], names: &[&str]| {
        let found = words.iter().enumerate().find_map(|(place, word)| {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            let value = value.or_else(|| words.get(place + 1).map(String::as_str));
            names.contains(&name).then_some(value).flatten()
        });
        found.map(str::to_owned)
    };
    let variables = block.get("env").and_then(Value::as_sequence);
    let variable = |names: &[&str]| {
        names.iter().find_map(|name| {
            let mut found = variables?.iter().filter(|v| v.get("name").and_then(Value::as_str) == Some(name));
            found.next_back()?.get("value").and_then(Value::as_str).filter(|value| !value.is_empty()).map(str::to_owned)
        })
    };
    let id_flags: &[&str] = if aws.is_some() { &["--cluster-id"] } else { &[] };
    let name_flags: &[&str] = if aws.is_some() { &["--cluster-name"] } else { &["-i", "--cluster-id"] };
    let cluster_id = flag(own, id_flags);
    Some(Foreign {
        cluster: flag(own, name_flags).or_else(|| cluster_id.clone()),
        cluster_id,
        region: flag(own, &["--region"]).or_else(|| variable(&["AWS_REGION", "AWS_DEFAULT_REGION"])),
        profile: flag(own, &["--profile"])
            .or_else(|| flag(wrapper, &["--profile", "-p"]))
            .or_else(|| wrapped_profile(wrapper, own))
            .or_else(|| variable(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])),
        role_arn: flag(own, &["--role-arn", "--role", "-r"]),
    })
}

/// The profile as `aws-vault exec PROFILE -- …` and `assume PROFILE --exec …` name it.
fn wrapped_profile(wrapper: &[String], own: &[String]) -> Option<String> {
    let plain = |word: &&String| !word.starts_with('-');
    match program(wrapper.first()?) {
        "aws-vault" | "saml2aws" | "aws-okta" => wrapper.iter().skip(2).find(plain).cloned(),
        "assume" | "assumego" => wrapper[1..].iter().find(plain).or_else(|| own.last().filter(plain)).cloned(),
        _ => None,
    }
}

/// The edits that make a user ours, and with it the contexts that use it, which keep all they have.
pub fn import_edits(
    user: (&str, &Value),
    contexts: &[(String, Value)],
    identity: &Identity,
    plugin: &Plugin,
) -> Vec<Edit> {
    let mut login = user.1.as_mapping().cloned().unwrap_or_default();
    let block = exec(identity, plugin, &login);
    login.insert("exec".into(), block);
    let mark = |(name, body): &(String, Value)| {
        let body: Mapping = body.as_mapping().cloned().unwrap_or_default();
        Edit::Put(List::Contexts, name.clone(), marked(body, identity))
    };
    let login = Edit::Put(List::Users, user.0.to_owned(), Value::Mapping(login));
    std::iter::once(login).chain(contexts.iter().map(mark)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Option<Foreign> {
        foreign(&serde_yaml::from_str(yaml).expect("YAML"))
    }

    #[test]
    fn the_exec_blocks_of_other_programs_are_understood() {
        let expect = |cluster: &str, region: Option<&str>, profile: Option<&str>, role: Option<&str>| Foreign {
            cluster: Some(cluster.into()),
            cluster_id: None,
            region: region.map(Into::into),
            profile: profile.map(Into::into),
            role_arn: role.map(Into::into),
        };
        for (yaml, expected) in [
            (
                "exec: {command: aws, args: [--region, eu-west-1, eks, get-token, --cluster-name, web, --output, json, --role, arn:aws:iam::1:role/x], env: [{name: AWS_PROFILE, value: dev}]}",
                expect("web", Some("eu-west-1"), Some("dev"), Some("arn:aws:iam::1:role/x")),
            ),
            (
                "exec: {command: /usr/local/bin/aws, args: [eks, get-token, --cluster-name=web, --profile=dev], env: null}",
                expect("web", None, Some("dev"), None),
            ),
            (
                "exec: {command: aws-iam-authenticator, args: [token, -i, web, -r, arn:x], env: [{name: AWS_PROFILE, value: dev}, {name: AWS_REGION, value: us-east-1}]}",
                expect("web", Some("us-east-1"), Some("dev"), Some("arn:x")),
            ),
            (
                "exec: {command: aws-vault, args: [exec, dev, --, aws, eks, get-token, --cluster-name, web]}",
                expect("web", None, Some("dev"), None),
            ),
            (
                "exec: {command: assume, args: [dev, --exec, 'aws --region r eks get-token --cluster-name web']}",
                expect("web", Some("r"), Some("dev"), None),
            ),
            (
                "exec: {command: sh, args: [-c, 'AWS_PROFILE=x aws eks get-token --cluster-name web --profile dev']}",
                expect("web", None, Some("dev"), None),
            ),
        ] {
            assert_eq!(read(yaml).as_ref(), Some(&expected), "{yaml}");
        }
        for other in [
            "{token: x}",
            "exec: {command: gke-gcloud-auth-plugin}",
            "exec: {command: eksso, args: [token, --cluster, web]}",
            "exec: {command: aws, args: [sts, get-caller-identity]}",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
