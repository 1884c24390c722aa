//! The AWS console: the page of a cluster, and the way in with role credentials. Sources: IAM User Guide, "Enable custom identity
//! broker access to the AWS console"; protocols.md H.3.

use form_urlencoded::byte_serialize;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::domain::ids::{ClusterName, Region};
use crate::domain::partition::Partition;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString, secret_json};

/// The hosts of sign-in and console of a region; `None` in partitions where they are not known.
fn hosts(region: &Region) -> Option<(String, String)> {
    // The region whose hosts have no region in front.
    let (home, sign_in, console) = match region.partition() {
        Partition::Aws => ("us-east-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
        Partition::AwsUsGov => ("us-gov-west-1", "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
        Partition::AwsCn => ("cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"),
        Partition::AwsEusc => ("", "signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
        Partition::AwsIso | Partition::AwsIsoB | Partition::AwsIsoE | Partition::AwsIsoF => return None,
    };
    let prefix = if region.as_str() == home { String::new() } else { format!("{region}.") };
    Some((format!("{prefix}{sign_in}"), format!("{prefix}{console}")))
}

/// The cluster's page; `None` where the partition's console is not known.
pub fn cluster_page(region: &Region, cluster: &ClusterName) -> Option<String> {
    hosts(region).map(|(_, console)| format!("https://{console}/eks/home?region={region}#/clusters/{cluster}"))
}

/// What asks for a sign-in token. The credentials are in it. Without SessionDuration: it is refused for roles that were
/// assumed from others, and the session ends with the credentials.
pub fn token_request(region: &Region, credentials: &RoleCredentials) -> Option<SecretString> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Session<'a> {
        session_id: &'a str,
        session_key: &'a str,
        session_token: &'a str,
    }
    let session = secret_json(&Session {
        session_id: &credentials.access_key_id,
        session_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.expose(),
    });
    let mut url = Zeroizing::new(String::with_capacity(8 << 10));
    url.push_str(&format!("https://{}/federation?Action=getSigninToken&Session=", hosts(region)?.0));
    url.extend(byte_serialize(session.expose().as_bytes()));
    Some(Secret::new(url.to_string()))
}

/// The address that signs in with such a token, and leads to a page. Whoever has it is the role.
pub fn login_url(region: &Region, page: &str, token: &SecretString) -> Option<SecretString> {
    let mut url = Zeroizing::new(String::with_capacity(4 << 10));
    url.push_str(&format!("https://{}/federation?Action=login&Issuer=&Destination=", hosts(region)?.0));
    url.extend(byte_serialize(page.as_bytes()));
    url.push_str("&SigninToken=");
    url.extend(byte_serialize(token.expose().as_bytes()));
    Some(Secret::new(url.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(region: &str) -> Option<String> {
        cluster_page(&region.parse().expect("a region"), &"web".parse().expect("a name"))
    }

    #[test]
    fn each_partition_has_its_console_or_is_said_to_have_none() {
        for (region, host) in [
            ("us-east-1", "console.aws.amazon.com"),
            ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
            ("us-gov-west-1", "console.amazonaws-us-gov.com"),
            ("us-gov-east-1", "us-gov-east-1.console.amazonaws-us-gov.com"),
            ("cn-north-1", "console.amazonaws.cn"),
            ("cn-northwest-1", "cn-northwest-1.console.amazonaws.cn"),
            ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
        ] {
            let wanted = format!("https://{host}/eks/home?region={region}#/clusters/web");
            assert_eq!(page(region).as_deref(), Some(wanted.as_str()));
        }
        assert_eq!(page("us-iso-east-1"), None);
    }
}
