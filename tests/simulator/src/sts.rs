//! Who signed a request, from headers or a presigned URL, and STS GetCallerIdentity on top of it.

use axum::body::Body;
use axum::http::{Response, header};

use crate::sigv4::{Signed, pairs, sha256_hex};
use crate::state::{Issued, Shared, State, random};
use crate::web::Call;
use crate::world::partition;

/// The signer of a request.
pub(crate) struct Caller {
    pub account: String,
    pub role: String,
    pub iam_role: String,
    pub access_key: String,
    pub region: String,
}

impl Caller {
    pub fn session_arn(&self, user: &str) -> String {
        let partition = partition(&self.region);
        format!("arn:{partition}:sts::{}:assumed-role/{}/{user}", self.account, self.iam_role)
    }

    pub fn user_id(&self, user: &str) -> String {
        format!("AROASIMULATED{}:{user}", self.role.to_uppercase())
    }
}

/// Why a signature is not accepted: AWS's error name.
pub(crate) type Rejection = &'static str;

/// Checks the Authorization header of a request for a service.
pub(crate) fn header_caller(state: &State, call: &Call, service: &str) -> Result<Caller, Rejection> {
    let incomplete = "IncompleteSignature";
    let value = call
        .header("authorization")
        .and_then(|v| v.strip_prefix("AWS4-HMAC-SHA256 "))
        .ok_or("MissingAuthenticationToken")?;
    let field = |name: &str| value.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (credential, names) = (field("Credential").ok_or(incomplete)?, field("SignedHeaders").ok_or(incomplete)?);
    let (key, scope) = credential.split_once('/').ok_or(incomplete)?;
    let headers = names.split(';').map(|name| Some((name.to_owned(), call.header(name)?.to_owned())));
    let signed = Signed {
        method: call.parts.method.as_str(),
        path: call.path(),
        query: pairs(call.raw_query()).ok_or(incomplete)?,
        headers: headers.collect::<Option<_>>().ok_or(incomplete)?,
        payload_hash: sha256_hex(&call.body),
        date: call.header("x-amz-date").ok_or(incomplete)?,
        scope,
    };
    if !names.split(';').any(|name| name == "host") {
        return Err(incomplete);
    }
    let token = call.header("x-amz-security-token").unwrap_or_default();
    check(state, key, token, &signed, service, field("Signature").ok_or(incomplete)?, 300)
}

/// Checks a presigned GET; `headers` are those the verifier itself sends.
pub(crate) fn presigned_caller(state: &State, query: &str, headers: &[(&str, &str)]) -> Result<Caller, Rejection> {
    let incomplete = "IncompleteSignature";
    let mut query = pairs(query).ok_or(incomplete)?;
    let find = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (credential, date) = (find("X-Amz-Credential").ok_or(incomplete)?, find("X-Amz-Date").ok_or(incomplete)?);
    let (names, signature) =
        (find("X-Amz-SignedHeaders").ok_or(incomplete)?, find("X-Amz-Signature").ok_or(incomplete)?);
    let token = find("X-Amz-Security-Token").unwrap_or_default();
    let (key, scope) = credential.split_once('/').ok_or(incomplete)?;
    query.retain(|(name, _)| name != "X-Amz-Signature");
    let sent = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let signed_headers = names.split(';').map(|name| Some((name.to_owned(), sent(name)?)));
    let signed = Signed {
        method: "GET",
        path: "/",
        query,
        headers: signed_headers.collect::<Option<_>>().ok_or("SignatureDoesNotMatch")?,
        payload_hash: sha256_hex(b""),
        date: &date,
        scope,
    };
    check(state, key, &token, &signed, "sts", &signature, 900)
}

fn check(
    state: &State,
    key: &str,
    token: &str,
    signed: &Signed<'_>,
    service: &str,
    signature: &str,
    window: i64,
) -> Result<Caller, Rejection> {
    let own =
        state.world.access.keys.iter().find(|(known, ..)| known == key).map(|(_, secret, account, role)| Issued {
            secret: secret.clone(),
            token: String::new(),
            account: account.clone(),
            role: role.clone(),
            iam_role: role.clone(),
            ends: i64::MAX,
            chained: false,
        });
    let issued = state.issued.get(key).cloned().or(own).ok_or("UnrecognizedClientException")?;
    let Issued { secret, token: right_token, account, role, iam_role, ends, .. } = &issued;
    let scope: Vec<&str> = signed.scope.split('/').collect();
    let [day, region, of, "aws4_request"] = scope.as_slice() else { return Err("IncompleteSignature") };
    if *of != service || !signed.date.starts_with(day) || signed.signature(secret) != signature {
        return Err("SignatureDoesNotMatch");
    }
    if token != right_token {
        return Err("UnrecognizedClientException");
    }
    let (now, made) = (state.now(), unix(signed.date).ok_or("IncompleteSignature")?);
    if made > now + 300 || now - made > window {
        return Err("SignatureDoesNotMatch");
    }
    if now >= *ends {
        return Err("ExpiredTokenException");
    }
    let (account, role, iam_role) = (account.clone(), role.clone(), iam_role.clone());
    Ok(Caller { account, role, iam_role, access_key: key.to_owned(), region: (*region).to_owned() })
}

/// `yyyymmddThhmmssZ` → Unix seconds.
pub(crate) fn unix(date: &str) -> Option<i64> {
    let bytes = date.as_bytes();
    let shape = bytes.len() == 16 && bytes[8] == b'T' && bytes[15] == b'Z';
    let number = |range: std::ops::Range<usize>| date.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    let valid =
        shape && (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    // Days since the epoch of a civil date (Howard Hinnant's algorithm).
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    valid.then_some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

pub(crate) fn xml(status: u16, body: String) -> Response<Body> {
    let builder = Response::builder().status(status).header(header::CONTENT_TYPE, "text/xml");
    builder.body(body.into()).expect("a response")
}

fn refusal(status: u16, code: &str) -> Response<Body> {
    refusal_with(status, code, "simulated")
}

pub(crate) fn refusal_with(status: u16, code: &str, message: &str) -> Response<Body> {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    let space = "https://sts.amazonaws.com/doc/2011-06-15/";
    xml(status, format!("<ErrorResponse xmlns=\"{space}\">{error}<RequestId>sim</RequestId></ErrorResponse>"))
}

/// AssumeRole, where the world lets the caller.
pub(crate) fn assume_role(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    let caller = match header_caller(&state, call, "sts") {
        Ok(caller) => caller,
        Err(code) => return refusal(403, code),
    };
    let (arn, session) = (call.form("RoleArn").unwrap_or_default(), call.form("RoleSessionName").unwrap_or_default());
    let wanted: i64 = call.form("DurationSeconds").and_then(|n| n.parse().ok()).unwrap_or(3600);
    let name = state.world.role_session_name.clone().unwrap_or_else(|| state.world.user.clone());
    let runs = state.world.access.runs.contains(&(caller.role.clone(), arn.clone()));
    let may = state.world.assumable.contains(&(caller.role.clone(), arn.clone())) || runs;
    if !may || call.form("ExternalId") != state.world.external_id {
        return refusal(403, "AccessDenied");
    }
    if !(900..=3600).contains(&wanted) || (session != name && !runs) {
        return refusal(400, "ValidationError");
    }
    issue(&mut state, "AssumeRole", &arn, wanted)
}

/// AssumeRoleWithWebIdentity, where the token is the runner's.
pub(crate) fn assume_with_web_identity(shared: &Shared, call: &Call) -> Response<Body> {
    let mut state = shared.state();
    let (token, arn) = (call.form("WebIdentityToken").unwrap_or_default(), call.form("RoleArn").unwrap_or_default());
    if call.header("authorization").is_some() || state.world.access.web_identity != Some((token, arn.clone())) {
        return refusal(400, "InvalidIdentityToken");
    }
    issue(&mut state, "AssumeRoleWithWebIdentity", &arn, 3600)
}

/// New credentials of a role.
fn issue(state: &mut State, operation: &str, arn: &str, wanted: i64) -> Response<Body> {
    let parts: Vec<&str> = arn.split(':').collect();
    let (account, role) = (parts[4].to_owned(), arn.rsplit('/').next().unwrap_or_default().to_owned());
    let key = format!("ASIA{}", random(8).to_uppercase());
    let (secret, token, ends) = (state.secret("sk", 0), state.secret("st", 0), state.now() + wanted);
    let (for_xml, iam_role) = ((secret.clone(), token.clone()), role.clone());
    let chained = operation == "AssumeRole";
    state.issued.insert(key.clone(), Issued { secret, token, account, role, iam_role, ends, chained });
    let end = iso(ends);
    xml(
        200,
        format!(
            "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result><Credentials>\
             <AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>\
             <Expiration>{end}</Expiration></Credentials></{operation}Result>\
             <ResponseMetadata><RequestId>sim</RequestId></ResponseMetadata></{operation}Response>",
            for_xml.0, for_xml.1
        ),
    )
}

/// Unix seconds → RFC 3339.
pub(crate) fn iso(seconds: i64) -> String {
    let (days, of_day) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let era = days.div_euclid(146_097);
    let doe = days - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// GetCallerIdentity, as XML or, on request, as JSON.
pub(crate) fn caller_identity(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match call.header("authorization") {
        Some(_) => header_caller(&state, call, "sts"),
        None => {
            let cluster = call.header("x-k8s-aws-id").unwrap_or_default();
            presigned_caller(
                &state,
                call.raw_query(),
                &[("host", call.header("host").unwrap_or_default()), ("x-k8s-aws-id", cluster)],
            )
        }
    };
    let caller = match caller {
        Ok(caller) => caller,
        Err(code) => return refusal(403, code),
    };
    let (arn, id, account) =
        (caller.session_arn(&state.world.user), caller.user_id(&state.world.user), &caller.account);
    if call.header("accept") == Some("application/json") {
        return crate::web::ok(&serde_json::json!({ "GetCallerIdentityResponse": { "GetCallerIdentityResult":
            { "Arn": arn, "UserId": id, "Account": account }, "ResponseMetadata": { "RequestId": "sim" } } }));
    }
    xml(
        200,
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{id}</UserId><Account>{account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>sim</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
        ),
    )
}
