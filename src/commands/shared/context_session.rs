//! `--session` where a command is about a context, which has a session of its own: whoever names one means the contexts of that
//! one, and must not be led to the roles of another. `EKSSO_SESSION` stands for whole shells, and says nothing of a context.

use crate::commands::shared::call::Call;
use crate::domain::identity::Identity;
use crate::domain::ids::SessionName;
use crate::domain::text::shell_word;
use crate::error::{Error, Result};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, matching};

impl Call<'_> {
    /// Refuses a context that is not of the session that `--session` names.
    ///
    /// # Errors
    /// It is another one's, or nobody's; or there is no such session.
    pub fn hold_to_session(&self, context: &str, identity: Option<&Identity>) -> Result<()> {
        let Some(named) = &self.globals.session else { return Ok(()) };
        let named: SessionName = named.parse()?;
        let own = identity.map(|identity| &identity.session);
        if own == Some(&named) {
            return Ok(());
        }
        // A name that is mistyped is that, and no other session.
        self.settings()?.named(self.world, &named)?;
        let shown = shell_word(context);
        Err(match own {
            Some(own) => Error::usage(format!("the context `{context}` is of the session `{own}`, not of `{named}`"))
                .hint(format!(
                    "without --session the context decides; contexts of `{named}`: eksso sync --session {named}"
                )),
            None => Error::usage(format!("the context `{context}` is of no session of eksso, and not of `{named}`"))
                .hint(format!("eksso doctor {shown}")),
        })
    }

    /// The same for one that is read by its name; one that is not there is for others to tell.
    pub fn hold_context_to_session(&self, files: &Kubeconfigs, context: &str) -> Result<()> {
        let entry = self.globals.session.as_ref().and_then(|_| files.context(context));
        entry.map_or(Ok(()), |entry| self.hold_to_session(context, entry.identity.as_ref()))
    }

    /// The contexts that names and globs mean. Of what a glob means, those of the session that `--session` names.
    pub fn matching<'k>(&self, files: &'k Kubeconfigs, patterns: &[String], command: &str) -> Result<Vec<&'k str>> {
        let names = matching(files, patterns, command)?;
        if self.globals.session.is_none() {
            return Ok(names);
        }
        let is_own = |name: &&str| {
            let identity = files.context(name).and_then(|entry| entry.identity);
            identity.is_some_and(|identity| Some(identity.session.as_str()) == self.globals.session.as_deref())
        };
        let (own, others): (Vec<&str>, Vec<&str>) = names.into_iter().partition(is_own);
        // With contexts of its own a session counts, also one that was forgotten: they must still be removable.
        let is_named = |name: &&&str| patterns.iter().any(|pattern| pattern == **name);
        let refused = others.iter().find(is_named).or_else(|| others.first().filter(|_| own.is_empty()));
        match refused {
            Some(name) => self.hold_context_to_session(files, name).map(|()| own),
            None => Ok(own),
        }
    }
}
