//! What people who come by Okta need: groups whose names say account and role, and where their assertions are sent.

use crate::domain::ids::Region;
use crate::domain::partition::Partition;

/// What Okta proposes. Source: access.md 4.6.
pub const OKTA_GROUP: &str = "aws#{alias}#{role}#{account}";

/// Okta finds role and account in a group's name by a regular expression, so that signs must tell where each of them ends.
pub fn checked_okta_group(template: &str) -> Result<(), String> {
    let plain = template.replace("{alias}", "").replace("{role}", "").replace("{account}", "");
    let is_plain = plain.chars().all(|c| c.is_ascii_alphanumeric() || "#_-.:/".contains(c));
    let once = |word: &str| template.matches(word).count() == 1;
    let is_apart = !template.contains("}{");
    if is_plain && is_apart && once("{role}") && once("{account}") && template.matches("{alias}").count() <= 1 {
        return Ok(());
    }
    Err(format!(
        "`okta_group` is `{template}`; it holds {{role}} and {{account}} once, {{alias}} at most once, with signs between them: letters, digits and \
         `#_-.:/`"
    ))
}

/// Where SAML assertions for AWS are sent: the sign-in page, or a region's. Source: "Configure SAML assertions", IAM user guide.
pub fn saml_audience(partition: Partition, region: Option<&Region>) -> Option<String> {
    let host = match partition {
        Partition::Aws => "signin.aws.amazon.com",
        Partition::AwsCn => "signin.amazonaws.cn",
        Partition::AwsUsGov => "signin.amazonaws-us-gov.com",
        _ => return None,
    };
    match region {
        None => Some(format!("https://{host}/saml")),
        // Regional addresses are documented for the commercial partition.
        Some(region) => (partition == Partition::Aws).then(|| format!("https://{region}.{host}/saml")),
    }
}
