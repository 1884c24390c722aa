//! The reader of `~/.aws/config`: whatever other tools and people wrote there, it answers or says why not.
#![no_main]

use eksso::domain::aws_config::{profile, profile_names, sessions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    _ = sessions(text);
    for name in profile_names(text).into_iter().take(8) {
        _ = profile(text, &name);
    }
});
