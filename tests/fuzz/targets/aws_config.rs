//! The reader of `~/.aws/config`: whatever other tools and people wrote there, it answers or says why not.
#![no_main]

use eksso::domain::settings::aws_config::{legacy_portals, profile, profile_names, refused, sessions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    _ = (sessions(text), refused(text), legacy_portals(text));
    for name in profile_names(text).into_iter().take(8) {
        _ = profile(text, &name);
    }
});
