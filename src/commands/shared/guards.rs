//! Guards of contexts: where they are enforced. A person is asked, or the call ends.

use std::collections::BTreeSet;

use crate::commands::shared::call::Call;
use crate::domain::settings::guard::Asking;
use crate::domain::settings::policy::Refused;
use crate::domain::trail::About;
use crate::error::{Error, Kind, Result};

impl Call<'_> {
    /// Obeys the guard of contexts: asks the person once for all of them. `yes` answers for the person's own guards, never for
    /// those of the machine's policy.
    pub fn pass_guards(&self, guarded: impl IntoIterator<Item = About>, yes: bool, doing: &str) -> Result<()> {
        self.pass_guards_of(guarded, &[], yes, doing)
    }

    /// The same where the guard of another name asks, too: of the context that was named, which comes to another one.
    pub fn pass_guards_of(
        &self,
        guarded: impl IntoIterator<Item = About>,
        named: &[&str],
        yes: bool,
        doing: &str,
    ) -> Result<()> {
        let policy = self.world.policy()?;
        let mut asked: Vec<About> = guarded.into_iter().collect();
        let rule = |about: &About| about.context.as_deref().and_then(|name| policy.asks(name));
        asked.retain(|about| !yes || rule(about).is_some());
        let names: Vec<String> =
            asked.iter().filter_map(|about| Some(format!("`{}`", about.context.as_ref()?))).collect();
        let list = names.join(", ");
        if asked.is_empty() {
            return Ok(());
        }
        let contexts = asked.iter().filter_map(|about| about.context.as_deref());
        let asking: BTreeSet<Asking> = match self.settings() {
            Ok(settings) => {
                contexts.chain(named.iter().copied()).filter_map(|name| settings.config.asking(name)).collect()
            }
            Err(_) => BTreeSet::new(),
        };
        let reasons = asking.iter().map(Asking::words).collect::<Vec<_>>().join("; ");
        let keep_back = |kind| {
            let noted = self.noted.kept_back(self.world, self.sink(), |name| self.identity(name), &asked, kind);
            self.told_if_lost(noted);
        };
        if !self.interactive() {
            keep_back(Kind::Denied);
            if let Some(rule) = asked.iter().find_map(rule) {
                let fact = format!("{list}: a person is to be asked first, and there is nobody to ask");
                return Err(Refused { fact, rule }.into());
            }
            let says = asking.first().map_or("config.toml says", Asking::says);
            let fact = format!("{list}: {says} to ask first, and there is nobody to ask");
            let error = Error::new(Kind::Guarded, fact);
            let error = if reasons.is_empty() { error } else { error.cause(&reasons) };
            return Err(error.hint("say --yes, if you are sure"));
        }
        let why = if reasons.is_empty() { reasons } else { format!(" {reasons}.") };
        let answer = match self.confirm(&format!("{doing} {list}?{why}")) {
            Ok(true) => return Ok(()),
            Ok(false) => Error::new(Kind::Interrupted, "nothing was done"),
            Err(error) => error,
        };
        keep_back(answer.kind());
        Err(answer)
    }
}
