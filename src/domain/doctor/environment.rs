//! Variables of the AWS CLI and its like. eksso reads none of these credentials, but `aws` in the same shell does.

/// Variables that give other tools an identity of their own.
pub const MISLEADING: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
];

/// The command that takes variables away, for the shell at hand.
pub fn unset(names: &[&str], windows: bool) -> String {
    if windows { format!("Remove-Item Env:{}", names.join(", Env:")) } else { format!("unset {}", names.join(" ")) }
}
