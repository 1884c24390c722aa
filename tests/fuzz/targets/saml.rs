//! The reader of Okta's page and of SAML assertions: whatever comes, it answers or says why not, and what it takes for a role
//! is one.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eksso::domain::sign_in::saml::{Assertion, Page, SamlRole};
use eksso::domain::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let page = Page::read(text);
    if let Some(response) = &page.response {
        check(&Assertion::read(response).unwrap_or_default());
    }
    let found = Assertion::of_xml(text);
    if let Ok(found) = &found {
        check(found);
    }
    // However it is packed, the same is read.
    let packed = Secret::new(STANDARD.encode(text));
    assert_eq!(Assertion::read(&packed).ok(), found.ok());
    _ = text.parse::<SamlRole>();
});

fn check(found: &Assertion) {
    for role in &found.roles {
        let text = format!("{},{}", role.arn, role.provider);
        assert_eq!(text.parse().as_ref(), Ok(role), "{text}");
        let inside = format!(":{}:", role.account);
        assert!(role.arn.as_str().contains(&inside) && role.provider.as_str().contains(&inside), "{text}");
        assert!(role.arn.as_str().ends_with(role.role.as_str()), "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
