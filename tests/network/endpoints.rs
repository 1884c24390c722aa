//! The variables that name other endpoints: AWS's own hosts and this machine, others only where config.toml allows them.

use eksso_simulator::World;

use crate::support::Desk;

const PRIVATE: &str = "https://vpce-0a1.oidc.eu-west-1.vpce.amazonaws.com";

fn with_variable(value: &str) -> Desk {
    let mut desk = Desk::proxied(World::small(), "eu-west-1");
    desk.set("AWS_ENDPOINT_URL_SSO_OIDC", value);
    desk
}

#[test]
fn a_variable_may_name_a_host_of_aws_for_that_very_service() {
    for own in [
        "https://oidc.eu-west-1.amazonaws.com",
        "https://oidc.eu-west-1.api.aws/",
        "https://oidc-fips.us-east-1.amazonaws.com",
        "https://oidc.cn-north-1.amazonaws.com.cn",
    ] {
        with_variable(own).run(&["login"]).ok();
    }
}

#[test]
fn another_host_gets_nothing_and_the_error_says_what_to_add_where() {
    for foreign in [
        "https://evil.example/x",
        "https://sts.eu-west-1.amazonaws.com",
        "https://oidc.amazonaws.com.evil.example",
        PRIVATE,
    ] {
        let desk = with_variable(foreign);
        let host = foreign.trim_start_matches("https://").split('/').next().expect("a host");
        let login = desk.run(&["login"]).fails(
            2,
            &[
                &format!("AWS_ENDPOINT_URL_SSO_OIDC names {host}, which is not a host of AWS for that service"),
                "unset AWS_ENDPOINT_URL_SSO_OIDC",
                &format!("add endpoints = [\"https://{host}\"] to "),
                ".config/eksso/config.toml",
            ],
        );
        assert!(desk.hosts().is_empty(), "{}", login.err);
    }
}

#[test]
fn config_toml_at_its_default_place_allows_others() {
    let desk = with_variable(PRIVATE);
    let config = desk.read(".config/eksso/config.toml");
    desk.write(".config/eksso/config.toml", &format!("endpoints = [\"{PRIVATE}/\"]\n{config}"));
    desk.run(&["login"]).ok();
    assert_eq!(desk.hosts()[0], "vpce-0a1.oidc.eu-west-1.vpce.amazonaws.com:443");
    // Also while another file is in use.
    let other = desk.write("other.toml", &config).display().to_string();
    desk.run(&["--config", &other, "login", "--force"]).ok();
    desk.write(".config/eksso/config.toml", &format!("endpoints = [\"http://vpce.example\"]\n{config}"));
    desk.run(&["login"]).fails(2, &["line 1", "endpoint"]);
}

#[test]
fn a_file_that_the_command_line_or_the_environment_names_allows_none() {
    let mut desk = with_variable(PRIVATE);
    let config = desk.read(".config/eksso/config.toml");
    let other = desk.write("other.toml", &format!("endpoints = [\"{PRIVATE}\"]\n{config}")).display().to_string();
    let words = ["AWS_ENDPOINT_URL_SSO_OIDC names vpce-0a1", "EKSSO_CONFIG or --config names does not count"];
    desk.run(&["--config", &other, "login"]).fails(2, &words);
    desk.set("EKSSO_CONFIG", &other);
    desk.run(&["login"]).fails(2, &words);
    assert!(desk.hosts().is_empty());
}
