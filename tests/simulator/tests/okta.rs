//! The Okta org and AssumeRoleWithSAML, walked with plain requests.

use eksso_simulator::{App, Org, Shape, Simulator, World};
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const SCOPE: &str = "openid okta.apps.sso okta.users.read.self offline_access";
const ROLE: &str = "arn:aws:iam::111122223333:role/eks/EKSViewer";
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/Okta";

struct Client {
    simulator: Simulator,
    agent: Agent,
}

/// Status and body.
type Answer = (u16, String);

fn read(mut response: Response<Body>) -> Answer {
    (response.status().as_u16(), response.body_mut().read_to_string().expect("a body"))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The value between two texts.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).expect(start).1;
    rest.split_once(end).expect(end).0
}

/// The SAML response of a page.
fn response(page: &str) -> String {
    let tag = page.split('<').find(|tag| tag.contains("SAMLResponse")).expect("an input").replace('\'', "\"");
    between(&tag, "value=\"", "\"").replace("&#x2b;", "+").replace("&#x2f;", "/").replace("&#x3d;", "=")
}

impl Client {
    fn new(org: Org) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        let simulator = Simulator::start(World { okta: org, ..World::okta() });
        Self { simulator, agent: config.into() }
    }

    fn with(shape: Shape) -> Self {
        Self::new(Org { shape, ..Org::default() })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.url())
    }

    fn send(&self, path: &str, form: &[(&str, &str)]) -> Response<Body> {
        self.agent.post(self.url(path)).send_form(form.iter().copied()).expect("an answer")
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        read(self.send(path, form))
    }

    fn get(&self, path: &str, header: (&str, &str)) -> Response<Body> {
        self.agent.get(self.url(path)).header(header.0, header.1).call().expect("an answer")
    }

    fn poll(&self, code: &str) -> Answer {
        let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        self.post("/oauth2/v1/token", &[("client_id", "0oaclient"), ("device_code", code), grant])
    }

    fn start(&self, scope: &str) -> Value {
        let (status, body) = self.post("/oauth2/v1/device/authorize", &[("client_id", "0oaclient"), ("scope", scope)]);
        assert_eq!(status, 200, "{body}");
        json(&body)
    }

    fn sign_in(&self, scope: &str) -> Value {
        let started = self.start(scope);
        assert!(self.simulator.decide(started["user_code"].as_str().expect("a code"), true));
        let (status, body) = self.poll(started["device_code"].as_str().expect("a code"));
        assert_eq!(status, 200, "{body}");
        json(&body)
    }

    fn exchange(&self, tokens: &Value, app: &str) -> Answer {
        let token = |name: &str| tokens[name].as_str().expect("a token");
        let form = [
            ("client_id", "0oaclient"),
            ("grant_type", EXCHANGE),
            ("actor_token", token("access_token")),
            ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token", token("id_token")),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
            ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token"),
            ("audience", &format!("urn:okta:apps:{app}")),
        ];
        self.post("/oauth2/v1/token", &form)
    }

    fn page(&self, tokens: &Value) -> String {
        let (status, body) = self.exchange(tokens, "0oaaws");
        assert_eq!(status, 200, "{body}");
        let pass = json(&body)["access_token"].as_str().expect("a token").to_owned();
        let (status, page) = self.post("/login/token/sso", &[("token", &pass)]);
        assert_eq!(status, 200, "{page}");
        assert_eq!(self.post("/login/token/sso", &[("token", &pass)]).0, 403, "good once");
        page
    }

    fn assertion(&self) -> String {
        response(&self.page(&self.sign_in(SCOPE)))
    }

    fn assume(&self, assertion: &str, role: &str, seconds: &str) -> Answer {
        let fixed = [("Action", "AssumeRoleWithSAML"), ("Version", "2011-06-15"), ("PrincipalArn", PROVIDER)];
        let mine = [("RoleArn", role), ("SAMLAssertion", assertion), ("DurationSeconds", seconds)];
        self.post("/", &[&fixed[..], &mine[..]].concat())
    }

    #[track_caller]
    fn refuses(&self, assertion: &str, status: u16, code: &str) {
        let (got, body) = self.assume(assertion, ROLE, "3600");
        assert!(got == status && body.contains(code), "{got} {body}");
    }
}

#[test]
fn the_whole_way() {
    let client = Client::new(Org::default());
    assert_eq!(json(&read(client.get("/.well-known/okta-organization", ("accept", "*/*"))).1)["pipeline"], "idx");
    let tokens = client.sign_in(SCOPE);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
    let links = json(&read(client.get("/api/v1/users/me/appLinks", ("authorization", &bearer))).1);
    assert_eq!(links[0]["appInstanceId"], "0oaaws");
    assert_eq!(links[1]["appName"], "zoomus");
    let assertion = response(&client.page(&tokens));
    assert!(client.simulator.state().secrets.contains(&assertion));
    let (status, body) = client.assume(&assertion, ROLE, "3600");
    assert_eq!(status, 200, "{body}");
    let arn = between(&body, "<Arn>", "<");
    assert_eq!(arn, "arn:aws:sts::111122223333:assumed-role/EKSViewer/jane@example.com");
    assert_eq!(between(&body, "<Audience>", "<"), "https://signin.aws.amazon.com/saml");
    let state = client.simulator.state();
    let (_, issued) = state.issued().next().expect("credentials");
    assert!(issued.ends - state.now() > 3590 && issued.iam_role == "EKSViewer" && issued.role == "EKSViewer");
    let names: Vec<&str> = state.requests.iter().map(|request| request.operation.as_str()).collect();
    let expected = [
        "OktaOrganization",
        "OktaDeviceAuthorize",
        "OktaDeviceToken",
        "OktaAppLinks",
        "OktaExchange",
        "OktaSso",
        "OktaSso",
        "AssumeRoleWithSAML",
    ];
    assert_eq!(names, expected);
}

#[test]
fn sts_looks_closely() {
    let client = Client::new(Org::default());
    client.simulator.state().world.role_max = vec![("EKSViewer".into(), 7200)];
    let good = client.assertion();
    assert_eq!(client.assume(&good, ROLE, "7200").0, 200);
    let (status, body) = client.assume(&good, ROLE, "7201");
    assert!(status == 400 && body.contains("exceeds the MaxSessionDuration set for this role."), "{body}");
    assert_eq!(client.assume(&good, ROLE, "899").0, 400);
    assert_eq!(client.assume(&good, "arn:aws:iam::111122223333:role/EKSViewer", "900").0, 403, "without its path");
    assert_eq!(client.assume(&good, "arn:aws:iam::444455556666:role/eks/EKSAdmin", "900").0, 403, "another provider's");
    client.refuses("!!!!", 400, "InvalidIdentityToken");
    client.refuses("abc", 400, "ValidationError");
    client.simulator.advance(300);
    client.refuses(&good, 400, "ExpiredTokenException");
}

#[test]
fn shapes_of_assertions() {
    let accepted = [
        Shape { role_first: true, blanks: true, prefix: "saml".into(), ..Shape::default() },
        Shape { prefix: String::new(), single_quotes: true, value_first: true, ..Shape::default() },
        Shape { encrypted: true, session_duration: Some(43_200), ..Shape::default() },
        Shape { odd_names: true, extra_roles: 40, ..Shape::default() },
    ];
    for shape in accepted {
        let client = Client::with(shape.clone());
        let (status, body) = client.assume(&client.assertion(), ROLE, "900");
        assert_eq!(status, 200, "{shape:?}: {body}");
    }
    let refused = [
        (Shape { expired: true, ..Shape::default() }, "ExpiredTokenException"),
        (Shape { audience: Some("https://example.com".into()), ..Shape::default() }, "InvalidIdentityToken"),
        (Shape { no_user: true, ..Shape::default() }, "InvalidIdentityToken"),
        (Shape { xml: Some("<a/>".into()), ..Shape::default() }, "InvalidIdentityToken"),
        (Shape { extra_roles: 2000, ..Shape::default() }, "ValidationError"),
    ];
    for (shape, code) in refused {
        let client = Client::with(shape);
        client.refuses(&client.assertion(), 400, code);
    }
    let client = Client::with(Shape { session_ends: Some(1000), ..Shape::default() });
    assert_eq!(client.assume(&client.assertion(), ROLE, "3600").0, 200);
    let state = client.simulator.state();
    assert!(state.issued().all(|(_, issued)| issued.ends - state.now() <= 1000));
    drop(state);
    let client = Client::with(Shape { html: Some("<p>MFA".into()), ..Shape::default() });
    assert_eq!(client.page(&client.sign_in(SCOPE)), "<p>MFA");
}

#[test]
fn another_partition() {
    let client = Client::with(Shape { partition: Some("aws-us-gov".into()), ..Shape::default() });
    let assertion = client.assertion();
    client.refuses(&assertion, 400, "InvalidIdentityToken");
    let at = |host: &str| {
        let form = [
            ("Action", "AssumeRoleWithSAML"),
            ("Version", "2011-06-15"),
            ("RoleArn", "arn:aws-us-gov:iam::111122223333:role/eks/EKSViewer"),
            ("PrincipalArn", "arn:aws-us-gov:iam::111122223333:saml-provider/Okta"),
            ("SAMLAssertion", &assertion),
        ];
        read(client.agent.post(client.url("/")).header("host", host).send_form(form).expect("an answer"))
    };
    assert_eq!(at("sts.us-gov-west-1.amazonaws.com").0, 200);
    assert_eq!(at("sts.eu-west-1.amazonaws.com").0, 400);
    assert_eq!(at("sts.amazonaws.com").0, 400);
}

#[test]
fn the_device_flow() {
    let client = Client::new(Org::default());
    let started = client.start("openid okta.apps.sso");
    let code = started["device_code"].as_str().expect("a code");
    let error = |answer: Answer| (answer.0, json(&answer.1)["error"].as_str().expect("an error").to_owned());
    assert_eq!(error(client.poll("nonsense")), (400, "invalid_grant".into()));
    client.simulator.state().world.approve = false;
    client.simulator.state().world.interval = 5;
    assert_eq!(error(client.poll(code)), (400, "authorization_pending".into()));
    let slow = client.start("openid okta.apps.sso");
    let slow = slow["device_code"].as_str().expect("a code");
    assert_eq!(error(client.poll(slow)), (400, "authorization_pending".into()));
    assert_eq!(error(client.poll(slow)), (400, "slow_down".into()));
    assert_eq!(client.simulator.state().waiting().len(), 2);
    client.simulator.advance(10);
    assert!(client.simulator.decide(started["user_code"].as_str().expect("a code"), false));
    assert_eq!(error(client.poll(code)), (400, "access_denied".into()));
    client.simulator.advance(600);
    assert_eq!(error(client.poll(slow)), (400, "expired_token".into()));
    let (status, body) = client.post("/oauth2/v1/device/authorize", &[("client_id", "other"), ("scope", SCOPE)]);
    assert!(status == 400 && json(&body)["errorCode"] == "invalid_client", "{body}");
    let as_json = client.agent.post(client.url("/oauth2/v1/device/authorize")).content_type("application/json");
    assert_eq!(read(as_json.send("{}").expect("an answer")).0, 400);
    client.simulator.state().world.okta.refresh = false;
    let form = [("client_id", "0oaclient"), ("scope", SCOPE)];
    assert!(client.post("/oauth2/v1/device/authorize", &form).1.contains("invalid_scope"));
    client.simulator.state().world.okta.pipeline = "v1".into();
    let (status, body) = client.post("/oauth2/v1/device/authorize", &form);
    assert!(status == 404 && body.starts_with("<!DOCTYPE html>"), "{body}");
}

#[test]
fn tokens_are_renewed_and_end() {
    let client = Client::new(Org::default());
    let refresh = |token: &Value| {
        let token = token["refresh_token"].as_str().expect("a token");
        let form = [("client_id", "0oaclient"), ("grant_type", "refresh_token"), ("refresh_token", token)];
        client.post("/oauth2/v1/token", &form)
    };
    let revoke = |token: &Value| {
        let form = [("client_id", "0oaclient"), ("token", token.as_str().expect("a token"))];
        assert_eq!(client.post("/oauth2/v1/revoke", &form), (200, String::new()));
    };
    assert!(client.sign_in("openid okta.apps.sso").get("refresh_token").is_none());
    let first = client.sign_in(SCOPE);
    let next = json(&refresh(&first).1);
    assert_eq!(refresh(&first).0, 400, "rotated");
    assert_eq!(client.exchange(&next, "0oaaws").0, 200);
    revoke(&next["refresh_token"]);
    revoke(&next["refresh_token"]);
    assert_eq!((refresh(&next).0, client.exchange(&next, "0oaaws").0), (400, 400));
    let (other, ended) = (client.sign_in(SCOPE), client.sign_in(SCOPE));
    revoke(&other["access_token"]);
    assert_eq!((refresh(&other).0, client.exchange(&other, "0oaaws").0), (200, 400));
    client.simulator.state().end_okta_session();
    assert!(client.exchange(&ended, "0oaaws").1.contains("the session associated with it was terminated"));
    assert!(refresh(&ended).1.contains("The refresh token is invalid or expired."));
    let stale = client.sign_in(SCOPE);
    assert_eq!(client.exchange(&stale, "0oaaws").0, 200, "a new session");
    client.simulator.advance(3600);
    assert_eq!(client.exchange(&stale, "0oaaws").0, 400);
}

#[test]
fn what_the_org_refuses() {
    let closed = App { allows_client: false, ..App::new("0oaclosed", "Closed") };
    let apps = vec![App::new("0oaaws", "AWS"), closed];
    let client = Client::new(Org { apps, reads_apps: false, ..Org::default() });
    let tokens = client.sign_in(SCOPE);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
    let links = client.get("/api/v1/users/me/appLinks", ("authorization", &bearer));
    let why = links.headers()["www-authenticate"].to_str().expect("text").to_owned();
    assert!(why.contains("does not contain the required scopes."), "{why}");
    assert_eq!(json(&read(links).1)["errorCode"], "E0000006");
    assert_eq!(read(client.get("/api/v1/users/me/appLinks", ("accept", "*/*"))).0, 401);
    assert!(client.exchange(&tokens, "0oaclosed").1.contains("must be configured to allow the client"));
    assert_eq!(client.exchange(&tokens, "0oaother").0, 400);
    client.simulator.state().world.okta.refusal = Some("more assurance".into());
    assert!(client.exchange(&tokens, "0oaaws").1.contains("more assurance"));
    client.simulator.state().world.okta.grants_exchange = false;
    assert!(client.exchange(&tokens, "0oaaws").1.contains("unauthorized_client"));
    assert_eq!(read(client.get("/login/token/sso?token=a", ("accept", "*/*"))).0, 405);
}

#[test]
fn redirects_want_their_cookie() {
    let client = Client::new(Org { redirects: 2, ..Org::default() });
    let tokens = client.sign_in(SCOPE);
    let cookie = |response: &Response<Body>| {
        let mut all = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().expect("text"));
        let sid = all.find(|value| value.starts_with("sid=")).expect("a cookie");
        sid.split(';').next().expect("a part").to_owned()
    };
    let target = |response: &Response<Body>| response.headers()["location"].to_str().expect("text").to_owned();
    let pass = || json(&client.exchange(&tokens, "0oaaws").1)["access_token"].as_str().expect("a token").to_owned();
    let first = client.send("/login/token/sso", &[("token", &pass())]);
    assert_eq!((first.status().as_u16(), target(&first).as_str()), (302, "/app/amazon_aws/0oaaws/sso/saml?step=1"));
    let second = client.get(&target(&first), ("cookie", &format!("t=default; {}", cookie(&first))));
    assert_eq!(second.status().as_u16(), 302);
    let last = read(client.get(&target(&second), ("cookie", &cookie(&second))));
    assert!(last.0 == 200 && last.1.contains("SAMLResponse"), "{}", last.1);
    let first = client.send("/login/token/sso", &[("token", &pass())]);
    assert_eq!(read(client.get(&target(&first), ("cookie", "t=default"))).0, 403);
    assert_eq!(client.simulator.count("OktaSsoPage"), 3);
}
