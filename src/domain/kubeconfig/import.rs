//! Users that other programs made for EKS: what their exec blocks say about cluster, profile and role.

use serde_yaml::{Mapping, Value};

use crate::domain::api_version::ApiVersion;
use crate::domain::identity::Identity;
use crate::domain::kubeconfig::edit::{Edit, List};
use crate::domain::kubeconfig::entries::{Plugin, exec, mapping, marked};

/// An exec block of `aws eks get-token` or `aws-iam-authenticator token`, alone or behind a wrapper that is understood.
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
    /// The protocol that it names.
    pub api_version: ApiVersion,
    /// Variables that decide how it is reached and not who it is, from wherever the program got them.
    pub variables: Vec<(String, String)>,
    /// The folder outside of a container whose settings the container sees.
    pub settings: Option<String>,
}

/// Variables of AWS's programs that do not decide who somebody is.
const HARMLESS: [&str; 14] = [
    "AWS_CA_BUNDLE",
    "AWS_CLI_AUTO_PROMPT",
    "AWS_CLI_FILE_ENCODING",
    "AWS_DEFAULT_OUTPUT",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_MAX_ATTEMPTS",
    "AWS_PAGER",
    "AWS_RETRY_MODE",
    "AWS_SDK_LOAD_CONFIG",
    "AWS_SDK_UA_APP_ID",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_OUTPUT",
];
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
const PROFILES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
/// Where programs look for the settings that say who somebody is.
const HOMES: [&str; 2] = ["HOME", "USERPROFILE"];
/// Where `amazon/aws-cli` looks for its settings.
const CONTAINER_SETTINGS: &str = "/root/.aws";
/// Wrappers within wrappers.
const MAX_WRAPPERS: usize = 8;

/// Reads a user's body; `None` for one that is not about EKS. What is about EKS and not understood in all that decides
/// who it is has a reason instead: a guess could make it somebody else.
pub fn foreign(user: &Value) -> Option<Result<Foreign, String>> {
    let block = user.get("exec")?;
    let command = block.get("command")?.as_str()?;
    let args = block.get("args").and_then(Value::as_sequence).map_or(&[][..], Vec::as_slice);
    let words: Vec<&str> = std::iter::once(command).chain(args.iter().filter_map(Value::as_str)).collect();
    if !is_about_eks(&words) {
        return None;
    }
    let mut line = Line { words: words.iter().map(|word| (*word).to_owned()).collect(), ..Line::default() };
    for variable in block.get("env").and_then(Value::as_sequence).into_iter().flatten() {
        let text = |key: &str| variable.get(key).and_then(Value::as_str).unwrap_or_default();
        line.set(text("name"), text("value"));
    }
    let named = block.get("apiVersion").and_then(Value::as_str);
    let read = line.unwrapped().and_then(Line::read);
    Some(read.map(|read| Foreign { api_version: named.and_then(ApiVersion::of).unwrap_or_default(), ..read }))
}

/// Whether there is a call for an EKS token somewhere in a command line, or in lines within it.
fn is_about_eks(words: &[&str]) -> bool {
    let all: Vec<&str> =
        words.iter().flat_map(|word| word.split(|c: char| c.is_whitespace() || "'\"".contains(c))).collect();
    all.iter().enumerate().any(|(place, word)| match tool(word).as_str() {
        "get-token" => all[..place].contains(&"eks"),
        "aws-iam-authenticator" => all[place..].contains(&"token"),
        _ => false,
    })
}

/// The name of a program, whichever folder, ending or version it has.
fn tool(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let name = [".exe", ".cmd", ".bat"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    match name {
        "aws2" | "awsv2" => "aws".to_owned(),
        "heptio-authenticator-aws" => "aws-iam-authenticator".to_owned(),
        other => other.to_owned(),
    }
}

/// A command line on the way to what it comes to: wrappers are taken off, and what they say is kept.
#[derive(Default)]
struct Line {
    words: Vec<String>,
    variables: Vec<(String, String)>,
    profile: Option<String>,
    settings: Option<String>,
    in_container: bool,
}

impl Line {
    fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.variables.push((name.to_owned(), value.to_owned()));
        }
    }

    fn unset(&mut self, name: &str) -> Result<(), String> {
        self.set(name, "");
        if HOMES.contains(&name) { Err(no_home("env")) } else { Ok(()) }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Takes the wrappers off.
    fn unwrapped(mut self) -> Result<Self, String> {
        for _ in 0..MAX_WRAPPERS {
            let Some(first) = self.words.first().cloned() else { break };
            match tool(&first).as_str() {
                "aws" | "aws-iam-authenticator" => return Ok(self),
                "python" | "python3" if self.words.get(1..3).is_some_and(|words| words == ["-m", "awscli"]) => {
                    self.words.splice(..3, ["aws".to_owned()]);
                }
                "env" => self.env()?,
                "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" => self.shell(&first)?,
                "aws-vault" | "aws-okta" => self.vault(&first)?,
                "assume" | "assumego" => self.granted()?,
                "docker" | "podman" | "nerdctl" | "finch" => self.container(&first)?,
                _ => return Err(format!("it is run by `{first}`, which may decide who it is")),
            }
        }
        Err("which program it runs is not understood".to_owned())
    }

    fn env(&mut self) -> Result<(), String> {
        let mut words = std::mem::take(&mut self.words).into_iter().skip(1).peekable();
        while let Some(word) = words.next_if(|word| word.starts_with('-') || word.contains('=')) {
            match (word.as_str(), word.split_once('=')) {
                ("--", _) => break,
                // Without HOME it is for the program to say where `~/.aws` is.
                ("-i" | "-" | "--ignore-environment", _) => return Err(no_home(&word)),
                ("-u" | "--unset", _) => {
                    let name = words.next().unwrap_or_default();
                    self.unset(&name)?;
                }
                (option, Some(("--unset", name))) if option.starts_with('-') => self.unset(name)?,
                (option, None) => return Err(format!("the option `{option}` of env is not understood")),
                (option, _) if option.starts_with('-') => {
                    return Err(format!("the option `{option}` of env is not understood"));
                }
                (_, Some((name, value))) => self.set(name, value),
            }
        }
        self.words = words.collect();
        Ok(())
    }

    /// `sh -c 'NAME=value aws …'`, as long as it is one plain command.
    fn shell(&mut self, shell: &str) -> Result<(), String> {
        let unknown = || format!("what `{shell}` runs is not one plain command");
        let [_, options, script] = self.words.as_slice() else { return Err(unknown()) };
        if !["-c", "-lc", "-ec", "-cl"].contains(&options.as_str()) {
            return Err(unknown());
        }
        let words = plain_words(script).ok_or_else(unknown)?;
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next_if(|word| word.contains('=') && !word.starts_with('-')) {
            let (name, value) = word.split_once('=').unwrap_or_default();
            self.set(name, value);
        }
        _ = words.next_if(|word| word == "exec");
        self.words = words.collect();
        Ok(())
    }

    /// `aws-vault exec [options] PROFILE [--] …`
    fn vault(&mut self, vault: &str) -> Result<(), String> {
        let mut words = std::mem::take(&mut self.words).into_iter().skip(1);
        if words.next().as_deref() != Some("exec") {
            return Err(format!("`{vault}` is called in a way that is not understood"));
        }
        let mut rest = Vec::new();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--" => break,
                "--no-session" | "-n" | "--server" | "-s" | "--json" | "-j" | "--ecs-server" | "--lazy" | "--debug" => {
                }
                "--duration" | "-d" | "--region" | "--mfa-token" | "-t" | "--assume-role-ttl" | "-a"
                | "--session-ttl" => {
                    words.next();
                }
                option if option.starts_with('-') && option.contains('=') => {}
                option if option.starts_with('-') => {
                    return Err(format!("the option `{option}` of {vault} is not understood"));
                }
                _ if self.profile.is_none() || !rest.is_empty() => {
                    if self.profile.is_none() {
                        self.profile = Some(word);
                    }
                }
                _ => {
                    rest.push(word);
                    break;
                }
            }
        }
        self.words = rest.into_iter().chain(words).collect();
        // What it hands on takes the place of what the environment said.
        self.variables.retain(|(name, _)| !PROFILES.contains(&name.as_str()));
        Ok(())
    }

    /// `assume PROFILE --exec 'aws …'`
    fn granted(&mut self) -> Result<(), String> {
        let words = std::mem::take(&mut self.words);
        let (mut profile, mut line) = (None, None);
        let mut rest = words.into_iter().skip(1);
        while let Some(word) = rest.next() {
            match word.strip_prefix("--exec=") {
                Some(exec) => line = plain_words(exec),
                None if word == "--exec" => {
                    let exec = rest.next().unwrap_or_default();
                    // Either one word that holds the line, or the line itself, behind which a profile may follow.
                    if exec.contains(char::is_whitespace) {
                        line = plain_words(&exec);
                    } else {
                        line = Some(std::iter::once(exec).chain(rest.by_ref().filter(|word| word != "--")).collect());
                    }
                }
                None if word.starts_with('-') => {
                    return Err(format!("the option `{word}` of Granted is not understood"));
                }
                None if profile.is_none() => profile = Some(word),
                None => return Err("what Granted runs is not understood".to_owned()),
            }
        }
        self.profile = Some(profile.ok_or("Granted is told no profile")?);
        self.words = line.ok_or("what Granted runs is not one plain command")?;
        self.variables.retain(|(name, _)| !PROFILES.contains(&name.as_str()));
        Ok(())
    }

    /// `docker run … amazon/aws-cli eks get-token …`: the container sees the variables that it is handed, no others.
    fn container(&mut self, engine: &str) -> Result<(), String> {
        let image = |word: &String| {
            let path = word.split(['@', ':']).next().unwrap_or_default();
            path.ends_with("amazon/aws-cli") || path.ends_with("aws-cli/aws-cli")
        };
        let unknown = || format!("what `{engine}` runs is not understood");
        let place = self.words.iter().position(image).ok_or_else(unknown)?;
        let outside = std::mem::take(&mut self.variables);
        let options: Vec<String> = self.words[1..place].to_vec();
        let mut options = options.into_iter();
        while let Some(word) = options.next() {
            let (option, value) = word.split_once('=').map_or((word.as_str(), None), |(o, v)| (o, Some(v.to_owned())));
            match option {
                "-e" | "--env" => {
                    let variable = value.or_else(|| options.next()).unwrap_or_default();
                    let known = || outside.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.clone());
                    match variable.split_once('=') {
                        Some((name, value)) => self.set(name, value),
                        None => self.set(&variable, &known().unwrap_or_default()),
                    }
                }
                "-v" | "--volume" => {
                    let volume = value.or_else(|| options.next()).unwrap_or_default();
                    let parts: Vec<&str> = volume.split(':').collect();
                    match parts.as_slice() {
                        [from, to] | [from, to, "ro" | "z" | "Z" | "ro,z" | "ro,Z"]
                            if *to == CONTAINER_SETTINGS && from.ends_with("/.aws") =>
                        {
                            self.settings = Some((*from).to_owned());
                        }
                        _ if volume.contains("/.aws")
                            || parts.get(1).is_some_and(|to| CONTAINER_SETTINGS.starts_with(to)) =>
                        {
                            return Err(format!("its settings are those of {volume}"));
                        }
                        _ => {}
                    }
                }
                "run" | "--rm" | "-i" | "-t" | "-it" | "-ti" | "--interactive" | "--tty" => {}
                "--network" | "--net" | "--pull" | "--platform" if value.is_some() => {}
                "--network" | "--net" | "--pull" | "--platform" => _ = options.next(),
                option => return Err(format!("the option `{option}` of {engine} is not understood")),
            }
        }
        if self.settings.is_none() {
            return Err(format!("its container sees no ~/.aws: nothing is mounted at {CONTAINER_SETTINGS}"));
        }
        self.in_container = true;
        self.words.splice(..=place, ["aws".to_owned()]);
        Ok(())
    }

    /// Reads what is left when the wrappers are off.
    fn read(self) -> Result<Foreign, String> {
        for (name, _) in &self.variables {
            let known = |list: &[&str]| list.contains(&name.as_str());
            let harmless = known(&HARMLESS) || known(&REGIONS) || known(&PROFILES);
            if (name.starts_with("AWS_") && !harmless) || known(&HOMES) {
                return Err(format!("its variable {name} may decide who it is"));
            }
        }
        let profiles: Vec<&str> = PROFILES.iter().filter_map(|name| self.variable(name)).collect();
        if let [one, other] = profiles.as_slice()
            && one != other
        {
            return Err(format!("AWS_PROFILE says `{one}`, and AWS_DEFAULT_PROFILE says `{other}`"));
        }
        let region = REGIONS.iter().find_map(|name| self.variable(name)).map(str::to_owned);
        let profile = self.profile.clone().or_else(|| profiles.first().map(|name| (*name).to_owned()));
        let keeps = |(name, _): &&(String, String)| !name.starts_with("AWS_") || HARMLESS.contains(&name.as_str());
        let variables = self.variables.iter().filter(keeps).cloned().collect();
        let mut found = Foreign { region, profile, variables, settings: self.settings.clone(), ..Foreign::default() };
        let aws = self.words.first().is_some_and(|word| tool(word) == "aws");
        let mut plain = Vec::new();
        let mut words = self.words.into_iter().skip(1);
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                plain.push(word);
                continue;
            }
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            let mut value = || value.clone().or_else(|| words.next());
            match (aws, option.as_str()) {
                (_, "--region") => found.region = value(),
                (true, "--profile") => found.profile = value(),
                (true, "--cluster-name") | (false, "-i" | "--cluster-id") => found.cluster = value(),
                (true, "--cluster-id") => found.cluster_id = value(),
                (true, "--role-arn") | (_, "--role") | (false, "-r") => found.role_arn = value(),
                // eksso reads the same from the variable.
                (true, "--ca-bundle") if !self.in_container => {
                    let path = value().ok_or("its option `--ca-bundle` names no file")?;
                    found.variables.retain(|(name, _)| name != CA_BUNDLE);
                    found.variables.push((CA_BUNDLE.to_owned(), path));
                }
                (true, "--output" | "--query" | "--color")
                | (true, "--cli-read-timeout" | "--cli-connect-timeout")
                | (false, "--log-format") => _ = value(),
                (true, "--no-cli-pager" | "--no-cli-auto-prompt" | "--debug" | "--no-paginate")
                | (false, "--cache") => {}
                (_, option) => return Err(format!("its option `{option}` may decide who it is")),
            }
        }
        let call: &[&str] = if aws { &["eks", "get-token"] } else { &["token"] };
        if plain.iter().map(String::as_str).ne(call.iter().copied()) {
            return Err(format!("`{}` is not understood", plain.join(" ")));
        }
        found.cluster = found.cluster.or_else(|| found.cluster_id.clone());
        Ok(found)
    }
}

fn no_home(by: &str) -> String {
    format!("`{by}` takes HOME away, which says where its settings are")
}

/// The words of a shell line that is one plain command; `None` where a shell would do more than part it.
fn plain_words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '$' | '`') => return None,
            (Some(_), '\\') => match chars.next()? {
                c @ ('"' | '\\') => word.get_or_insert_default().push(c),
                _ => return None,
            },
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, c) if "|&;<>()*?[]{}~#!\n\r".contains(c) => return None,
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}

/// The edits that make a user ours, and with it the contexts that use it, which keep all they have.
pub fn import_edits(
    user: (&str, &Value),
    contexts: &[(String, Value)],
    identity: &Identity,
    plugin: &Plugin,
    variables: &[(String, String)],
) -> Vec<Edit> {
    let mut login = user.1.as_mapping().cloned().unwrap_or_default();
    let block = kept(&login, exec(identity, plugin), variables);
    login.insert("exec".into(), block);
    let mark = |(name, body): &(String, Value)| {
        let mut body: Mapping = body.as_mapping().cloned().unwrap_or_default();
        let extensions = marked(body.get("extensions").cloned(), identity);
        body.insert("extensions".into(), extensions);
        Edit::Put(List::Contexts, name.clone(), Value::Mapping(body))
    };
    let login = Edit::Put(List::Users, user.0.to_owned(), Value::Mapping(login));
    std::iter::once(login).chain(contexts.iter().map(mark)).collect()
}

/// An exec block in the place of another program's, with what does not say who it is: how it may ask, and variables.
fn kept(user: &Mapping, mut block: Value, variables: &[(String, String)]) -> Value {
    let old = user.get("exec");
    for field in ["interactiveMode", "provideClusterInfo"] {
        if let Some(value) = old.and_then(|old| old.get(field)).filter(|value| !value.is_null()) {
            block[field] = value.clone();
        }
    }
    let pair = |variable: &Value| {
        let text = |key: &str| Some(variable.get(key)?.as_str()?.to_owned());
        Some((text("name")?, text("value").unwrap_or_default()))
    };
    let env = old.and_then(|old| old.get("env")).and_then(Value::as_sequence).map_or(&[][..], Vec::as_slice);
    let stays = |variable: &&Value| {
        // One that is set to nothing takes away what the caller's environment says.
        pair(variable).is_some_and(|pair| match pair.1.is_empty() {
            true => !pair.0.starts_with("AWS_"),
            false => variables.contains(&pair),
        })
    };
    let mut env: Vec<Value> = env.iter().filter(stays).cloned().collect();
    let known: Vec<(String, String)> = env.iter().filter_map(pair).collect();
    let new = variables.iter().filter(|variable| !known.contains(variable));
    env.extend(new.map(|(name, value)| mapping([("name", name.as_str().into()), ("value", value.as_str().into())])));
    if !env.is_empty() {
        block["env"] = Value::Sequence(env);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Option<Result<Foreign, String>> {
        foreign(&serde_yaml::from_str(yaml).expect("YAML"))
    }

    #[test]
    fn the_exec_blocks_of_other_programs_are_understood() {
        let expect = |cluster: &str, region: Option<&str>, profile: Option<&str>, role: Option<&str>| Foreign {
            cluster: Some(cluster.into()),
            region: region.map(Into::into),
            profile: profile.map(Into::into),
            role_arn: role.map(Into::into),
            ..Foreign::default()
        };
        let (web, dev) = (expect("web", None, None, None), expect("web", None, Some("dev"), None));
        let in_container = |plain: &Foreign| Foreign {
            cluster: plain.cluster.clone(),
            profile: plain.profile.clone(),
            settings: Some("/home/u/.aws".into()),
            ..Foreign::default()
        };
        for (yaml, expected) in [
            (
                "exec: {command: aws, args: [--region, eu-west-1, eks, get-token, --cluster-name, web, --output, json, --role, arn:aws:iam::1:role/x], env: [{name: AWS_PROFILE, value: dev}]}",
                &expect("web", Some("eu-west-1"), Some("dev"), Some("arn:aws:iam::1:role/x")),
            ),
            (
                "exec: {command: /usr/local/bin/aws, args: [eks, get-token, --cluster-name=web, --profile=dev], env: null}",
                &dev,
            ),
            (
                "exec: {command: aws-iam-authenticator, args: [token, -i, web, -r, arn:x], env: [{name: AWS_PROFILE, value: dev}, {name: AWS_REGION, value: us-east-1}]}",
                &expect("web", Some("us-east-1"), Some("dev"), Some("arn:x")),
            ),
            ("exec: {command: heptio-authenticator-aws, args: [token, -i, web]}", &web),
            ("exec: {command: aws-vault, args: [exec, dev, --, aws, eks, get-token, --cluster-name, web]}", &dev),
            (
                "exec: {command: aws-vault, args: [exec, --no-session, -d, 1h, dev, aws, eks, get-token, --cluster-name, web]}",
                &dev,
            ),
            (
                "exec: {command: assume, args: [dev, --exec, 'aws --region r eks get-token --cluster-name web']}",
                &expect("web", Some("r"), Some("dev"), None),
            ),
            ("exec: {command: assume, args: [--exec, 'aws eks get-token --cluster-name web', dev]}", &dev),
            (
                "exec: {command: sh, args: [-c, 'AWS_PROFILE=x exec aws eks get-token --cluster-name web --profile dev']}",
                &dev,
            ),
            ("exec: {command: sh, args: [-c, \"AWS_PROFILE='dev' aws eks get-token --cluster-name web\"]}", &dev),
            ("exec: {command: env, args: [AWS_PROFILE=dev, aws, eks, get-token, --cluster-name, web]}", &dev),
            (
                "exec: {command: /usr/bin/env, args: [-u, AWS_PROFILE, aws, eks, get-token, --cluster-name, web], env: [{name: AWS_PROFILE, value: x}]}",
                &web,
            ),
            ("exec: {command: 'C:\\aws\\AWS.exe', args: [eks, get-token, --cluster-name, web]}", &web),
            ("exec: {command: aws.cmd, args: [eks, get-token, --cluster-name, web]}", &web),
            ("exec: {command: aws2, args: [eks, get-token, --cluster-name, web]}", &web),
            ("exec: {command: awsv2, args: [eks, get-token, --cluster-name, web]}", &web),
            ("exec: {command: python3, args: [-m, awscli, eks, get-token, --cluster-name, web]}", &web),
            (
                "exec: {command: docker, args: [run, --rm, -i, -v, /home/u/.aws:/root/.aws, -e, AWS_PROFILE=dev, 'public.ecr.aws/aws-cli/aws-cli:2.1', eks, get-token, --cluster-name, web]}",
                &in_container(&dev),
            ),
            (
                "exec: {command: docker, args: [run, --rm, '-v=/home/u/.aws:/root/.aws:ro', -e, AWS_PROFILE, amazon/aws-cli, eks, get-token, --cluster-name, web], env: [{name: AWS_PROFILE, value: dev}]}",
                &in_container(&dev),
            ),
            (
                "exec: {command: docker, args: [run, --rm, -v, '/home/u/.aws:/root/.aws', amazon/aws-cli, eks, get-token, --cluster-name, web], env: [{name: AWS_PROFILE, value: dev}]}",
                &in_container(&web),
            ),
            (
                "exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token, --cluster-name, web]}",
                &Foreign { api_version: ApiVersion::V1, ..expect("web", None, None, None) },
            ),
        ] {
            assert_eq!(read(yaml).expect(yaml).as_ref(), Ok(expected), "{yaml}");
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

    #[test]
    fn what_may_decide_who_it_is_and_is_not_understood_has_a_reason() {
        let aws = "aws, eks, get-token, --cluster-name, web";
        let variable = |name: &str| {
            format!("{{command: aws, args: [eks, get-token, --cluster-name, web], env: [{{name: {name}, value: x}}]}}")
        };
        for (block, word) in [
            (format!("{{command: op, args: [plugin, run, --, {aws}]}}"), "run by `op`"),
            (format!("{{command: awsudo, args: [-u, dev, {aws}]}}"), "run by `awsudo`"),
            (format!("{{command: saml2aws, args: [exec, --, {aws}]}}"), "run by `saml2aws`"),
            (format!("{{command: env, args: [-S, x, {aws}]}}"), "`-S` of env"),
            (format!("{{command: aws-vault, args: [exec, --prompt, dev, --, {aws}]}}"), "`--prompt` of aws-vault"),
            ("{command: sh, args: [-c, '. ~/.creds; aws eks get-token --cluster-name web']}".to_owned(), "not one plain command"),
            ("{command: sh, args: [-c, 'aws eks get-token --cluster-name web --profile $P']}".to_owned(), "not one plain command"),
            ("{command: docker, args: [run, --env-file, f, amazon/aws-cli, eks, get-token, --cluster-name, web]}".to_owned(), "`--env-file` of docker"),
            ("{command: docker, args: [run, -v, /etc/ci:/root/.aws, amazon/aws-cli, eks, get-token, --cluster-name, web]}".to_owned(), "/etc/ci:/root/.aws"),
            ("{command: aws, args: [eks, get-token, --cluster-name, web, --no-sign-request]}".to_owned(), "--no-sign-request"),
            ("{command: aws-iam-authenticator, args: [token, -i, web, --external-id, x]}".to_owned(), "--external-id"),
            ("{command: aws-iam-authenticator, args: [token, -i, web, -s, x]}".to_owned(), "`-s`"),
            (format!("{{command: env, args: [-i, {aws}]}}"), "`-i` takes HOME away"),
            (format!("{{command: env, args: [-u, HOME, {aws}]}}"), "takes HOME away"),
            ("{command: docker, args: [run, --rm, amazon/aws-cli, eks, get-token, --cluster-name, web]}".to_owned(), "sees no ~/.aws"),
            ("{command: docker, args: [run, -v, '/h/.aws:/root/.aws', amazon/aws-cli, --ca-bundle, f, eks, get-token, --cluster-name, web]}".to_owned(), "--ca-bundle"),
            ("{command: docker, args: [run, -v, '/h:/root', amazon/aws-cli, eks, get-token, --cluster-name, web]}".to_owned(), "/h:/root"),
            (variable("AWS_CONFIG_FILE"), "AWS_CONFIG_FILE"),
            (variable("AWS_ACCESS_KEY_ID"), "AWS_ACCESS_KEY_ID"),
            (variable("AWS_ROLE_ARN"), "AWS_ROLE_ARN"),
            (variable("AWS_WEB_IDENTITY_TOKEN_FILE"), "AWS_WEB_IDENTITY_TOKEN_FILE"),
            (variable("HOME"), "HOME"),
            (
                "{command: aws, args: [eks, get-token, --cluster-name, web], env: [{name: AWS_PROFILE, value: a}, {name: AWS_DEFAULT_PROFILE, value: b}]}".to_owned(),
                "AWS_DEFAULT_PROFILE says `b`",
            ),
        ] {
            let why = read(&format!("exec: {block}")).expect(&block).expect_err(&block);
            assert!(why.contains(word), "{block}: {why}");
        }
    }
}
