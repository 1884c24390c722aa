//! What single values of `access.toml` may be, apart from each other. Each refusal names the key; who asks knows the line.

use serde_json::Value;

use crate::domain::access::iam::document;
use crate::domain::audit::access_file::Oidc;
use crate::domain::ids::{AccountId, Namespace, Region};
use crate::domain::partition::Partition;

/// Whether it is the ARN of an application of the account access manager. Source: CloudFormation's schema of AWS::AccountAccess::Entitlement.
pub fn is_application(arn: &str, partition: Partition) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", of, "account-access", region, account, application] = parts[..] else { return false };
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    of == partition.arn()
        && region.parse::<Region>().is_ok()
        && account.parse::<AccountId>().is_ok()
        && application.strip_prefix("application/").is_some_and(is_id)
}

/// A namespace of an access scope takes `*`; a binding stands in one namespace.
pub fn checked_namespace(namespace: &str, bound: bool) -> Result<(), String> {
    let plain = namespace.replace('*', "x");
    if plain.parse::<Namespace>().is_err() {
        return Err(format!(
            "`namespaces`: `{namespace}` is no namespace: up to 63 of a-z, 0-9, `-`, and `*` for any of them"
        ));
    }
    if namespace.bytes().all(|byte| byte == b'*') {
        return Err(format!("`namespaces`: `{namespace}` means all; leave `namespaces` out for the whole cluster"));
    }
    if bound && namespace.contains('*') {
        return Err(format!("`namespaces`: `{namespace}`: a binding is made in each namespace, which takes no `*`"));
    }
    Ok(())
}

pub fn checked_oidc(oidc: &Oidc) -> Result<Oidc, String> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    let provider = &oidc.provider;
    if !provider.contains('.') || !provider.chars().all(is_host) || provider.len() > 255 || provider.ends_with('/') {
        return Err(format!(
            "`oidc_provider`: `{provider}` is no host, or host and path, such as token.actions.githubusercontent.com"
        ));
    }
    for subject in &oidc.subjects {
        is_text(subject, 255).map_err(|why| format!("`oidc_subjects`: {why}"))?;
        let fixed = subject.find(['*', '?']).unwrap_or(subject.len());
        // Everybody who has a token of a shared provider would get the role.
        if fixed < 4 || subject.get(..fixed).is_some_and(|start| start.ends_with(':') && start.matches(':').count() < 2)
        {
            return Err(format!("`oidc_subjects`: `{subject}` lets nearly everybody in whom the provider knows"));
        }
        if subject.contains("${") {
            return Err(format!("`oidc_subjects`: `{subject}`: `${{` would be a variable of the policy"));
        }
    }
    Ok(oidc.clone())
}

/// The statements of a file: those of a policy document.
pub fn own_statements(text: Option<&str>) -> Result<Vec<Value>, String> {
    let text = text.ok_or("there is no such file")?;
    document::parse(text)?;
    if text.contains("{{resolve:") {
        return Err("`{{resolve:` would be looked up by CloudFormation".to_owned());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(key) = function(&value) {
        return Err(format!("the key `{key}` would be a function of CloudFormation, and not part of the policy"));
    }
    if value.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Err("its `Version` is not \"2012-10-17\", and the statements would mean something else".to_owned());
    }
    Ok(match value.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    })
}

/// A key that CloudFormation takes for a function, wherever it stands in a template.
fn function(value: &Value) -> Option<&str> {
    match value {
        Value::Array(items) => items.iter().find_map(function),
        Value::Object(table) => table.iter().find_map(|(key, value)| {
            let is_function = key == "Ref" || key.starts_with("Fn::");
            if is_function { Some(key.as_str()) } else { function(value) }
        }),
        _ => None,
    }
}

pub fn is_file_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.as_bytes()[0].is_ascii_alphanumeric()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Free text that goes into code: quoting makes it harmless there, but some readers of it look into texts.
pub fn is_text(text: &str, max: usize) -> Result<(), String> {
    let shown = crate::domain::text::escape(text);
    if text.trim().is_empty() || text.trim() != text {
        return Err(format!("`{shown}` is empty, or starts or ends with a blank"));
    }
    if text.chars().count() > max {
        return Err(format!("`{shown}` has more than {max} characters"));
    }
    if text.contains("{{resolve:") {
        return Err(format!("`{shown}`: `{{{{resolve:` would be looked up by CloudFormation"));
    }
    if shown != text {
        return Err(format!("`{shown}` holds characters that nobody sees"));
    }
    Ok(())
}
