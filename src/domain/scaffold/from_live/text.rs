//! The file's text.

use crate::domain::scaffold::code::comment;
use crate::domain::scaffold::from_live::draft::{Bindings, Draft, Planned, Shape};
use crate::domain::scaffold::plan::UNNAMED;

impl Draft {
    pub fn text(&self) -> String {
        let mut out = String::from(
            "# What clusters have today, as `eksso scaffold from-live` read it. Review it before anything is made of it:\n\
             #   eksso scaffold check   who may do what, as a matrix\n\
             #   eksso scaffold diff    what there is against this file\n\
             # Tiers are named after their roles: name them cluster-admin, developer, viewer, ci, break-glass or access-admin where that is what\n\
             # they are for, and name the roles that hand out access and no cluster knows. Policies of roles stay as they are where there is no `iam`.\n",
        );
        if let Some(directory) = self.instance.as_ref().filter(|_| self.tiers.values().any(|tier| tier.is_set)) {
            out.push_str(&format!("\n[scaffold]\nregion = {}\n", toml(&directory.region)));
            if !directory.owner.is_empty() {
                out.push_str(&format!(
                    "# account = {}   # it owns the instance; name the account that administers it\n",
                    toml(&directory.owner)
                ));
            }
        }
        for (key, Planned { account, region, name, mode, word }) in &self.clusters {
            out.push_str(&format!("\n[clusters.{key}]\naccount = \"{account}\"\nregion = \"{region}\"\n"));
            if key != name {
                out.push_str(&format!("cluster = {}\n", toml(name)));
            }
            let word = if word.is_empty() { String::new() } else { format!("   # {}", comment(word)) };
            out.push_str(&format!("mode = \"{}\"{word}\n", mode.word()));
        }
        for (name, tier) in &self.tiers {
            let Shape { access, namespaces, groups, rbac, people } = &tier.shape;
            out.push_str(&format!("\n[tiers.{name}]\nroles = [{}]\n", toml(&tier.role)));
            match (tier.is_set, people.as_deref()) {
                (true, Some([_, ..])) => {
                    out.push_str(&format!("people = {}\n", list(people.as_deref().unwrap_or_default())))
                }
                (true, people) => {
                    let word = if people.is_some() {
                        "no group is assigned it: name one, which may be empty"
                    } else {
                        "not known: name the groups that are assigned it"
                    };
                    let group = toml(&format!("{UNNAMED}{}", tier.role));
                    out.push_str(&format!("people = [{group}]   # {word}\n"));
                }
                (false, _) => out.push_str(&format!("made_elsewhere = true   # {}\n", comment(&tier.trusts))),
            }
            if let Some(session) = tier.session {
                let (hours, minutes) = (session / 3600, session / 60);
                let session = if session % 3600 == 0 { format!("{hours}h") } else { format!("{minutes}m") };
                out.push_str(&format!("session = \"{session}\"\n"));
            }
            out.push_str(&format!("clusters = {}\n", list(&tier.clusters)));
            if let Some(access) = access {
                out.push_str(&format!("access = {}\n", toml(access)));
            }
            if !groups.is_empty() {
                out.push_str(&format!("kubernetes_groups = {}\n", list(groups)));
            }
            if let Some(rbac) = rbac {
                out.push_str(&format!("rbac = {}\n", toml(rbac)));
            }
            if !namespaces.is_empty() {
                out.push_str(&format!("namespaces = {}\n", list(namespaces)));
            }
            if let Some(iam) = tier.iam {
                out.push_str(&format!("iam = \"{iam}\"\n"));
            }
        }
        for Bindings { role, namespaces, clusters, groups } in &self.bindings {
            let key = if role.kind() == "Role" { "role" } else { "rbac" };
            out.push_str(&format!(
                "\n[[bindings]]\ngroups = {}\n{key} = {}\nclusters = {}\n",
                list(groups),
                toml(role.name()),
                list(clusters)
            ));
            if !namespaces.is_empty() {
                out.push_str(&format!("namespaces = {}\n", list(namespaces)));
            }
        }
        if !self.left.is_empty() {
            out.push_str("\n# Not in this file, as it cannot say it or as it could not be read:\n");
            self.left.iter().for_each(|line| out.push_str(&format!("# - {}\n", comment(line))));
        }
        out
    }
}

fn list(all: &[String]) -> String {
    format!("[{}]", all.iter().map(|text| toml(text)).collect::<Vec<_>>().join(", "))
}

/// A text in TOML. Source: TOML 1.0, "Basic strings".
fn toml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
