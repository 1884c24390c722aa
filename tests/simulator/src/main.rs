//! Serves the small organisation, or a large one, until Ctrl-C or the end of stdin.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use eksso_simulator::{Simulator, World};

const USAGE: &str = "usage: eksso-simulator [--approve] [--port N] [--token-life SECONDS] [--okta]
       [--accounts N [--roles N] [--regions N] [--clusters N]] [--latency MS] [--rate PER_SECOND]
       [--until-eof]   ends with stdin, and prints how often each operation was asked for";

fn main() {
    let mut words = std::env::args().skip(1);
    let mut flags: BTreeMap<String, u64> = BTreeMap::new();
    while let Some(word) = words.next() {
        let number = match word.as_str() {
            "--approve" | "--until-eof" | "--okta" => Some(1),
            "--port" | "--token-life" | "--accounts" | "--roles" | "--regions" | "--clusters" | "--latency"
            | "--rate" => words.next().and_then(|number| number.parse().ok()),
            _ => None,
        };
        let Some(number) = number else {
            eprintln!("{USAGE}");
            std::process::exit(2);
        };
        flags.insert(word, number);
    }
    let size = |name: &str, default: u64| usize::try_from(flags.get(name).copied().unwrap_or(default)).expect("a size");
    let mut world = match flags.contains_key("--accounts") {
        true => World::large(size("--accounts", 1), size("--roles", 4), size("--regions", 2), size("--clusters", 2)),
        false => World::small(),
    };
    // The same as World::okta, and the large world likewise.
    world.dedicated = flags.contains_key("--okta");
    world.approve = flags.contains_key("--approve");
    world.latency = Duration::from_millis(flags.get("--latency").copied().unwrap_or(0));
    world.portal_rate = flags.get("--rate").map(|rate| u32::try_from(*rate).expect("a rate"));
    if let Some(life) = flags.get("--token-life") {
        world.access_token_life = i64::try_from(*life).expect("a life");
    }
    let simulator = Simulator::start_on(world, u16::try_from(size("--port", 0)).expect("a port"));
    for (name, value) in simulator.env() {
        println!("export {name}={value}");
    }
    println!("export AWS_ENDPOINT_URL_STS={}  # for eksso; unset it for `aws eks get-token`", simulator.url());
    println!("# eksso login --start-url {}/start --sso-region eu-west-1", simulator.url());
    if flags.contains_key("--okta") {
        println!("# eksso login --okta {} --client-id 0oaclient", simulator.url());
    }
    println!("# aws: sso_start_url = {}/start", simulator.url());
    if !flags.contains_key("--until-eof") {
        loop {
            std::thread::park();
        }
    }
    _ = std::io::stdin().read_to_end(&mut Vec::new());
    let state = simulator.state();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &state.requests {
        *counts.entry(&request.operation).or_default() += 1;
    }
    counts.insert("throttled", state.throttled);
    println!("{}", serde_json::json!(counts));
}
