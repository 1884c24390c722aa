//! `eksso-simulator [--approve] [--port N] [--token-life SECONDS]`: serves the small organisation until Ctrl-C.

use eksso_simulator::{Simulator, World};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut world = World { approve: false, ..World::small() };
    let mut port = 0;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match (arg.as_str(), rest.as_slice().first().and_then(|n| n.parse().ok())) {
            ("--approve", _) => world.approve = true,
            ("--port", Some(number)) => {
                port = number;
                rest.next();
            }
            ("--token-life", Some(seconds)) => {
                world.access_token_life = seconds.into();
                rest.next();
            }
            _ => {
                eprintln!("usage: eksso-simulator [--approve] [--port N] [--token-life SECONDS]");
                std::process::exit(2);
            }
        }
    }
    let simulator = Simulator::start_on(world, port);
    for (name, value) in simulator.env() {
        println!("export {name}={value}");
    }
    println!("# eksso login --start-url {}/start --sso-region eu-west-1", simulator.url());
    println!("# aws: sso_start_url = {}/start", simulator.url());
    loop {
        std::thread::park();
    }
}
