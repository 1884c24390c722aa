//! `eksso exec --aws` with the programs it is for: AWS CLI v2, boto3, and a process of another user.

use std::path::Path;

use super::parts::{at, good, part};
use crate::credentials::endpoint::beside;
use crate::support::Desk;

const VIEWER: &str = "Production/web:EKSViewer";

fn desk() -> Desk {
    let desk = Desk::signed_in();
    desk.run(&["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"]).ok();
    // Other identities, which win over an endpoint where they are seen.
    desk.write(".aws/config", "[default]\nregion = sa-east-1\n[profile decoy]\ncredential_process = false\n");
    desk.write(".aws/credentials", "[default]\naws_access_key_id = AKIADECOY\naws_secret_access_key = decoy\n");
    desk
}

/// What a program that asks STS who it is says, run with the endpoint and among other identities.
fn who(desk: &Desk, program: &[&str]) -> String {
    let mut command = at(desk, Path::new(env!("CARGO_BIN_EXE_eksso")));
    command.env("AWS_PROFILE", "decoy").env("AWS_ACCESS_KEY_ID", "AKIADECOY").env("AWS_SECRET_ACCESS_KEY", "decoy");
    good(command.args(["exec", "--aws", VIEWER, "--"]).args(program))
}

#[test]
#[ignore = "real part: AWS CLI v2"]
fn the_aws_cli_is_the_contexts_role_whatever_else_the_user_is() {
    let desk = desk();
    let aws = part("aws").display().to_string();
    let said = who(&desk, &[&aws, "sts", "get-caller-identity", "--output", "json"]);
    assert!(said.contains("AWSReservedSSO_EKSViewer_"), "{said}");
    let said = who(&desk, &[&aws, "configure", "list"]);
    assert!(said.contains("container-role") && said.contains("eu-west-1"), "{said}");
    let clusters = who(&desk, &[&aws, "eks", "list-clusters", "--output", "text"]);
    assert!(clusters.contains("web"), "{clusters}");
}

#[test]
#[ignore = "real part: moto (boto3)"]
fn boto3_is_the_contexts_role_and_renews_its_credentials_by_itself() {
    let desk = desk();
    let bin = part("kubectl-1.35");
    let python = bin.ancestors().nth(2).expect("the parts").join("clients/moto/bin/python3");
    let script = "import boto3\n\
        from datetime import datetime, timezone\n\
        session = boto3.session.Session()\n\
        print(session.client('sts').get_caller_identity()['Arn'])\n\
        credentials = session.get_credentials()\n\
        print(credentials.method, credentials.account_id)\n\
        credentials._expiry_time = datetime.now(timezone.utc)\n\
        print(session.client('sts').get_caller_identity()['Arn'])\n";
    let said = who(&desk, &[&python.display().to_string(), "-c", script]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 3 && lines[0].contains("AWSReservedSSO_EKSViewer_") && lines[2] == lines[0], "{said}");
    assert_eq!(lines[1], "container-role 111122223333");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "real part: root (setpriv)"]
fn another_user_gets_nothing_even_with_the_token() {
    beside(&desk(), &[VIEWER], |place| {
        let header = format!("Authorization: {}", place.token);
        let curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", &header, &place.url];
        let run = |before: &[&str]| {
            let words = [before, &curl].concat();
            good(std::process::Command::new(words[0]).args(&words[1..]))
        };
        assert_eq!(run(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]), "403");
        assert_eq!(run(&["env"]), "200");
    })
    .ok();
}
