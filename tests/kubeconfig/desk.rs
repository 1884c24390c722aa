//! A desk with all contexts, and what is asked of it again and again.

use crate::support::Desk;
use serde_yaml::Value;

pub const ADD_ALL: [&str; 6] = ["add", "--account=*", "--role=EKS*", "--region=*", "--cluster=*", "--unmapped"];

pub fn desk_with_all() -> Desk {
    let desk = Desk::signed_in();
    desk.run(&ADD_ALL).ok();
    desk
}

pub fn current(desk: &Desk) -> String {
    desk.kubeconfig()["current-context"].as_str().unwrap_or_default().to_owned()
}

pub fn names(desk: &Desk) -> Vec<String> {
    desk.run(&["use", "-o", "name"]).ok().out.lines().map(str::to_owned).collect()
}

pub fn context<'a>(config: &'a Value, name: &str) -> &'a Value {
    let contexts = config["contexts"].as_sequence().expect("contexts");
    &contexts.iter().find(|context| context["name"] == name).unwrap_or_else(|| panic!("no {name}"))["context"]
}

/// Runs a shell line in a context; what it wrote to a file.
pub fn run_in(desk: &Desk, args: &[&str], line: &str) -> String {
    let out = desk.path("out");
    let line = format!("{{ {line}; }} >{}", out.display());
    desk.run(&[args, &["--", "sh", "-c", &line]].concat()).ok();
    std::fs::read_to_string(out).expect("written")
}
