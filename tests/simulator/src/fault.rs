//! Things that go wrong on purpose.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode, header};

/// What happens instead of, or before, the right answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An error answer with a status, an AWS error name and a body.
    Error(u16, &'static str, &'static str),
    /// An error answer with a status and an AWS error name, in whose words the request is quoted: all headers and the body.
    Echo(u16, &'static str),
    /// A web page, as from a captive portal.
    Html,
    /// The first half of a JSON object.
    HalfJson,
    /// An answer of 10 MB.
    Huge,
    /// A redirect to another host.
    Redirect(String),
    /// A body that ends before its announced length.
    CutBody,
    /// A pause before the right answer.
    Delay(Duration),
    /// The right answer, decided at once, on its way for a while.
    Late(Duration),
    /// The right answer, decided at once, and lost: the connection breaks before any of it is sent.
    Lost,
    /// No answer at all, for as long as the simulator runs.
    Hang,
}

/// Requests that a fault hits.
#[derive(Debug)]
pub(crate) struct Planned {
    pub operation: String,
    /// What their target and Authorization header must contain.
    pub contains: String,
    pub turn: Turn,
    pub fault: Fault,
}

/// Which ones of these requests.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The next so many.
    Next(usize),
    /// Each n-th, and how many there were.
    Each { every: usize, seen: usize },
}

impl Planned {
    pub fn concerns(&self, operation: &str, text: &str) -> bool {
        self.operation == operation && text.contains(&self.contains)
    }

    /// Whether it is the turn of a request it concerns; those that another fault hits are counted, too.
    pub fn is_due(&mut self, free: bool) -> bool {
        match &mut self.turn {
            Turn::Next(times) if free && *times > 0 => {
                *times -= 1;
                true
            }
            Turn::Next(_) => false,
            Turn::Each { every, seen } => {
                *seen += 1;
                seen.is_multiple_of(*every)
            }
        }
    }
}

impl Fault {
    /// The wrong answer; `None` for faults that only delay.
    pub(crate) fn response(&self) -> Option<Response<Body>> {
        let plain = |status: u16, kind: &str, body: Body| {
            Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(body).expect("a response")
        };
        Some(match self {
            Self::Error(status, name, body) => {
                let mut response = plain(*status, "application/json", (*body).into());
                if !name.is_empty() {
                    response.headers_mut().insert("x-amzn-errortype", name.parse().expect("a header"));
                }
                response
            }
            Self::Html => plain(200, "text/html", "<!doctype html><title>Welcome to the hotel Wi-Fi</title>".into()),
            Self::HalfJson => plain(200, "application/json", "{\"accountList\": [{\"accountId\":".into()),
            Self::Huge => plain(200, "application/json", format!("{{\"x\":\"{}\"}}", "x".repeat(10 << 20)).into()),
            Self::Redirect(target) => {
                let mut response = plain(302, "text/html", Body::empty());
                *response.status_mut() = StatusCode::FOUND;
                response.headers_mut().insert(header::LOCATION, target.parse().expect("a header"));
                response
            }
            Self::CutBody => {
                let chunks = vec![Ok("{\"accountList\":"), Err(std::io::Error::other("cut"))];
                let body = Body::from_stream(futures_util::stream::iter(chunks));
                plain(200, "application/json", body)
            }
            Self::Delay(_) | Self::Late(_) | Self::Lost | Self::Hang | Self::Echo(..) => return None,
        })
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        if let Self::Delay(time) = self { Some(*time) } else { None }
    }
}
