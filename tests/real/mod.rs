//! eksso with the real parts a user has: kubectl, AWS CLI, Secret Service, a browser, shells, a terminal, packages.
//!
//! A missing part fails a test. `tests/run` installs all parts and names their folder in EKSSO_TEST_PARTS.

mod api_server;
mod authenticator;
mod aws_cli;
mod browser;
mod clients;
mod completions;
mod endpoint;
mod files;
mod iam_simulate;
mod judge;
mod kernel_keyring;
mod kubectl;
mod moto;
mod offered;
mod other_user;
mod packages;
mod page;
mod parts;
#[cfg(target_os = "linux")]
mod pictures;
mod policy;
mod sarif;
mod scaffold;
mod secret_service;
mod shells;
mod static_binary;
mod terminal;
mod who_can;
