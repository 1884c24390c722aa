//! An `access.toml` of what clusters have today. What the file cannot say is told in words, and left out whole: a file that says
//! half of it would take the other half away when it is applied.

mod bindings;
mod draft;
mod reading;
mod recognized;
mod text;

use std::collections::BTreeMap;

use crate::domain::access::facts::Facts;
use crate::domain::audit::access_file::FileError;
use crate::domain::audit::read;
use crate::domain::scaffold::drift::compare;
use crate::domain::scaffold::drift::difference::State;
use crate::domain::scaffold::files;
use crate::domain::scaffold::from_live::draft::Draft;
use crate::domain::scaffold::kinds::Kinds;
use crate::domain::scaffold::plan::{Plan, UNNAMED};

/// A file, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The file's text.
    pub text: String,
    /// What it cannot say, or what could not be read: a line each. The text has them as comments.
    pub left: Vec<String>,
}

/// Derives the file.
///
/// # Errors
/// There is no cluster that a file could name; why.
pub fn derive(facts: &Facts) -> Result<Derived, String> {
    let mut draft = Draft { left: facts.unsearched.clone(), ..Draft::default() };
    draft.clusters(facts);
    if draft.clusters.is_empty() {
        return Err(draft.left.first().cloned().unwrap_or_else(|| "no cluster was found".to_owned()));
    }
    draft.instance = facts.directories.iter().find(|directory| !directory.instance.is_empty()).cloned();
    draft.roles(facts);
    // What check would refuse is left out with its reason, so that the file can be used as it is.
    let plan = loop {
        draft.bind(facts);
        match draft.plan() {
            Ok(plan) => break plan,
            Err(error) => draft.drop_at(&error)?,
        }
    };
    draft.recognize(facts, &plan);
    draft.unsayable(facts, &plan);
    Ok(Derived { text: draft.text(), left: draft.left })
}

impl Draft {
    fn plan(&self) -> Result<Plan, FileError> {
        // Groups that somebody is still to name hinder nothing else.
        let text = self.text().replace(UNNAMED, "Groups of ");
        let plan = Plan::of(&read(&text)?, &BTreeMap::new())?;
        files(&plan, Kinds { terraform: true, cloudformation: false, kubernetes: true })?;
        Ok(plan)
    }

    /// Tells of bindings that give people of the tiers something and that no file says: of single users.
    fn unsayable(&mut self, facts: &Facts, plan: &Plan) {
        let all = plan.clusters.keys().cloned().collect();
        for one in compare(plan, facts, &all).differences {
            if (one.kind, one.state) == ("binding", State::Extra) {
                let cluster = one.cluster.unwrap_or_default();
                self.say(format!(
                    "{cluster}: the binding {} ({}) stays as it is, and `eksso scaffold diff` lists it: a file binds groups of its tiers",
                    one.object, one.live.words
                ));
            }
        }
    }

    /// Leaves out what stands at the line of an error.
    fn drop_at(&mut self, error: &FileError) -> Result<(), String> {
        let text = self.text();
        if let (Some(line), Some(message)) = (error.line, error.message.strip_prefix("[[bindings]]: ")) {
            let number = text.lines().take(line).filter(|line| *line == "[[bindings]]").count();
            let Some(refused) = self.bindings.get(number.wrapping_sub(1)) else { return Err(error.to_string()) };
            let of = format!("{}: the binding of {}", refused.clusters.join(", "), refused.groups.join(", "));
            self.left.push(format!("{of} to {} {}: {message}", refused.role.kind(), refused.role.name()));
            self.refused.push(refused.clone());
            return Ok(());
        }
        let heading = error.line.and_then(|line| {
            let above: Vec<&str> = text.lines().take(line).collect();
            above.iter().rev().find(|line| line.starts_with('[')).map(|line| line.trim_matches(['[', ']']).to_owned())
        });
        let Some((kind, name)) = heading.as_deref().and_then(|heading| heading.split_once('.')) else {
            return Err(error.to_string());
        };
        let message = error.message.strip_prefix(&format!("[{kind}.{name}]: ")).unwrap_or(&error.message);
        let known = match kind {
            "tiers" => self.tiers.remove(name).is_some(),
            _ => {
                self.tiers.values_mut().for_each(|tier| tier.clusters.retain(|key| key != name));
                self.tiers.retain(|_, tier| !tier.clusters.is_empty());
                self.clusters.remove(name).is_some()
            }
        };
        if !known || self.clusters.is_empty() {
            return Err(error.to_string());
        }
        self.left.push(format!("{name}: {message}"));
        Ok(())
    }
}
