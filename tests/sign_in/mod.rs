//! Signing in and out, with IAM Identity Center and with Okta, and what a session lives through in between.

mod at_once;
mod flows;
mod kept;
mod locks;
mod login;
mod many;
mod offered;
mod okta;
mod okta_refusals;
mod pkce;
mod regions;
mod saml;
mod session;
mod signals;
mod single_use;
