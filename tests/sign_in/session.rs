//! Tokens over time: renewed ahead of their end, kept when a renewal fails, given up when the portal says so.

use crate::support::{Desk, both};
use eksso_simulator::{Fault, World};

const TOKEN: [&str; 9] = [
    "token",
    "--cluster=web",
    "--region=eu-west-1",
    "--account=111122223333",
    "--role=EKSAdmin",
    "--session=corp",
    "-q",
    "-o",
    "json",
];

#[test]
fn an_access_token_near_its_end_is_renewed_without_a_person() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.simulator.advance(3600 - 600);
        desk.run(&["roles"]).ok();
        desk.simulator.advance(7200);
        desk.run(&["roles"]).ok();
        let polls = desk.simulator.state().requests.iter().filter(|r| r.body.contains("refresh_token")).count();
        assert_eq!((polls, desk.count("start")), (2, 1));
    }
}

#[test]
fn a_reply_without_a_new_refresh_token_keeps_the_old() {
    for world in both() {
        let desk = Desk::configured(World { rotate: false, ..world });
        desk.run(&["login"]).ok();
        for _ in 0..3 {
            desk.simulator.advance(3600);
            desk.run(&["roles"]).ok();
        }
    }
}

#[test]
fn a_failed_early_renewal_hurts_nobody_while_the_token_is_good() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.simulator.advance(3600 - 600);
        desk.fault("renew", 9, Fault::Error(500, "InternalServerException", "{}"));
        desk.run(&["roles"]).ok();
    }
}

#[test]
fn the_end_of_the_portal_session_asks_for_a_sign_in() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.end_session();
        desk.simulator.advance(7200);
        desk.run(&["roles"]).fails(3, &["the sign-in has ended", "eksso login corp"]);
    }
}

#[test]
fn a_token_the_portal_no_longer_knows_is_renewed_once() {
    let desk = Desk::signed_in();
    desk.simulator.state().revoke_access_tokens();
    desk.run(&["roles"]).ok();
    desk.simulator.fault("ListAccounts", 9, Fault::Error(401, "UnauthorizedException", r#"{"message":"no"}"#));
    desk.run(&["roles", "--refresh"]).fails(3, &["the portal ended it", "eksso login corp"]);
    assert_eq!(desk.simulator.count("ListAccounts"), 2 + 2);
}

#[test]
fn role_credentials_are_fetched_once_and_renewed_ahead_of_their_end() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        for _ in 0..3 {
            desk.run(&TOKEN).ok();
        }
        assert_eq!(desk.count("credentials"), 1);
        desk.simulator.advance(3600 - 600);
        desk.run(&TOKEN).ok();
        assert_eq!(desk.count("credentials"), 2);
    }
}

#[test]
fn ending_credentials_serve_while_the_portal_is_down_and_bound_the_tokens_life() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        desk.simulator.advance(3600 - 300);
        desk.fault("renew", 9, Fault::Error(503, "", ""));
        desk.fault("credentials", 9, Fault::Error(503, "", ""));
        let reply = desk.run(&TOKEN).ok().json();
        let end: jiff::Timestamp =
            reply["status"]["expirationTimestamp"].as_str().expect("text").parse().expect("time");
        let left = end.as_second() - desk.simulator.state().now();
        assert!((200..=300).contains(&left), "{left} s: the token may not outlive its credentials");
    }
}

#[test]
fn sealed_files_that_were_tampered_with_are_misses() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.run(&TOKEN).ok();
        let sealed: Vec<_> =
            desk.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("/sealed/")).collect();
        // With Okta the response they are got with is sealed, too.
        assert_eq!(sealed.len(), desk.simulator.count("OktaSso") + 1);
        type Damage = fn(&[u8]) -> Vec<u8>;
        let damages: [Damage; 5] = [
            |content| [&content[..content.len() - 1], &[content[content.len() - 1] ^ 1]].concat(),
            |content| content[..30].to_vec(),
            |_| Vec::new(),
            |_| b"not ours at all".to_vec(),
            |content| {
                let future = String::from_utf8_lossy(&content[..15]).replace('2', "3").into_bytes();
                assert_eq!(future, b"eksso-sealed-3\n");
                [&future[..], &content[15..]].concat()
            },
        ];
        for (round, damage) in damages.iter().enumerate() {
            for (path, content) in &sealed {
                std::fs::write(path, damage(content)).expect("a file");
            }
            desk.run(&TOKEN).ok();
            assert_eq!(desk.count("credentials"), 2 + round);
        }
    }
}

#[test]
fn parallel_calls_whose_token_ended_share_one_renewal() {
    let mut world = World::small();
    let account = |n: usize| eksso_simulator::Account::new(&format!("{n:012}"), &format!("account-{n}"), &["EKSAdmin"]);
    world.accounts = (0..12).map(account).collect();
    let desk = Desk::configured(world);
    desk.run(&["login"]).ok();
    desk.simulator.state().world.latency = std::time::Duration::from_millis(300);
    let start = std::time::Instant::now();
    let simulator = std::sync::Arc::clone(&desk.simulator);
    let ending = std::thread::spawn(move || {
        while simulator.count("ListAccountRoles") < 5 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        simulator.state().revoke_access_tokens();
    });
    let roles = desk.run(&["roles", "-o", "name"]).ok();
    ending.join().expect("an end");
    assert_eq!(roles.out.lines().count(), 12, "{}", roles.err);
    let renewals = desk.simulator.state().requests.iter().filter(|r| r.body.contains("refresh_token")).count();
    assert_eq!(renewals, 1);
    assert!(
        start.elapsed() < std::time::Duration::from_secs(20),
        "the tasks of one process wait for no lock of their own"
    );
}

#[cfg(unix)]
#[test]
fn a_sign_in_that_waits_for_its_person_holds_nobody_up() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.simulator.state().world.approve = false;
        let waiting =
            crate::process::eksso(&desk).args(["login", "--force"]).stderr(std::process::Stdio::null()).spawn();
        let mut waiting = waiting.expect("started");
        while desk.simulator.state().waiting().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        desk.simulator.state().revoke_access_tokens();
        desk.run(&TOKEN).ok();
        desk.run(&["roles"]).ok();
        waiting.kill().expect("killed");
        _ = waiting.wait();
        desk.simulator.state().world.approve = true;
        desk.run(&["login", "--force"]).ok();
    }
}

#[test]
fn a_cache_that_cannot_be_written_costs_a_request_not_the_token() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        _ = std::fs::remove_dir_all(desk.path(".cache"));
        desk.write(".cache/eksso", "a file where the folder should be");
        desk.run(&TOKEN).ok();
        desk.run(&TOKEN).ok();
        assert_eq!(desk.count("credentials"), 2);
    }
}

#[test]
fn status_does_not_call_a_session_signed_in_that_the_portal_has_ended() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.end_session();
        // Longer than a SAML response serves without its session.
        desk.simulator.advance(400);
        desk.run(&["roles"]).fails(3, &["the sign-in has ended"]);
        assert_eq!(desk.run(&["status", "-o", "json"]).ok().json()[0]["signed_in"], false);
    }
}

#[test]
fn a_client_the_service_forgot_is_registered_anew_and_the_renewal_tried_once_more() {
    let desk = Desk::signed_in();
    desk.simulator.advance(7200);
    let refusal = || Fault::Error(401, "InvalidClientException", r#"{"error":"invalid_client"}"#);
    desk.simulator.fault("CreateToken", 1, refusal());
    desk.run(&["roles"]).ok();
    assert_eq!(desk.simulator.count("RegisterClient"), 2);
    desk.simulator.advance(7200);
    desk.simulator.fault("CreateToken", 9, refusal());
    desk.run(&["roles"]).fails(3, &["the sign-in has ended", "eksso login corp"]);
    assert_eq!(desk.simulator.count("RegisterClient"), 3);
}

#[test]
fn a_registration_that_ended_is_renewed_with_the_refresh() {
    let desk = Desk::configured(World { registration_life: 3600, ..World::small() });
    desk.run(&["login"]).ok();
    desk.simulator.advance(7200);
    desk.run(&["roles"]).ok();
    assert_eq!((desk.simulator.count("RegisterClient"), desk.simulator.count("StartDeviceAuthorization")), (2, 1));
}

#[test]
fn what_a_killed_process_left_of_its_writing_is_swept_away() {
    let desk = Desk::signed_in();
    let folder = desk.path(".local/state/eksso/secrets/plaintext");
    let (old, young, other) = (folder.join(".eksso-oLd123"), folder.join(".eksso-yOung1"), folder.join("other"));
    for path in [&old, &young, &other] {
        std::fs::write(path, "secret").expect("a file");
    }
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400);
    for path in [&old, &other] {
        std::fs::File::options().write(true).open(path).and_then(|file| file.set_modified(yesterday)).expect("aged");
    }
    desk.run(&["login", "--force"]).ok();
    assert_eq!([old.exists(), young.exists(), other.exists()], [false, true, true]);
}

/// A desk whose access token has ended.
fn ended(world: World) -> Desk {
    let desk = Desk::signed_in_to(world);
    desk.age_tokens();
    desk
}

fn renewals(desk: &Desk) -> usize {
    let renews = |body: &str| body.contains("\"refreshToken\"") || body.contains("grant_type=refresh_token");
    desk.simulator.state().requests.iter().filter(|request| renews(&request.body)).count()
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_the_reply_of_a_renewal_is_on_its_way_does_not_lose_the_refresh_token() {
    for world in both() {
        for signal in ["-INT", "-TERM"] {
            let desk = ended(world.clone());
            let late = std::time::Duration::from_millis(1500);
            desk.fault("renew", 1, Fault::Late(late));
            let mut child =
                crate::process::eksso(&desk).args(TOKEN).stdout(std::process::Stdio::null()).spawn().expect("started");
            while renewals(&desk) == 0 {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            let sent =
                std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
            assert!(sent.success());
            let code = child.wait().expect("ended").code();
            assert_eq!(code, Some(if signal == "-INT" { 130 } else { 143 }));
            desk.run(&TOKEN).ok();
            assert_eq!(renewals(&desk), 1, "the new token was kept");
        }
    }
}

#[test]
fn a_renewal_that_ends_after_a_new_sign_in_does_not_overwrite_it() {
    for world in both() {
        for fault in [
            Fault::Late(std::time::Duration::from_millis(1500)),
            Fault::Error(400, "InvalidGrantException", r#"{"error":"invalid_grant"}"#),
        ] {
            let desk = ended(world.clone());
            let (path, old) = desk.item();
            desk.run(&["login", "--force"]).ok();
            let new = desk.item().1;
            std::fs::write(&path, old).expect("a file");
            let slow = std::time::Duration::from_millis(1500);
            if matches!(fault, Fault::Error(..)) {
                desk.fault("renew", 1, Fault::Delay(slow));
                desk.simulator.state().forget_refresh_tokens();
            } else {
                desk.fault("renew", 1, fault);
            }
            let before = renewals(&desk);
            let mut child =
                crate::process::eksso(&desk).args(TOKEN).stdout(std::process::Stdio::null()).spawn().expect("started");
            while renewals(&desk) == before {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            std::fs::write(&path, &new).expect("a file");
            _ = child.wait();
            assert_eq!(desk.item().1, new);
        }
    }
}

/// Its refresh token may be spent, and the answer may be the only copy of the next one.
#[cfg(unix)]
#[test]
fn a_renewal_that_does_not_come_back_ends_by_its_own_limit_however_often_ctrl_c_is_pressed() {
    // One of them: it takes its 20 seconds.
    for world in both().into_iter().take(1) {
        let desk = ended(world);
        desk.fault("renew", 1, Fault::Late(std::time::Duration::from_secs(60)));
        let mut child =
            crate::process::eksso(&desk).args(TOKEN).stdout(std::process::Stdio::null()).spawn().expect("started");
        while renewals(&desk) == 0 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let press =
            || std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
        press();
        std::thread::sleep(std::time::Duration::from_millis(300));
        press();
        let start = std::time::Instant::now();
        assert_eq!(child.wait().expect("ended").code(), Some(130));
        let took = start.elapsed();
        assert!((10..40).contains(&took.as_secs()), "the renewal's own limit is 20 s: {took:?}");
    }
}

#[test]
fn credentials_that_arrive_after_the_sign_out_are_neither_kept_nor_given() {
    for world in both() {
        let desk = Desk::signed_in_to(world);
        desk.fault("credentials", 1, Fault::Late(std::time::Duration::from_millis(1500)));
        let mut child =
            crate::process::eksso(&desk).args(TOKEN).stdout(std::process::Stdio::piped()).spawn().expect("started");
        while desk.count("credentials") == 0 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        desk.run(&["logout"]).ok();
        assert_eq!(child.wait().expect("ended").code(), Some(3));
        desk.run(&TOKEN).fails(3, &["nobody is signed in"]);
    }
}

/// While one process waits for AWS, another person signs in.
#[test]
fn a_response_that_was_got_for_one_sign_in_is_not_used_for_the_next() {
    let [_, okta] = both();
    let desk = Desk::signed_in_to(okta);
    desk.fault("credentials", 1, Fault::Late(std::time::Duration::from_secs(4)));
    let mut child =
        crate::process::eksso(&desk).args(TOKEN).stdout(std::process::Stdio::piped()).spawn().expect("started");
    while desk.count("credentials") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    desk.run(&["login", "--force"]).ok();
    child.wait().expect("ended");
    let asked: Vec<String> = {
        let state = desk.simulator.state();
        let asked = state.requests.iter().filter(|request| request.operation == "AssumeRoleWithSAML");
        asked
            .map(|request| {
                request.body.split('&').find(|field| field.starts_with("SAMLAssertion=")).expect("one").to_owned()
            })
            .collect()
    };
    assert!(asked.len() > 1, "the first was for nobody");
    assert!(asked[1..].iter().all(|later| *later != asked[0]), "the next person's are got with the next person's");
}

#[test]
fn a_new_sign_in_uses_nothing_that_another_person_may_have_left() {
    let desk = Desk::signed_in();
    desk.run(&TOKEN).ok();
    desk.run(&["login", "--force"]).ok();
    desk.run(&TOKEN).ok();
    assert_eq!(desk.count("credentials"), 2, "a portal does not say who signed in");
}

#[test]
fn a_cache_that_is_no_folder_keeps_nobody_from_signing_in_and_out() {
    for world in both() {
        let desk = Desk::configured(world);
        desk.write(".cache/eksso", "a file where the folder should be");
        desk.run(&["login"]).ok();
        desk.run(&TOKEN).ok();
        desk.run(&["login", "--force"]).ok();
        desk.run(&["logout"]).ok();
    }
}
