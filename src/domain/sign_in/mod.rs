//! Who the person is, and whether the sign-in is still good: flows, tokens, assertions, back-off.

pub mod aws_cli;
pub mod back_off;
pub mod device;
pub mod pkce;
pub mod register;
pub mod saml;
pub mod sealing_key;
pub mod tokens;
